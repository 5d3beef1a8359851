package io.narthex.base.log;

import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.util.LogbackMDCAdapter;
import org.slf4j.ILoggerFactory;
import org.slf4j.IMarkerFactory;
import org.slf4j.helpers.BasicMarkerFactory;
import org.slf4j.spi.MDCAdapter;
import org.slf4j.spi.SLF4JServiceProvider;

/**
 * Logback, set up in place. Its own provider looks through every jar of the class path for
 * configurations, twice, and prepares to print what it found: 40 ms of each start.
 */
public final class LogProvider implements SLF4JServiceProvider {

  private final LoggerContext context = new LoggerContext();
  private final IMarkerFactory markers = new BasicMarkerFactory();
  private final MDCAdapter mdc = new LogbackMDCAdapter();

  /** Made by slf4j, by name. */
  public LogProvider() {}

  /**
   * Makes slf4j take this provider, unless another one is asked for, and the JDK's loggers print
   * where its loggers do. To be called before the first logger is made.
   */
  public static void use() {
    JdkBridge.use();
    if (System.getProperty("slf4j.provider") == null) {
      System.setProperty("slf4j.provider", LogProvider.class.getName());
      System.setProperty("slf4j.internal.verbosity", "WARN"); // else it prints that it does so
    }
  }

  @Override
  public void initialize() {
    context.setName("narthex");
    context.setMDCAdapter(mdc);
    Logging.install(context, Logging.Threshold.INFO, Logging.Format.LOGFMT, System.err);
    context.start();
  }

  @Override
  public ILoggerFactory getLoggerFactory() {
    return context;
  }

  @Override
  public IMarkerFactory getMarkerFactory() {
    return markers;
  }

  @Override
  public MDCAdapter getMDCAdapter() {
    return mdc;
  }

  @Override
  public String getRequestedApiVersion() {
    return "2.0.99"; // any of slf4j 2.0
  }
}
