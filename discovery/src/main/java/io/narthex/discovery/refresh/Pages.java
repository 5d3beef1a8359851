package io.narthex.discovery.refresh;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * Watches over one walk through the pages of an answer: a back end that names a page twice would
 * keep us for ever, and a walk that nobody wants any more must end.
 */
public final class Pages {

  private final Set<String> seen = new HashSet<>();

  /**
   * The page that is asked for next.
   *
   * @param page what names it: a link, a token, or what it begins with
   * @return the same
   * @throws IOException if it was asked for before
   * @throws InterruptedException if the thread is told to stop
   */
  public String next(String page) throws IOException, InterruptedException {
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    if (!seen.add(page)) {
      throw new IOException("the pages of the answer go round in a circle, back to " + page);
    }
    return page;
  }
}
