package io.narthex.base.log;

import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands what the JDK's loggers get to slf4j. */
final class JdkBridge extends Handler {

  private final SimpleFormatter formatter = new SimpleFormatter();

  @Override
  public void publish(LogRecord record) {
    String name = record.getLoggerName();
    Logger logger = LoggerFactory.getLogger(name == null ? "jdk" : name);
    boolean severe = record.getLevel().intValue() >= Level.SEVERE.intValue();
    (severe ? logger.atError() : logger.atWarn())
        .setCause(record.getThrown())
        .addKeyValue("component", name)
        .log(formatter.formatMessage(record));
  }

  @Override
  public void flush() {
    // Lines are written as they come.
  }

  @Override
  public void close() {
    // Nothing is held open.
  }
}
