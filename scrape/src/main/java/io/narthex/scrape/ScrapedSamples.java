package io.narthex.scrape;

import java.util.List;

/**
 * What became of the samples of a target's last page.
 *
 * @param scraped how many were in it, as far as it was read
 * @param kept how many of them relabelling left
 * @param added the series that were not in the page before
 * @param leftOut those that were not stored
 */
public record ScrapedSamples(int scraped, int kept, int added, List<LeftOut> leftOut) {

  /** There was no page. */
  static final ScrapedSamples NONE = new ScrapedSamples(0, 0, 0, List.of());

  public ScrapedSamples {
    leftOut = List.copyOf(leftOut);
  }
}
