package io.narthex.base.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class JdkBridgeTest {

  /** A program that logs through the JDK. */
  static final class Program {
    public static void main(String[] args) {
      LogProvider.use();
      java.util.logging.Logger logger = java.util.logging.Logger.getLogger("a.library");
      logger.info("not told");
      logger.log(java.util.logging.Level.WARNING, "{0} is left", "little");
      logger.severe("nothing is left");
    }
  }

  @Test
  void whatLibrariesSayThroughTheJdkIsInTheSameLines() throws Exception {
    // In a process of its own: loggers are set up once.
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Program.class.getName())
            .redirectErrorStream(true)
            .start();
    String out = new String(process.getInputStream().readAllBytes());
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    assertThat(out.lines())
        .hasSize(2)
        .anyMatch(line -> line.contains("level=WARN") && line.contains("msg=\"little is left\""))
        .anyMatch(line -> line.contains("level=ERROR") && line.contains("component=a.library"));
  }
}
