package io.narthex.api.web;

import io.narthex.net.http.HttpHandler;
import io.narthex.net.http.HttpRequest;
import io.narthex.net.http.HttpResponse;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.OutputStream;

/**
 * The server's own metrics in the text format 0.0.4, the only one that upstream's server offers.
 */
final class MetricsPage implements HttpHandler {

  private final PrometheusRegistry registry;
  private final PrometheusTextFormatWriter writer =
      PrometheusTextFormatWriter.builder().setIncludeCreatedTimestamps(false).build();

  MetricsPage(PrometheusRegistry registry) {
    this.registry = registry;
  }

  @Override
  public void handle(HttpRequest request, HttpResponse response) throws IOException {
    response.header("Content-Type", "text/plain; version=0.0.4; charset=utf-8");
    try (OutputStream out = response.body()) {
      writer.write(out, registry.scrape());
    }
  }
}
