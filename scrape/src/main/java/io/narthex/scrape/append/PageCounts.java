package io.narthex.scrape.append;

/** What became of the samples of one page. Reused from page to page. */
public final class PageCounts {

  int scraped;
  int kept;
  int added;
  int duplicates;
  int outOfOrder;
  int outOfBounds;
  int refused;
  int exemplarsOutOfOrder;
  int exemplarsRefused;

  void clear() {
    scraped = 0;
    kept = 0;
    added = 0;
    duplicates = 0;
    outOfOrder = 0;
    outOfBounds = 0;
    refused = 0;
    exemplarsOutOfOrder = 0;
    exemplarsRefused = 0;
  }

  /** The samples of the page. */
  public int scraped() {
    return scraped;
  }

  /** Those that relabelling left. */
  public int kept() {
    return kept;
  }

  /** The series that were not in the page before. */
  public int added() {
    return added;
  }

  /** Samples left out because their series already had one of the time, with another value. */
  public int duplicates() {
    return duplicates;
  }

  /** Samples left out because their series had a younger one. */
  public int outOfOrder() {
    return outOfOrder;
  }

  /** Samples left out because they were too old or too far in the future. */
  public int outOfBounds() {
    return outOfBounds;
  }

  /** Samples left out because the storage takes no new series. */
  public int refused() {
    return refused;
  }

  /** Exemplars left out because their series had a younger one. */
  public int exemplarsOutOfOrder() {
    return exemplarsOutOfOrder;
  }

  /** Exemplars left out because their labels are too long. */
  public int exemplarsRefused() {
    return exemplarsRefused;
  }
}
