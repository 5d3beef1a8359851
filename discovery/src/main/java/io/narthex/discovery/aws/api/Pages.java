package io.narthex.discovery.aws.api;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/** An answer in pages, each but the last with a token that asks for the next. */
public final class Pages {

  private Pages() {}

  /** Asks for a page and takes it. */
  @FunctionalInterface
  public interface Asker {

    /**
     * Asks.
     *
     * @param token of the page before; empty for the first
     * @return the token of the next page; empty if there is none
     */
    String page(String token) throws IOException, InterruptedException;
  }

  /**
   * Asks for all pages.
   *
   * @throws IOException also if a token comes a second time, which would never end
   */
  public static void all(Asker asker) throws IOException, InterruptedException {
    Set<String> seen = new HashSet<>();
    String token = "";
    do {
      token = asker.page(token);
      if (!seen.add(token)) {
        throw new IOException("the page with the token \"" + token + "\" came twice");
      }
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    } while (!token.isEmpty());
  }
}
