package io.narthex.scrape;

import io.narthex.scrape.append.StartRules;
import java.time.Duration;

/**
 * What the command line says about scraping.
 *
 * @param userAgent the User-Agent header, {@code Prometheus/<version>}
 * @param offsetSeed spreads the scrapes of replicas over the interval, see {@link
 *     ScrapeManager#offsetSeed}
 * @param adjustTimestamps whether the times of scrapes that are a little late are set to the tick
 * @param timestampTolerance how late they may be, at most; never more than a hundredth of the
 *     interval
 * @param staleOnShutdown whether all series are ended when the process stops in order; Prometheus
 *     leaves them to the lookback
 * @param metadataRecords whether the storage is told what targets say of their metrics
 * @param starts what happens to start timestamps
 * @param typeAndUnit whether type and unit of a metric become labels
 * @param bodyMemory the most bytes that the bodies of all targets may take at one time
 */
public record ScrapeOptions(
    String userAgent,
    long offsetSeed,
    boolean adjustTimestamps,
    Duration timestampTolerance,
    boolean staleOnShutdown,
    boolean metadataRecords,
    StartRules starts,
    boolean typeAndUnit,
    long bodyMemory) {

  /** Prometheus' defaults, with a quarter of the heap for bodies. */
  public static ScrapeOptions defaults(String userAgent) {
    return new ScrapeOptions(
        userAgent,
        0,
        true,
        Duration.ofMillis(2),
        false,
        false,
        StartRules.NONE,
        false,
        Runtime.getRuntime().maxMemory() / 4);
  }
}
