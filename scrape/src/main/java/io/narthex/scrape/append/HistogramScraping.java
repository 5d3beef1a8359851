package io.narthex.scrape.append;

import io.narthex.model.histogram.HistogramRules;

/**
 * What a scrape configuration says about histograms.
 *
 * @param natives whether native histograms are taken; otherwise they are read as classic ones
 * @param alwaysClassic whether a classic histogram is kept beside its native form
 * @param toCustomBuckets whether classic histograms are made native ones with custom buckets
 * @param bucketLimit the most buckets of a native histogram, 0 for any number; one with more is
 *     brought to a coarser resolution, and where that does not help the scrape fails
 * @param finest the finest schema: histograms that are finer are brought down to it
 */
public record HistogramScraping(
    boolean natives, boolean alwaysClassic, boolean toCustomBuckets, long bucketLimit, int finest) {

  /** Classic histograms only. */
  public static final HistogramScraping CLASSIC =
      new HistogramScraping(false, false, false, 0, HistogramRules.MAX_SCHEMA);

  /**
   * The finest schema whose buckets grow by at least a factor.
   *
   * @param factor {@code native_histogram_min_bucket_factor}; up to 1 for none
   */
  public static int finestFor(double factor) {
    // Prometheus takes 1.00271 for "none", which is a little less than the factor of schema 8.
    double growth = factor <= 1 ? 1.00271 : factor;
    double floor = Math.floor(log2(log2(growth)));
    return (int)
        Math.clamp(-floor, (double) HistogramRules.MIN_SCHEMA, (double) HistogramRules.MAX_SCHEMA);
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }
}
