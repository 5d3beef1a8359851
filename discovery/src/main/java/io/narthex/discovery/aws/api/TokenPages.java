package io.narthex.discovery.aws.api;

import io.narthex.discovery.refresh.Pages;
import java.io.IOException;

/** An answer in pages, each but the last with a token that asks for the next. */
public final class TokenPages {

  private TokenPages() {}

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
    Pages pages = new Pages();
    String token = "";
    do {
      token = asker.page(pages.next(token));
    } while (!token.isEmpty());
  }
}
