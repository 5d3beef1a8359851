package io.narthex.scrape;

import io.narthex.scrape.append.PageCounts;
import io.narthex.scrape.cache.MetricMetadata;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What scraping tells about itself, under upstream's names. */
final class ScrapeMetrics {

  private static final Logger LOG = LoggerFactory.getLogger(ScrapeMetrics.class);

  /**
   * What summaries speak of: the last ten minutes, as upstream's, or down to half of them. Each
   * part takes every observation, so two are cheaper than the library's five.
   */
  private static final long WINDOW_SECONDS = 600;

  private static final int WINDOW_PARTS = 2;

  final Counter pools;
  final Counter poolsFailed;
  final Counter reloads;
  final Counter reloadsFailed;
  final Counter exceededTargetLimit;
  final Counter exceededLabelLimits;
  final Counter exceededBodySize;
  final Counter exceededSampleLimit;
  final Counter exceededBucketLimit;
  final Counter duplicates;
  final Counter outOfOrder;
  final Counter outOfBounds;
  final Counter flushForced;
  final Counter exemplarsOutOfOrder;
  final Histogram scrapeDuration;
  final Gauge poolTargets;
  final Gauge poolTargetLimit;
  final Gauge poolSymbols;
  final Counter poolSyncs;
  final Counter syncFailed;
  final Summary syncLength;
  final Histogram syncLengthHistogram;
  final Summary intervalLength;
  final Histogram intervalLengthHistogram;
  final Summary reloadLength;

  ScrapeMetrics(PrometheusRegistry registry, Supplier<Map<String, List<Target>>> active) {
    pools =
        counter(registry, "scrape_pools_total", "Total number of scrape pool creation attempts.");
    poolsFailed =
        counter(
            registry,
            "scrape_pools_failed_total",
            "Total number of scrape pool creations that failed.");
    reloads =
        counter(registry, "scrape_pool_reloads_total", "Total number of scrape pool reloads.");
    reloadsFailed =
        counter(
            registry,
            "scrape_pool_reloads_failed_total",
            "Total number of failed scrape pool reloads.");
    exceededTargetLimit =
        counter(
            registry,
            "scrape_pool_exceeded_target_limit_total",
            "Total number of times scrape pools hit the target limit, during sync or config"
                + " reload.");
    exceededLabelLimits =
        counter(
            registry,
            "scrape_pool_exceeded_label_limits_total",
            "Total number of times scrape pools hit the label limits, during sync or config"
                + " reload.");
    exceededBodySize =
        counter(
            registry,
            "scrapes_exceeded_body_size_limit_total",
            "Total number of scrapes that hit the body size limit");
    exceededSampleLimit =
        counter(
            registry,
            "scrapes_exceeded_sample_limit_total",
            "Total number of scrapes that hit the sample limit and were rejected.");
    duplicates =
        counter(
            registry,
            "scrapes_sample_duplicate_timestamp_total",
            "Total number of samples rejected due to duplicate timestamps but different values.");
    outOfOrder =
        counter(
            registry,
            "scrapes_sample_out_of_order_total",
            "Total number of samples rejected due to not being out of the expected order.");
    outOfBounds =
        counter(
            registry,
            "scrapes_sample_out_of_bounds_total",
            "Total number of samples rejected due to timestamp falling outside of the time"
                + " bounds.");
    flushForced =
        counter(
            registry,
            "scrapes_cache_flush_forced_total",
            "How many times a scrape cache was flushed due to getting big while scrapes are"
                + " failing.");
    exemplarsOutOfOrder =
        counter(
            registry,
            "scrapes_exemplar_out_of_order_total",
            "Total number of exemplar rejected due to not being out of the expected order.");
    exceededBucketLimit =
        counter(
            registry,
            "scrapes_exceeded_native_histogram_bucket_limit_total",
            "Total number of scrapes that hit the native histogram bucket limit and were"
                + " rejected.");
    scrapeDuration =
        Histogram.builder()
            .name("prometheus_target_scrape_duration_seconds")
            .help("Total duration of the scrape from start to commit completion in seconds.")
            .classicOnly()
            .withoutExemplars()
            .register(registry);
    poolTargets =
        gauge(registry, "scrape_pool_targets", "Current number of targets in this scrape pool.");
    poolTargetLimit =
        gauge(
            registry,
            "scrape_pool_target_limit",
            "Maximum number of targets allowed in this scrape pool.");
    poolSymbols =
        gauge(
            registry,
            "scrape_pool_symboltable_items",
            "Current number of symbols in table for this scrape pool.");
    poolSyncs =
        Counter.builder()
            .name("prometheus_target_scrape_pool_sync_total")
            .help("Total number of syncs that were executed on a scrape pool.")
            .labelNames("scrape_job")
            .register(registry);
    syncFailed =
        Counter.builder()
            .name("prometheus_target_sync_failed_total")
            .help("Total number of target sync failures.")
            .labelNames("scrape_job")
            .register(registry);
    syncLength =
        summary(
            registry,
            "sync_length_seconds",
            "Actual interval to sync the scrape pool.",
            "scrape_job");
    syncLengthHistogram =
        histogram(
            registry,
            "sync_length_histogram_seconds",
            "Actual interval to sync the scrape pool.",
            "scrape_job");
    intervalLength =
        summary(
            registry, "interval_length_seconds", "Actual intervals between scrapes.", "interval");
    intervalLengthHistogram =
        histogram(
            registry,
            "interval_length_histogram_seconds",
            "Actual intervals between scrapes.",
            "interval");
    reloadLength =
        summary(
            registry,
            "reload_length_seconds",
            "Actual interval to reload the scrape pool with a given configuration.",
            "interval");
    metadataCache(registry, active);
  }

