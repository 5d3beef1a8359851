package io.narthex.server;

import io.narthex.promql.engine.core.QueryStats;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** How queries fare, under upstream's names. */
final class EngineMetrics {

  private static final double NANOS = 1e9;
  private static final List<String> SLICES =
      List.of("inner_eval", "prepare_time", "queue_time", "result_sort");

  private final Gauge queries;
  private final Summary durations;
  private final Histogram durationHistogram;
  private final Counter samples;
  private final Counter samplesRead;
  private final Gauge logEnabled;
  private final Counter logFailures;

  /**
   * @param most how many queries may run at once
   */
  EngineMetrics(PrometheusRegistry registry, long most) {
    queries =
        Gauge.builder()
            .name("prometheus_engine_queries")
            .help("The current number of queries being executed or waiting.")
            .register(registry);
    Gauge.builder()
        .name("prometheus_engine_queries_concurrent_max")
        .help("The max number of concurrent queries.")
        .register(registry)
        .set(most);
    durations =
        Summary.builder()
            .name("prometheus_engine_query_duration_seconds")
            .help("Query timings")
            .labelNames("slice")
            .quantile(0.5, 0.05)
            .quantile(0.9, 0.01)
            .quantile(0.99, 0.001)
            .register(registry);
    durationHistogram =
        Histogram.builder()
            .name("prometheus_engine_query_duration_histogram_seconds")
            .help("The duration of various parts of PromQL query execution.")
            .labelNames("slice")
            .classicUpperBounds(.01, .1, 1, 10)
            .nativeInitialSchema(3)
            .nativeMaxNumberOfBuckets(100)
            .nativeResetDuration(1, TimeUnit.HOURS)
            .register(registry);
    for (String slice : SLICES) {
      durations.initLabelValues(slice);
      durationHistogram.initLabelValues(slice);
    }
    samples =
        Counter.builder()
            .name("prometheus_engine_query_samples_total")
            .help(
                "The total number of samples loaded by all queries (full window per step for"
                    + " range-vector).")
            .register(registry);
    samplesRead =
        Counter.builder()
            .name("prometheus_engine_query_samples_read_total")
            .help(
                "The total number of samples read by all queries (only new points per step for"
                    + " range-vector).")
            .register(registry);
    logEnabled =
        Gauge.builder()
            .name("prometheus_engine_query_log_enabled")
            .help("State of the query log.")
            .register(registry);
    logFailures =
        Counter.builder()
            .name("prometheus_engine_query_log_failures_total")
            .help("The number of query log failures.")
            .register(registry);
  }

  /** A query begins, or begins to wait. */
  void begun() {
    queries.inc();
  }

  /** It is over, and has cost so much; a stage that it did not reach has taken no time. */
  void over(QueryStats stats) {
    queries.dec();
    observe("queue_time", stats.queueNanos());
    observe("prepare_time", stats.prepareNanos());
    observe("inner_eval", stats.evaluationNanos());
    observe("result_sort", stats.sortNanos());
    samples.inc(stats.samples());
    samplesRead.inc(stats.samplesRead());
  }

  private void observe(String slice, long nanos) {
    if (nanos > 0) {
      durations.labelValues(slice).observe(nanos / NANOS);
      durationHistogram.labelValues(slice).observe(nanos / NANOS);
    }
  }

  /** Whether queries are logged from now on. */
  void logEnabled(boolean enabled) {
    logEnabled.set(enabled ? 1 : 0);
  }

  /** A line of the log could not be written. */
  void logFailed() {
    logFailures.inc();
  }
}
