package io.narthex.discovery.refresh;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * With what each page of an answer begins, or where the next one is: a back end that leads in a
 * circle is found out instead of being asked for ever.
 */
public final class PageStarts {

  private final Set<String> seen = new HashSet<>();

  /**
   * Takes note of a page.
   *
   * @return the same text
   * @throws IOException if a page before had it
   */
  public String next(String start) throws IOException {
    if (!seen.add(start)) {
      throw new IOException("the pages of the answer never end: \"" + start + "\" comes again");
    }
    return start;
  }
}
