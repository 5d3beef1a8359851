package io.narthex.base.log;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.SimpleFormatter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands what the JDK's loggers get to slf4j, from warnings on. Made by the JDK when the first of
 * its loggers is used: it looks through the class path then, which a start need not wait for.
 */
public final class JdkBridge extends Handler {

  /** What the JDK makes in place of reading its own configuration. */
  public static final class Configuration {
    public Configuration() throws IOException {
      String text = "handlers=" + JdkBridge.class.getName() + "\n.level=WARNING\n";
      LogManager.getLogManager()
          .readConfiguration(new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8)));
    }
  }

  private final SimpleFormatter formatter = new SimpleFormatter();

  /** Made by the JDK, by name. */
  public JdkBridge() {}

  /** Makes the JDK's loggers come here, unless they are in use already or told otherwise. */
  static void use() {
    if (System.getProperty("java.util.logging.config.class") == null) {
      System.setProperty("java.util.logging.config.class", Configuration.class.getName());
    }
  }

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
