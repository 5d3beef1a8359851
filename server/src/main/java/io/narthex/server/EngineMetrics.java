package io.narthex.server;

import io.narthex.promql.engine.core.QueryStats;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** How queries fare, under upstream's names. */
final class EngineMetrics {

  private static final double NANOS = 1e9;

  private final Gauge queries;
  private final Summary durations;
  private final Counter samples;

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
    samples =
        Counter.builder()
            .name("prometheus_engine_query_samples_total")
            .help(
                "The total number of samples loaded by all queries (full window per step for"
                    + " range-vector).")
            .register(registry);
    Gauge.builder()
        .name("prometheus_engine_query_log_enabled")
        .help("State of the query log.")
        .register(registry)
        .set(0);
    Counter.builder()
        .name("prometheus_engine_query_log_failures_total")
        .help("The number of query log failures.")
        .register(registry)
        .inc(0);
  }

  /** A query begins, or begins to wait. */
  void begun() {
    queries.inc();
  }

  /** It is over. */
  void over() {
    queries.dec();
  }

  /** What one that was answered has cost. */
  void answered(QueryStats stats) {
    durations.labelValues("queue_time").observe(stats.queueNanos() / NANOS);
    durations.labelValues("prepare_time").observe(stats.prepareNanos() / NANOS);
    durations.labelValues("inner_eval").observe(stats.evaluationNanos() / NANOS);
    samples.inc(stats.samples());
  }
}
