package io.narthex.discovery.metrics;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What is counted of mechanisms that ask again and again, under upstream's names. */
public final class RefreshMetrics {

  private final Counter failures;
  private final Summary duration;
  private final Histogram durations;

  /** Registers the metrics. */
  public RefreshMetrics(PrometheusRegistry registry) {
    failures =
        Counter.builder()
            .name("prometheus_sd_refresh_failures_total")
            .help("Number of refresh failures for the given SD mechanism.")
            .labelNames("mechanism", "config")
            .register(registry);
    duration =
        Summary.builder()
            .name("prometheus_sd_refresh_duration_seconds")
            .help("The duration of a refresh in seconds for the given SD mechanism.")
            .labelNames("mechanism", "config")
            .quantile(0.5, 0.05)
            .quantile(0.9, 0.01)
            .quantile(0.99, 0.001)
            .register(registry);
    durations =
        Histogram.builder()
            .name("prometheus_sd_refresh_duration_histogram_seconds")
            .help("The duration of a refresh for the given SD mechanism.")
            .labelNames("mechanism")
            .classicUpperBounds(.01, .1, 1, 10)
            .register(registry);
  }

  /** A question was not answered. */
  public void failed(String mechanism, String job) {
    failures.labelValues(mechanism, job).inc();
  }

  /** A question was asked, with or without success. */
  public void took(String mechanism, String job, double seconds) {
    failures.labelValues(mechanism, job).inc(0);
    duration.labelValues(mechanism, job).observe(seconds);
    durations.labelValues(mechanism).observe(seconds);
  }
}
