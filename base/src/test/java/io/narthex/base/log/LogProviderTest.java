package io.narthex.base.log;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import org.junit.jupiter.api.Test;

final class LogProviderTest {

  @Test
  void logsOursFromInfoOnAndOthersFromWarningsOn() {
    LogProvider provider = new LogProvider();
    provider.initialize();
    LoggerContext context = (LoggerContext) provider.getLoggerFactory();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    assertThat(context.getLogger("io.narthex.x").getEffectiveLevel()).isEqualTo(Level.INFO);
    assertThat(context.getLogger("org.other").getEffectiveLevel()).isEqualTo(Level.WARN);
    assertThat(root.iteratorForAppenders())
        .toIterable()
        .singleElement()
        .isInstanceOf(LineAppender.class);
    assertThat(context.isStarted()).isTrue();
    context.stop();
  }
}
