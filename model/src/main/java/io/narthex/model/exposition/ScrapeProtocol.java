package io.narthex.model.exposition;

import java.util.List;

/** What {@code scrape_protocols} can name, and the headers that go with it. */
public enum ScrapeProtocol {
  PROMETHEUS_PROTO(
      "PrometheusProto",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"),
  PROMETHEUS_TEXT_0_0_4("PrometheusText0.0.4", "text/plain;version=0.0.4"),
  PROMETHEUS_TEXT_1_0_0("PrometheusText1.0.0", "text/plain;version=1.0.0"),
  OPENMETRICS_TEXT_0_0_1("OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1"),
  OPENMETRICS_TEXT_1_0_0("OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0");

  /** What is asked for unless the configuration says otherwise. */
  public static final List<ScrapeProtocol> DEFAULT =
      List.of(
          OPENMETRICS_TEXT_1_0_0,
          OPENMETRICS_TEXT_0_0_1,
          PROMETHEUS_TEXT_1_0_0,
          PROMETHEUS_TEXT_0_0_4);

  /** The same where native histograms or created times are wanted, which need protobuf. */
  public static final List<ScrapeProtocol> PROTOBUF_FIRST =
      List.of(
          PROMETHEUS_PROTO,
          OPENMETRICS_TEXT_1_0_0,
          OPENMETRICS_TEXT_0_0_1,
          PROMETHEUS_TEXT_1_0_0,
          PROMETHEUS_TEXT_0_0_4);

  private final String configName;
  private final String header;

  ScrapeProtocol(String configName, String header) {
    this.configName = configName;
    this.header = header;
  }

  /** The name in the configuration. */
  public String configName() {
    return configName;
  }

  /** The media type with its parameters. */
  public String header() {
    return header;
  }

  /** The media type without its parameters. */
  public String mediaType() {
    return header.substring(0, header.indexOf(';'));
  }

  /**
   * The Accept header that asks for these protocols, the first most of all.
   *
   * @param escaping how names that are not of the classic form shall be written, one of {@code
   *     allow-utf-8}, {@code underscores}, {@code dots} and {@code values}
   */
  public static String accept(List<ScrapeProtocol> protocols, String escaping) {
    StringBuilder out = new StringBuilder();
    int weight = values().length + 1;
    for (ScrapeProtocol protocol : protocols) {
      out.append(protocol.header);
      if (protocol == PROMETHEUS_TEXT_1_0_0 || protocol == OPENMETRICS_TEXT_1_0_0) {
        out.append(";escaping=").append(escaping);
      }
      out.append(";q=0.").append(weight--).append(',');
    }
    return out.append("*/*;q=0.").append(weight).toString();
  }
}
