package io.narthex.testkit;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/**
 * The programs of others that tests compare with, as {@code prometheus35} and {@code promtool242}.
 * They lie in the folder that {@code NARTHEX_PEERS} names; tests that need one are skipped, and say
 * so, where it is absent.
 */
public final class Peers {

  private Peers() {}

  /** What a program printed, and how it ended. */
  public record Result(int exitCode, String out, String err) {}

  /** The way to a program; the test is skipped where it is absent. */
  public static Path program(String name) {
    String set = System.getProperty("NARTHEX_PEERS", System.getenv("NARTHEX_PEERS"));
    Assumptions.assumeTrue(
        set != null && !set.isEmpty(), "no peers: NARTHEX_PEERS does not name a folder");
    Path program = Path.of(set).resolve(name);
    Assumptions.assumeTrue(Files.isExecutable(program), () -> "no peer at " + program);
    return program;
  }

  /** Runs a program to its end. */
  public static Result run(String name, String... arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(program(name).toString());
    command.addAll(List.of(arguments));
    Path out = Files.createTempFile("peer", ".out");
    Path err = Files.createTempFile("peer", ".err");
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      int code = process.waitFor();
      return new Result(
          code,
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      Files.deleteIfExists(out);
      Files.deleteIfExists(err);
    }
  }
}
