package io.narthex.tools.check;

import io.narthex.tools.promtool.Promtool;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Runs {@code promtool} in this process. */
final class Tool {

  /** How it ended and what it said. */
  record Said(int code, String out, String err) {}

  private Tool() {}

  static Said run(String... words) {
    return runWith("", words);
  }

  static Said runWith(String input, String... words) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    int code;
    try (PrintStream o = new PrintStream(out, false, StandardCharsets.UTF_8);
        PrintStream e = new PrintStream(err, false, StandardCharsets.UTF_8)) {
      code =
          Promtool.run(
              List.of(words),
              new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
              o,
              e);
    }
    return new Said(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