  private static Counter counter(PrometheusRegistry registry, String name, String help) {
    Counter counter =
        Counter.builder().name("prometheus_target_" + name).help(help).register(registry);
    counter.inc(0);
    return counter;
  }

  private static Gauge gauge(PrometheusRegistry registry, String name, String help) {
    return Gauge.builder()
        .name("prometheus_target_" + name)
        .help(help)
        .labelNames("scrape_job")
        .register(registry);
  }

  private static Summary summary(
      PrometheusRegistry registry, String name, String help, String label) {
    return Summary.builder()
        .name("prometheus_target_" + name)
        .help(help)
        .labelNames(label)
        .quantile(0.01, 0.001)
        .quantile(0.05, 0.005)
        .quantile(0.5, 0.05)
        .quantile(0.90, 0.01)
        .quantile(0.99, 0.001)
        .maxAgeSeconds(WINDOW_SECONDS)
        .numberOfAgeBuckets(WINDOW_PARTS)
        .withoutExemplars()
        .register(registry);
  }

  private static Histogram histogram(
      PrometheusRegistry registry, String name, String help, String label) {
    return Histogram.builder()
        .name("prometheus_target_" + name)
        .help(help)
        .labelNames(label)
        .classicOnly()
        .classicUpperBounds(0.01, 0.1, 1, 10)
        .withoutExemplars()
        .register(registry);
  }

  private static void metadataCache(
      PrometheusRegistry registry, Supplier<Map<String, List<Target>>> active) {
    GaugeWithCallback.builder()
        .name("prometheus_target_metadata_cache_entries")
        .help("Total number of metric metadata entries in the cache")
        .labelNames("scrape_job")
        .callback(callback ->
            active
                .get()
                .forEach((job, targets) ->
                    callback.call(targets.stream().mapToInt(Target::families).sum(), job)))
        .register(registry);
    GaugeWithCallback.builder()
        .name("prometheus_target_metadata_cache_bytes")
        .help(
            "The number of bytes that are currently used for storing metric metadata in the cache")
        .labelNames("scrape_job")
        .callback(callback ->
            active
                .get()
                .forEach((job, targets) ->
                    callback.call(
                        targets.stream()
                            .flatMap(t -> t.metadata().stream())
                            .mapToLong(MetricMetadata::size)
                            .sum(),
                        job)))
        .register(registry);
  }

  /**
   * Where it is noted how long after the one before each scrape came.
   *
   * @param summary of one configured interval
   * @param histogram of the same
   */
  record Intervals(DistributionDataPoint summary, DistributionDataPoint histogram) {
    void observe(double seconds) {
      summary.observe(seconds);
      histogram.observe(seconds);
    }
  }

  /** Of loops with this interval; said to the outside from now on. */
  Intervals intervals(Duration interval) {
    String text = goText(interval);
    return new Intervals(
        intervalLength.labelValues(text), intervalLengthHistogram.labelValues(text));
  }

  /** Counts and logs the samples of a page that were left out. */
  void leftOut(Target target, PageCounts counts) {
    leftOut(target, counts.outOfOrder(), outOfOrder, "Error on ingesting out-of-order samples");
    leftOut(
        target,
        counts.duplicates(),
        duplicates,
        "Error on ingesting samples with different value but same timestamp");
    leftOut(
        target,
        counts.outOfBounds(),
        outOfBounds,
        "Error on ingesting samples that are too old or are too far into the future");
    if (counts.refused() > 0) {
      warn(target, counts.refused(), "The storage takes no new series");
    }
    leftOut(
        target,
        counts.exemplarsOutOfOrder(),
        exemplarsOutOfOrder,
        "Error on ingesting out-of-order exemplars");
    if (counts.exemplarsRefused() > 0) {
      LOG.atDebug()
          .addKeyValue("scrape_pool", target.scrapePool())
          .addKeyValue("target", target.scrapeUrl())
          .addKeyValue("num_dropped", counts.exemplarsRefused())
          .log("Error while adding exemplars: their labels are too long");
    }
  }

  private static void leftOut(Target target, int samples, Counter counter, String message) {
    if (samples > 0) {
      counter.inc(samples);
      warn(target, samples, message);
    }
  }

  private static void warn(Target target, int samples, String message) {
    LOG.atWarn()
        .addKeyValue("scrape_pool", target.scrapePool())
        .addKeyValue("target", target.scrapeUrl())
        .addKeyValue("num_dropped", samples)
        .log(message);
  }

  /** Takes away what was said of a pool that is no longer there. */
  void forget(String job) {
    poolTargets.remove(job);
    poolTargetLimit.remove(job);
    poolSymbols.remove(job);
    poolSyncs.remove(job);
    syncFailed.remove(job);
    syncLength.remove(job);
    syncLengthHistogram.remove(job);
  }

  /** A duration as Go prints it: {@code 15s}, {@code 1m0s}, {@code 1.5s}, {@code 500ms}. */
  static String goText(Duration duration) {
    long millis = duration.toMillis();
    if (millis < 1000) {
      return millis + "ms";
    }
    StringBuilder out = new StringBuilder();
    if (millis >= 3_600_000) {
      out.append(millis / 3_600_000).append('h');
    }
    if (millis >= 60_000) {
      out.append(millis / 60_000 % 60).append('m');
    }
    long rest = millis % 60_000;
    out.append(rest / 1000);
    if (rest % 1000 > 0) {
      String fraction = String.valueOf(1000 + rest % 1000);
      int end = 4;
      while (fraction.charAt(end - 1) == '0') {
        end--;
      }
      out.append('.').append(fraction, 1, end);
    }
    return out.append('s').toString();
  }
}
