package io.narthex.base.log;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import java.io.PrintStream;
import org.slf4j.LoggerFactory;

/** Chooses what is logged and how. Before {@link #configure} the log is logfmt at level info. */
public final class Logging {

  /** From which level on lines are printed. */
  public enum Threshold {
    DEBUG(Level.DEBUG),
    INFO(Level.INFO),
    WARN(Level.WARN),
    ERROR(Level.ERROR);

    final Level level;

    Threshold(Level level) {
      this.level = level;
    }
  }

  /** How a line looks. */
  public enum Format {
    LOGFMT,
    JSON
  }

  private Logging() {}

  /** Puts level and format into force for all loggers. */
  public static void configure(Threshold threshold, Format format, PrintStream out) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();
    install(context, threshold, format, out);
  }

  static void install(LoggerContext context, Threshold threshold, Format format, PrintStream out) {
    LineAppender appender = new LineAppender(format, out);
    appender.setContext(context);
    appender.start();
    Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.setLevel(threshold.level.isGreaterOrEqual(Level.WARN) ? threshold.level : Level.WARN);
    // What libraries have to say below a warning is not for operators.
    context.getLogger("io.narthex").setLevel(threshold.level);
    root.addAppender(appender);
  }
}
