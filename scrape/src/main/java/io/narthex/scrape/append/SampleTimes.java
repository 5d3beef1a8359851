package io.narthex.scrape.append;

/**
 * What happens to timestamps that samples have on their page.
 *
 * @param honor whether they are used
 * @param trackStaleness whether series of such samples are ended when they vanish
 */
public record SampleTimes(boolean honor, boolean trackStaleness) {

  /** They are used, and their series are not ended. */
  public static final SampleTimes DEFAULT = new SampleTimes(true, false);
}
