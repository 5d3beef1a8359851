package io.narthex.scrape.append;

import java.util.Arrays;

/** What became of the samples of one page. Reused from page to page. */
public final class PageCounts {

  /** The mark of a dropped line whose labels were all taken away; rules have those behind it. */
  private static final int NO_LABELS = 1;

  /** Samples that relabelling dropped, by the mark of their line. */
  private int[] dropped = new int[8];

  int scraped;
  int kept;
  int added;
  int duplicates;
  int outOfOrder;
  int outOfBounds;
  int refused;
  int exemplarsOutOfOrder;
  int exemplarsRefused;

  /**
   * What a dropped line remembers of why it was dropped.
   *
   * @param rule as {@link SampleLabels#finish} says it
   */
  static int mark(int rule) {
    return rule == SampleLabels.NO_LABELS ? NO_LABELS : NO_LABELS + 1 + rule;
  }

  /** Counts a sample that relabelling drops. */
  void dropped(int mark) {
    if (mark >= dropped.length) {
      dropped = Arrays.copyOf(dropped, Math.max(mark + 1, 2 * dropped.length));
    }
    dropped[mark]++;
  }

  void clear() {
    Arrays.fill(dropped, 0);
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

  /** The samples that a rule of metric_relabel_configs dropped. */
  public int droppedBy(int rule) {
    int mark = mark(rule);
    return mark < dropped.length ? dropped[mark] : 0;
  }

  /** The samples that were dropped because relabelling took all their labels away. */
  public int withoutLabels() {
    return dropped[NO_LABELS];
  }

  /** The samples that relabelling left and that were not stored. */
  public int notStored() {
    return duplicates + outOfOrder + outOfBounds + refused;
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
