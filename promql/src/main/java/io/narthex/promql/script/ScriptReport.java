package io.narthex.promql.script;

import java.util.List;

/**
 * What became of a script.
 *
 * @param file its name
 * @param passed the evaluations all of whose expectations held, re-evaluations included
 * @param failures the evaluations of which any did not hold, and the commands that could not be
 *     read or run
 */
public record ScriptReport(String file, int passed, List<Failure> failures) {

  /** One failure. */
  public record Failure(int line, String command, String reason) {}

  /** The number of failures. */
  public int failed() {
    return failures.size();
  }

  /** {@code file: N passed, M failed}, and a line per failure. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder(file);
    out.append(": ").append(passed).append(" passed, ").append(failed()).append(" failed");
    for (Failure f : failures) {
      out.append("\n  ").append(file).append(':').append(f.line).append(": ");
      out.append(f.command).append(": ").append(f.reason);
    }
    return out.toString();
  }
}
