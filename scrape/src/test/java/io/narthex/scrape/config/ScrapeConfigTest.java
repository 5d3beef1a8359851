package io.narthex.scrape.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.StaticGroup;
import io.narthex.discovery.file.FileConfig;
import io.narthex.discovery.fixed.StaticConfig;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelAction;
import io.narthex.net.client.HttpClientConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ScrapeConfigTest {

  private static ScrapeConfig job(String yaml) {
    return Yaml.decode(
        yaml,
        Path.of("/etc/prometheus"),
        value -> ScrapeConfig.decode(value).complete(ScrapeDefaults.DEFAULT));
  }

  @Test
  void defaults() {
    ScrapeConfig job = job("job_name: node");
    assertThat(job)
        .isEqualTo(
            new ScrapeConfig(
                "node",
                false,
                true,
                false,
                Map.of(),
                Duration.ofMinutes(1),
                Duration.ofSeconds(10),
                List.of(
                    ScrapeProtocol.OPENMETRICS_TEXT_1_0_0,
                    ScrapeProtocol.OPENMETRICS_TEXT_0_0_1,
                    ScrapeProtocol.PROMETHEUS_TEXT_1_0_0,
                    ScrapeProtocol.PROMETHEUS_TEXT_0_0_4),
                null,
                HistogramOptions.DEFAULT,
                false,
                "",
                "/metrics",
                "http",
                true,
                ScrapeLimits.NONE,
                ValidationScheme.UTF8,
                EscapingScheme.ALLOW_UTF_8,
                HttpClientConfig.DEFAULT,
                List.of(),
                List.of(),
                List.of()));
  }

  @Test
  void everyKey() {
    ScrapeConfig job =
        job(
            """
            job_name: node
            honor_labels: yes
            honor_timestamps: false
            track_timestamps_staleness: true
            params: {module: [a, b], x: [1]}
            scrape_interval: 15s
            scrape_timeout: 5s
            scrape_protocols: [PrometheusText0.0.4, OpenMetricsText1.0.0]
            fallback_scrape_protocol: PrometheusText1.0.0
            always_scrape_classic_histograms: true
            scrape_failure_log_file: fail.log
            metrics_path: /probe
            scheme: https
            enable_compression: false
            body_size_limit: 10MB
            sample_limit: 1
            target_limit: 2
            label_limit: 3
            label_name_length_limit: 4
            label_value_length_limit: 5
            keep_dropped_targets: 6
            metric_name_validation_scheme: legacy
            metric_name_escaping_scheme: dots
            native_histogram_bucket_limit: 0
            native_histogram_min_bucket_factor: 0
            scrape_native_histograms: false
            convert_classic_histograms_to_nhcb: false
            extra_scrape_metrics: false
            basic_auth: {username: u, password: p}
            relabel_configs: [{action: keep, source_labels: [a], regex: b}]
            metric_relabel_configs: [{action: labeldrop, regex: c}]
            static_configs: [{targets: ['localhost:9100'], labels: {rack: 7}}]
            file_sd_configs: [{files: [targets/*.json], refresh_interval: 1m}]
            dns_sd_configs: []
            """);
    assertThat(job.honorLabels()).isTrue();
    assertThat(job.honorTimestamps()).isFalse();
    assertThat(job.trackTimestampsStaleness()).isTrue();
    assertThat(job.params()).isEqualTo(Map.of("module", List.of("a", "b"), "x", List.of("1")));
    assertThat(job.interval()).isEqualTo(Duration.ofSeconds(15));
    assertThat(job.timeout()).isEqualTo(Duration.ofSeconds(5));
    assertThat(job.protocols())
        .containsExactly(
            ScrapeProtocol.PROMETHEUS_TEXT_0_0_4, ScrapeProtocol.OPENMETRICS_TEXT_1_0_0);
    assertThat(job.fallbackProtocol()).isEqualTo(ScrapeProtocol.PROMETHEUS_TEXT_1_0_0);
    assertThat(job.histograms().alwaysScrapeClassic()).isTrue();
    assertThat(job.failureLogFile()).isEqualTo("/etc/prometheus/fail.log");
    assertThat(job.metricsPath()).isEqualTo("/probe");
    assertThat(job.scheme()).isEqualTo("https");
    assertThat(job.enableCompression()).isFalse();
    assertThat(job.limits()).isEqualTo(new ScrapeLimits(10 << 20, 1, 2, 3, 4, 5, 6));
    assertThat(job.validation()).isEqualTo(ValidationScheme.LEGACY);
    assertThat(job.escaping()).isEqualTo(EscapingScheme.DOTS);
    assertThat(job.http().basicAuth()).isNotNull();
    assertThat(job.relabelling())
        .singleElement()
        .satisfies(rule -> {
          assertThat(rule.action()).isEqualTo(RelabelAction.KEEP);
          assertThat(rule.scheme()).isEqualTo(ValidationScheme.LEGACY);
        });
    assertThat(job.metricRelabelling()).hasSize(1);
    assertThat(job.discovery())
        .containsExactly(
            new StaticConfig(
                List.of(new StaticGroup(List.of("localhost:9100"), Labels.of("rack", "7")))),
            new FileConfig(List.of("/etc/prometheus/targets/*.json"), Duration.ofMinutes(1)));
  }

  @Test
  void theGlobalSectionFillsInWhatAJobLeavesOpen() {
    ScrapeDefaults defaults =
        new ScrapeDefaults(
            Duration.ofSeconds(30),
            Duration.ofSeconds(20),
            List.of(ScrapeProtocol.PROMETHEUS_TEXT_0_0_4),
            new ScrapeLimits(1, 2, 3, 4, 5, 6, 7),
            "/var/log/fail",
            ValidationScheme.LEGACY,
            "",
            new HistogramOptions(false, true, false, 0, 0),
            true);
    ScrapeConfig job = Yaml.decode("job_name: a", ScrapeConfig::decode).complete(defaults);
    assertThat(job.interval()).isEqualTo(Duration.ofSeconds(30));
    assertThat(job.timeout()).isEqualTo(Duration.ofSeconds(20));
    assertThat(job.protocols()).containsExactly(ScrapeProtocol.PROMETHEUS_TEXT_0_0_4);
    assertThat(job.limits()).isEqualTo(defaults.limits());
    assertThat(job.failureLogFile()).isEqualTo("/var/log/fail");
    assertThat(job.validation()).isEqualTo(ValidationScheme.LEGACY);
    assertThat(job.escaping()).isEqualTo(EscapingScheme.UNDERSCORES);
    assertThat(job.histograms().alwaysScrapeClassic()).isTrue();

    assertThat(job.extraMetrics()).isTrue();

    ScrapeConfig quick =
        Yaml.decode("{job_name: a, scrape_interval: 5s}", ScrapeConfig::decode).complete(defaults);
    assertThat(
            Yaml.decode("{job_name: a, extra_scrape_metrics: false}", ScrapeConfig::decode)
                .complete(defaults)
                .extraMetrics())
        .isFalse();
    assertThat(quick.timeout()).isEqualTo(Duration.ofSeconds(5));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                            | job_name is empty (line 1)
          null                                          | empty or null scrape config section (line 1)
          {job_name: a, scrape_timeout: 2m}             | scrape timeout greater than scrape interval for scrape config with job name "a" (line 1)
          {job_name: a, scrape_protocols: []}           | scrape_protocols cannot be empty for scrape config with job name "a" (line 1)
          {job_name: a, scrape_protocols: [OpenMetricsText1.0.0, OpenMetricsText1.0.0]} | duplicated protocol in scrape_protocols, got [OpenMetricsText1.0.0 OpenMetricsText1.0.0] for scrape config with job name "a" (line 1)
          {job_name: a, fallback_scrape_protocol: x}    | invalid fallback_scrape_protocol for scrape config with job name "a": unknown scrape protocol x, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto PrometheusText0.0.4 PrometheusText1.0.0] (line 1)
          {job_name: a, metric_name_validation_scheme: legacy, metric_name_escaping_scheme: allow-utf-8} | utf8 metric names requested but validation scheme is not set to UTF8 (line 1)
          {job_name: a, metric_name_escaping_scheme: x} | unknown scrape config name escaping method specified, must be one of 'allow-utf-8', 'underscores', 'dots', or 'values', got "x" (line 1)
          {job_name: a, static_configs: [{targets: ['http://a']}]} | "http://a" is not a valid hostname (line 1)
          {job_name: a, static_configs: [null]}         | empty or null section in static_configs (line 1)
          {job_name: a, relabel_configs: [null]}        | empty or null target relabeling rule in scrape config (line 1)
          {job_name: a, metric_relabel_configs: [null]} | empty or null metric relabeling rule in scrape config (line 1)
          {job_name: a, oauth2: {}}                     | oauth2 client_id must be configured (line 1)
          """)
  void brokenRules(String yaml, String message) {
    assertThatThrownBy(() -> job(yaml)).isInstanceOf(YamlException.class).hasMessage(message);
  }

  @Test
  void histogramOptionsAreReadWhole() {
    Yaml.Decoded<ScrapeConfig> decoded =
        Yaml.decodeAll(
            """
            job_name: a
            scrape_native_histograms: true
            convert_classic_histograms_to_nhcb: true
            native_histogram_bucket_limit: 160
            native_histogram_min_bucket_factor: 1.1
            extra_scrape_metrics: true
            """,
            Path.of(""),
            text -> text,
            value -> ScrapeConfig.decode(value).complete(ScrapeDefaults.DEFAULT));
    ScrapeConfig job = decoded.value();
    assertThat(job.histograms()).isEqualTo(new HistogramOptions(true, false, true, 160, 1.1));
    assertThat(job.extraMetrics()).isTrue();
    assertThat(job.protocols())
        .startsWith(ScrapeProtocol.PROMETHEUS_PROTO, ScrapeProtocol.OPENMETRICS_TEXT_1_0_0);
    assertThat(decoded.later()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"job_nam", "scrape_intervall", "static_config", "x"})
  void unknownKeysAreRefused(String key) {
    assertThatThrownBy(() -> job("job_name: a\n" + key + ": 1"))
        .hasMessageStartingWith(
            "yaml: unmarshal errors:\n  line 2: field "
                + key
                + " not found in type config.ScrapeConfig");
  }

  @Test
  void printsWithTheDefaultsFilledIn() {
    assertThat(
            YamlWriter.print(
                job("{job_name: node, static_configs: [{targets: ['localhost:9100']}]}")::write))
        .isEqualTo(
            """
            job_name: node
            honor_timestamps: true
            track_timestamps_staleness: false
            scrape_interval: 1m
            scrape_timeout: 10s
            scrape_protocols:
            - OpenMetricsText1.0.0
            - OpenMetricsText0.0.1
            - PrometheusText1.0.0
            - PrometheusText0.0.4
            scrape_native_histograms: false
            always_scrape_classic_histograms: false
            convert_classic_histograms_to_nhcb: false
            metrics_path: /metrics
            scheme: http
            enable_compression: true
            metric_name_validation_scheme: utf8
            metric_name_escaping_scheme: allow-utf-8
            extra_scrape_metrics: false
            follow_redirects: true
            enable_http2: true
            static_configs:
            - targets:
              - localhost:9100
            """);
  }
}
