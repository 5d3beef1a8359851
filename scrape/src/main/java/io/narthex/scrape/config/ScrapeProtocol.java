package io.narthex.scrape.config;

import io.narthex.base.yaml.YamlValue;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A form in which targets can expose their metrics. */
public enum ScrapeProtocol {
  PROMETHEUS_PROTO(
      "PrometheusProto",
      "application/vnd.google.protobuf;proto=io.prometheus.client.MetricFamily;encoding=delimited"),
  PROMETHEUS_TEXT_0_0_4("PrometheusText0.0.4", "text/plain;version=0.0.4"),
  PROMETHEUS_TEXT_1_0_0("PrometheusText1.0.0", "text/plain;version=1.0.0"),
  OPEN_METRICS_TEXT_0_0_1("OpenMetricsText0.0.1", "application/openmetrics-text;version=0.0.1"),
  OPEN_METRICS_TEXT_1_0_0("OpenMetricsText1.0.0", "application/openmetrics-text;version=1.0.0");

  /** What is asked for where nothing is configured, best first. */
  public static final List<ScrapeProtocol> DEFAULT =
      List.of(
          OPEN_METRICS_TEXT_1_0_0,
          OPEN_METRICS_TEXT_0_0_1,
          PROMETHEUS_TEXT_1_0_0,
          PROMETHEUS_TEXT_0_0_4);

  private final String text;
  private final String mediaType;

  ScrapeProtocol(String text, String mediaType) {
    this.text = text;
    this.mediaType = mediaType;
  }

  /** The name in configuration files. */
  public String text() {
    return text;
  }

  /** The media type for an Accept header, without parameters for escaping or weight. */
  public String mediaType() {
    return mediaType;
  }

  private static @Nullable ScrapeProtocol of(String name) {
    for (ScrapeProtocol protocol : values()) {
      if (protocol.text.equals(name)) {
        return protocol;
      }
    }
    return null;
  }

  /** Reads a list as it stands in a file; the names are checked by {@link #checked}. */
  static List<String> decodeList(YamlValue value) {
    return value.list("[]config.ScrapeProtocol", v -> v.text("config.ScrapeProtocol"));
  }

  /**
   * Checks a list.
   *
   * @param whose what the list belongs to, for the message
   */
  static List<ScrapeProtocol> checked(YamlValue value, List<String> names, String whose) {
    if (names.isEmpty()) {
      throw value.error("scrape_protocols cannot be empty " + whose);
    }
    List<String> seen = new java.util.ArrayList<>();
    for (String name : names) {
      if (seen.stream().anyMatch(name::equalsIgnoreCase)) {
        throw value.error(
            "duplicated protocol in scrape_protocols, got ["
                + String.join(" ", names)
                + "] "
                + whose);
      }
      seen.add(name);
      if (of(name) == null) {
        throw value.error("scrape_protocols: " + unknown(name) + " " + whose);
      }
    }
    return names.stream().map(name -> checkedOne(value, name, "")).toList();
  }

  /**
   * Checks one name.
   *
   * @param where what stands before the message
   */
  static ScrapeProtocol checkedOne(YamlValue value, String name, String where) {
    ScrapeProtocol protocol = of(name);
    if (protocol == null) {
      throw value.error(where + unknown(name));
    }
    if (protocol == PROMETHEUS_PROTO) {
      throw value.notYet("scrape protocol PrometheusProto");
    }
    return protocol;
  }

  private static String unknown(String name) {
    return "unknown scrape protocol "
        + name
        + ", supported: "
        + Arrays.stream(values())
            .map(ScrapeProtocol::text)
            .sorted()
            .collect(Collectors.joining(" ", "[", "]"));
  }
}
