package io.narthex.discovery.refresh;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For all searches that may not be ready at once: opens what they need, again and again until it
 * can be.
 */
public final class Opening {

  private static final Logger LOG = LoggerFactory.getLogger(Opening.class);

  private Opening() {}

  /** Opens one thing. */
  @FunctionalInterface
  public interface Opener<T> {

    /**
     * Gets ready to ask, without asking.
     *
     * @throws IOException if a file, a certificate or an address is no good
     */
    T open() throws IOException;
  }

  /**
   * Opens it; until that succeeds the search is one of those that could not be opened.
   *
   * @param mechanism the search's name in messages
   * @param pause between two attempts
   * @throws InterruptedException when the search is told to stop
   */
  public static <T> T open(
      Discovery search,
      String mechanism,
      Duration pause,
      DiscoveryContext context,
      Opener<T> opener)
      throws InterruptedException {
    while (true) {
      T opened = attempt(search, mechanism, context, opener);
      if (opened != null) {
        return opened;
      }
      context.clock().sleep(pause);
    }
  }

  /** Opens it, or says why it cannot be opened and returns null. */
  static <T> @Nullable T attempt(
      Discovery search, String mechanism, DiscoveryContext context, Opener<T> opener) {
    try {
      T opened = opener.open();
      context.metrics().opened(search);
      return opened;
    } catch (IOException | IllegalArgumentException e) {
      context.metrics().failed(search);
      LOG.atError()
          .addKeyValue("discovery", mechanism)
          .addKeyValue("config", context.job())
          .addKeyValue("err", e.getMessage())
          .log("Cannot create service discovery");
      return null;
    }
  }
}
