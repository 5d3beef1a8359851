package io.narthex.scrape.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of histograms.
 *
 * @param scrapeNative whether native histograms are asked for and stored
 * @param alwaysScrapeClassic whether a classic histogram is kept beside its native form
 * @param toCustomBuckets whether classic histograms become native ones with custom buckets
 * @param bucketLimit the most buckets of a native histogram; beyond it neighbours are merged; 0 for
 *     no limit
 * @param minBucketFactor the least factor from one bucket to the next; below it neighbours are
 *     merged; 0 for none
 */
public record HistogramOptions(
    boolean scrapeNative,
    boolean alwaysScrapeClassic,
    boolean toCustomBuckets,
    long bucketLimit,
    double minBucketFactor) {

  /** Classic histograms as they come. */
  public static final HistogramOptions DEFAULT = new HistogramOptions(false, false, false, 0, 0);

  static final String SCRAPE_NATIVE = "scrape_native_histograms";
  static final String ALWAYS_CLASSIC = "always_scrape_classic_histograms";
  static final String TO_CUSTOM_BUCKETS = "convert_classic_histograms_to_nhcb";
  private static final String BUCKET_LIMIT = "native_histogram_bucket_limit";
  private static final String MIN_FACTOR = "native_histogram_min_bucket_factor";

  /** Reads the keys of the global section. */
  static HistogramOptions readGlobal(YamlMap map) {
    return new HistogramOptions(
        map.bool(SCRAPE_NATIVE, false),
        map.bool(ALWAYS_CLASSIC, false),
        map.bool(TO_CUSTOM_BUCKETS, false),
        0,
        0);
  }

  /** The keys of a job as the file has them. */
  static Draft read(YamlMap map) {
    @Nullable Boolean scrape = flag(map, SCRAPE_NATIVE);
    @Nullable Boolean classic = flag(map, ALWAYS_CLASSIC);
    @Nullable Boolean custom = flag(map, TO_CUSTOM_BUCKETS);
    long limit = map.unsigned(BUCKET_LIMIT, 0);
    double factor = map.number(MIN_FACTOR, 0);
    return global ->
        new HistogramOptions(
            scrape == null ? global.scrapeNative : scrape,
            classic == null ? global.alwaysScrapeClassic : classic,
            custom == null ? global.toCustomBuckets : custom,
            limit,
            factor);
  }

  /** The keys of a job; the global section is still to fill them in. */
  @FunctionalInterface
  interface Draft {

    HistogramOptions complete(HistogramOptions global);
  }

  private static @Nullable Boolean flag(YamlMap map, String key) {
    return map.optional(key, YamlValue::bool);
  }
}
