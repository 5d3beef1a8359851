package io.narthex.model.exposition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ScrapeProtocolTest {

  @Test
  void asksAsPrometheusAsks() {
    assertThat(ScrapeProtocol.accept(ScrapeProtocol.DEFAULT, "allow-utf-8"))
        .isEqualTo(
            "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
                + "application/openmetrics-text;version=0.0.1;q=0.5,"
                + "text/plain;version=1.0.0;escaping=allow-utf-8;q=0.4,"
                + "text/plain;version=0.0.4;q=0.3,*/*;q=0.2");
    assertThat(
            ScrapeProtocol.accept(
                List.of(ScrapeProtocol.PROMETHEUS_PROTO, ScrapeProtocol.PROMETHEUS_TEXT_0_0_4),
                "underscores"))
        .isEqualTo(
            "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;"
                + "encoding=delimited;q=0.6,text/plain;version=0.0.4;q=0.5,*/*;q=0.4");
  }

  @Test
  void theContentTypeDecides() {
    assertThat(ContentTypes.format("text/plain; version=0.0.4; charset=utf-8", null))
        .isEqualTo(ExpositionFormat.TEXT);
    assertThat(ContentTypes.format("Application/OpenMetrics-Text; version=1.0.0", null))
        .isEqualTo(ExpositionFormat.OPENMETRICS);
    assertThat(ContentTypes.format("", ScrapeProtocol.PROMETHEUS_TEXT_0_0_4))
        .isEqualTo(ExpositionFormat.TEXT);
    assertThat(ContentTypes.format("text/html", ScrapeProtocol.OPENMETRICS_TEXT_1_0_0))
        .isEqualTo(ExpositionFormat.OPENMETRICS);
  }

  @Test
  void otherContentTypesAreErrorsInPrometheusWords() {
    assertThatThrownBy(() -> ContentTypes.format(null, null))
        .hasMessage(
            "non-compliant scrape target sending blank Content-Type and no"
                + " fallback_scrape_protocol specified for target");
    assertThatThrownBy(() -> ContentTypes.format("text/html; charset=utf-8", null))
        .hasMessage(
            "received unsupported Content-Type \"text/html; charset=utf-8\" and no"
                + " fallback_scrape_protocol specified for target");
    assertThatThrownBy(() -> ContentTypes.format("text/", null))
        .hasMessage(
            "cannot parse Content-Type \"text/\" and no fallback_scrape_protocol for target");
  }
}
