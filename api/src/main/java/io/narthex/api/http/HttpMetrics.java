package io.narthex.api.http;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpHandler;
import io.prometheus.metrics.core.datapoints.CounterDataPoint;
import io.prometheus.metrics.core.datapoints.DistributionDataPoint;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** Counts requests, their time and the size of their answers, by handler as upstream names them. */
public final class HttpMetrics {

  private final Clock clock;
  private final Counter requests;
  private final Histogram durations;
  private final Histogram sizes;

  public HttpMetrics(Clock clock, PrometheusRegistry registry) {
    this.clock = clock;
    this.requests =
        Counter.builder()
            .name("prometheus_http_requests_total")
            .help("Counter of HTTP requests.")
            .labelNames("handler", "code")
            .register(registry);
    this.durations =
        Histogram.builder()
            .name("prometheus_http_request_duration_seconds")
            .help("Histogram of latencies for HTTP requests.")
            .labelNames("handler")
            .classicOnly()
            .classicUpperBounds(.1, .2, .4, 1, 3, 8, 20, 60, 120)
            .register(registry);
    this.sizes =
        Histogram.builder()
            .name("prometheus_http_response_size_bytes")
            .help("Histogram of response size for HTTP requests.")
            .labelNames("handler")
            .classicOnly()
            .classicUpperBounds(100, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9)
            .register(registry);
  }

  /**
   * Counts what goes through a handler.
   *
   * @param name the handler's name in the metrics
   */
  public HttpHandler counted(String name, HttpHandler handler) {
    CounterDataPoint ok = requests.labelValues(name, "200");
    DistributionDataPoint duration = durations.labelValues(name);
    DistributionDataPoint size = sizes.labelValues(name);
    return (request, response) -> {
      long start = clock.nanos();
      MeasuredResponse measured = new MeasuredResponse(response);
      int failure = 500;
      try {
        handler.handle(request, measured);
        failure = 0;
      } finally {
        int status = failure == 0 ? measured.status() : failure;
        if (status == 200) {
          ok.inc();
        } else {
          requests.labelValues(name, String.valueOf(status)).inc();
        }
        duration.observe((clock.nanos() - start) / 1e9);
        size.observe(measured.bytes());
      }
    };
  }
}
