package io.narthex.base.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** The lines are those of Go's slog as Prometheus sets it up. */
final class LoggingTest {

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

  private Logger logger(Logging.Threshold threshold, Logging.Format format) {
    LoggerContext context = new LoggerContext();
    context.start();
    Logging.install(
        context, threshold, format, new PrintStream(bytes, true, StandardCharsets.UTF_8));
    return context.getLogger("io.narthex.test");
  }

  private String logged() {
    return bytes
        .toString(StandardCharsets.UTF_8)
        .replaceAll("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z", "TIME")
        .replaceAll("LoggingTest.java:\\d+", "LoggingTest.java:LINE");
  }

  @Test
  void printsLogfmt() {
    logger(Logging.Threshold.INFO, Logging.Format.LOGFMT)
        .atInfo()
        .addKeyValue("file", "a.yml")
        .addKeyValue("empty", "")
        .addKeyValue("err", "line 1: \"x\"\nline 2")
        .addKeyValue("equals", "a=b")
        .addKeyValue("backslash", "a\\b")
        .addKeyValue("umlaut", "é")
        .addKeyValue("count", 3)
        .addKeyValue("none", (Object) null)
        .log("Loading configuration file");
    assertThat(logged())
        .isEqualTo(
            "time=TIME level=INFO source=LoggingTest.java:LINE msg=\"Loading configuration file\""
                + " file=a.yml empty=\"\" err=\"line 1: \\\"x\\\"\\nline 2\" equals=\"a=b\""
                + " backslash=a\\b umlaut=é count=3 none=null\n");
  }

  @Test
  void printsJson() {
    logger(Logging.Threshold.INFO, Logging.Format.JSON)
        .atWarn()
        .addKeyValue("text", "a\"b\\c\nd\u0001é")
        .addKeyValue("count", 3)
        .addKeyValue("share", 0.5)
        .addKeyValue("on", true)
        .addKeyValue("none", (Object) null)
        .log("msg {}", 1);
    assertThat(logged())
        .isEqualTo(
            "{\"time\":\"TIME\",\"level\":\"WARN\",\"source\":\"LoggingTest.java:LINE\","
                + "\"msg\":\"msg 1\",\"text\":\"a\\\"b\\\\c\\nd\\u0001é\",\"count\":3,"
                + "\"share\":0.5,\"on\":true,\"none\":null}\n");
  }

  @Test
  void keepsBelowTheLevelSilent() {
    Logger logger = logger(Logging.Threshold.WARN, Logging.Format.LOGFMT);
    logger.debug("d");
    logger.info("i");
    logger.warn("w");
    logger.error("e");
    assertThat(logged().lines().map(line -> line.replaceAll(".*level=(\\w+).*", "$1")))
        .containsExactly("WARN", "ERROR");
  }

  @Test
  void librariesAreHeardFromWarningsOnOnly() {
    Logger logger = logger(Logging.Threshold.DEBUG, Logging.Format.LOGFMT);
    Logger library = logger.getLoggerContext().getLogger("com.example");
    library.info("quiet");
    library.warn("loud");
    logger.debug("ours");
    assertThat(logged()).contains("loud").contains("ours").doesNotContain("quiet");
  }

  @Test
  void anExceptionGivesItsMessageAndItsPlaceOnTheSameLine() {
    logger(Logging.Threshold.INFO, Logging.Format.LOGFMT)
        .error("failed", new IllegalStateException("the reason"));
    assertThat(logged().lines()).hasSize(1);
    assertThat(logged())
        .contains(
            "msg=failed err=\"the reason\" stack=\"java.lang.IllegalStateException: the reason\\n");
  }
}
