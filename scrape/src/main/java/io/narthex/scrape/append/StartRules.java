package io.narthex.scrape.append;

/**
 * What happens to start timestamps, which say when the counting of a counter, histogram or summary
 * began.
 *
 * @param zeros whether a zero is appended there, for series that are new or count anew
 * @param keep whether the storage keeps them
 * @param synthesize whether they are made up for series of which the page does not tell them, see
 *     {@link io.narthex.scrape.cache.Origins}
 */
public record StartRules(boolean zeros, boolean keep, boolean synthesize) {

  /** They are not looked at. */
  public static final StartRules NONE = new StartRules(false, false, false);

  /** Whether it matters when the counting of a series began. */
  public boolean wanted() {
    return zeros || keep || synthesize;
  }
}
