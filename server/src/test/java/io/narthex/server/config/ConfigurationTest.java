package io.narthex.server.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.remote.config.OtlpConfig;
import io.narthex.rules.alerting.AlertingConfig;
import io.narthex.scrape.config.EscapingScheme;
import io.narthex.scrape.config.HistogramOptions;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.config.ScrapeDefaults;
import io.narthex.scrape.config.ScrapeLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ConfigurationTest {

  @TempDir private Path folder;

  private Path write(String name, String yaml) {
    try {
      return Files.writeString(folder.resolve(name), yaml);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Configuration load(String yaml) {
    return load(yaml, Map.of());
  }

  private Configuration load(String yaml, Map<String, String> environment) {
    return Configuration.load(
        write("prometheus.yml", yaml), LoadOptions.DEFAULT.withEnvironment(environment::get));
  }

  /** What is still to come passes. */
  private Configuration check(String yaml) {
    return Configuration.check(write("prometheus.yml", yaml), LoadOptions.DEFAULT);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "global:\n", "runtime: {}\n", "scrape_configs: []\nrule_files:\n"})
  void defaults(String yaml) {
    Configuration configuration = load(yaml);
    assertThat(configuration)
        .isEqualTo(
            new Configuration(
                new GlobalConfig(
                    ScrapeDefaults.DEFAULT, Duration.ofMinutes(1), Duration.ZERO, "", Labels.EMPTY),
                75,
                AlertingConfig.NONE,
                List.of(),
                List.of(),
                List.of(),
                List.of(),
                new StorageConfig(Duration.ZERO, 0, 0, Duration.ZERO, 100_000, 0, ""),
                null,
                List.of(),
                List.of(),
                OtlpConfig.DEFAULT,
                List.of()));
  }

  @Test
  void everyKeyOfGlobalAndTheSmallSections() {
    Configuration configuration =
        load(
            """
            global:
              scrape_interval: 15s
              scrape_timeout: 5s
              scrape_protocols: [PrometheusText0.0.4]
              evaluation_interval: 30s
              rule_query_offset: 10s
              query_log_file: q.log
              scrape_failure_log_file: fail.log
              external_labels: {zone: eu, n: 1}
              body_size_limit: 1MB
              sample_limit: 1
              target_limit: 2
              label_limit: 3
              label_name_length_limit: 4
              label_value_length_limit: 5
              keep_dropped_targets: 6
              metric_name_validation_scheme: legacy
              metric_name_escaping_scheme: underscores
              scrape_native_histograms: false
              always_scrape_classic_histograms: true
              convert_classic_histograms_to_nhcb: false
              extra_scrape_metrics: true
            runtime:
              gogc: 42
            rule_files: [absent/*.yml]
            storage:
              tsdb:
                out_of_order_time_window: 30m
                stale_series_compaction_threshold: 0.25
                chunk_encoding: {floats: xor}
                retention: {time: 30d, size: 2GB, percentage: 12.5}
              exemplars: {max_exemplars: 5}
            alerting:
              alert_relabel_configs: [{action: labeldrop, regex: a}]
              alertmanagers:
              - timeout: 5s
                api_version: v2
                path_prefix: /am
                scheme: https
                static_configs: [{targets: }]
            tracing:
            remote_write: []
            remote_read: []
            otlp: {}
            """);
    assertThat(configuration.global())
        .isEqualTo(
            new GlobalConfig(
                new ScrapeDefaults(
                    Duration.ofSeconds(15),
                    Duration.ofSeconds(5),
                    List.of(ScrapeProtocol.PROMETHEUS_TEXT_0_0_4),
                    new ScrapeLimits(1 << 20, 1, 2, 3, 4, 5, 6),
                    folder + "/fail.log",
                    ValidationScheme.LEGACY,
                    EscapingScheme.UNDERSCORES.text(),
                    new HistogramOptions(false, true, false, 0, 0),
                    true),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                folder + "/q.log",
                Labels.of("zone", "eu", "n", "1")));
    assertThat(configuration.gogc()).isEqualTo(42);
    assertThat(configuration.ruleFiles()).containsExactly(folder + "/absent/*.yml");
    assertThat(configuration.storage())
        .isEqualTo(
            new StorageConfig(
                Duration.ofDays(30), 2L << 30, 12.5, Duration.ofMinutes(30), 5, 0.25, "xor"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          $ZONE           | eu
          ${ZONE}         | eu
          a${ZONE}b       | aeub
          $ZONEb          | -
          $$ZONE          | $ZONE
          $ABSENT         | -
          x$              | x$
          $-x             | x
          ${ZONE          | ZONE
          plain           | plain
          """)
  void externalLabelsTakeTheEnvironment(String text, String expanded) {
    Labels labels =
        load("global: {external_labels: {l: '" + text + "'}}", Map.of("ZONE", "eu"))
            .global()
            .externalLabels();
    assertThat(labels.getOrEmpty("l")).isEqualTo(expanded.equals("-") ? "" : expanded);
  }

  @Test
  void jobsOfFurtherFilesComeBehindTheOwn() throws IOException {
    Files.createDirectory(folder.resolve("jobs"));
    write("jobs/b.yml", "scrape_configs: [{job_name: b, file_sd_configs: [{files: [t.json]}]}]");
    write("jobs/a.yml", "scrape_configs: [{job_name: a}]");
    Configuration configuration =
        load(
            "global: {scrape_interval: 3s}\nscrape_config_files: [jobs/*.yml]\n"
                + "scrape_configs: [{job_name: own}]");
    assertThat(configuration.jobs())
        .extracting(ScrapeConfig::jobName)
        .containsExactly("own", "a", "b");
    assertThat(configuration.jobs()).allMatch(job -> job.interval().equals(Duration.ofSeconds(3)));
    assertThat(configuration.jobs().getLast().discovery().toString())
        .contains(folder + "/jobs/t.json");
    assertThat(configuration.yaml())
        .contains("scrape_config_files:\n- " + folder + "/jobs/*.yml\n")
        .doesNotContain("job_name: a\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          global:;  scrape_intervall: 15s   | yaml: unmarshal errors:;  line 2: field scrape_intervall not found in type config.plain (did you mean "scrape_interval"?)
          global:;  scrape_interval: [15s]  | yaml: unmarshal errors:;  line 2: cannot unmarshal !!seq into string
          global:;  scrape_interval: 15     | not a valid duration string: "15" (line 2)
          global:;  scrape_timeout: 2m      | global scrape timeout greater than scrape interval (line 2)
          global:;  external_labels: {'': a} | "" is not a valid label name (line 2)
          global:;  scrape_protocols: [a]   | scrape_protocols: unknown scrape protocol a, supported: [OpenMetricsText0.0.1 OpenMetricsText1.0.0 PrometheusProto PrometheusText0.0.4 PrometheusText1.0.0] for global config (line 2)
          global:;  metric_name_validation_scheme: x | unrecognized ValidationScheme: "x" (line 2)
          global: abc;scrape_configs: {}    | yaml: unmarshal errors:;  line 1: cannot unmarshal !!str `abc` into config.plain;  line 2: cannot unmarshal !!map into []*config.ScrapeConfig
          runtime:;  gogc: x                | yaml: unmarshal errors:;  line 2: cannot unmarshal !!str `x` into int
          scrape_configs:;- job_name: a;- job_name: a | found multiple scrape configs with job name "a" (line 3)
          scrape_configs:;-                 | empty or null scrape config section (line 2)
          rule_files: [a/*/b]               | invalid rule file path "a/*/b" (line 1)
          scrape_config_files: [a/*/b]      | invalid scrape config file path "a/*/b" (line 1)
          rule_files: [prometheus.yml]      | evaluating rules (field rule_files, file FOLDER/prometheus.yml) is not supported by Narthex yet (line 1)
          alerting:;  alertmanagers:;  - static_configs: [{targets: [a]}] | sending alerts (field alertmanagers) is not supported by Narthex yet (line 3)
          alerting: {alertmanagers: [{api_version: v1}]} | expected Alertmanager api version to be one of [v2] but got v1 (line 1)
          alerting: {alert_relabel_configs: [{action: keep, regex: '('}]} | error parsing regexp: missing closing ): `^(?s:()$` (line 1)
          remote_write: [{url: 'http://a'}] | field remote_write is not supported by Narthex yet (line 1)
          remote_read: [{url: a}]           | field remote_read is not supported by Narthex yet (line 1)
          tracing: {endpoint: a}            | field tracing is not supported by Narthex yet (line 1)
          otlp: {keep_identifying_resource_attributes: true} | field otlp is not supported by Narthex yet (line 1)
          storage: {tsdb: {out_of_order_time_window: x}} | not a valid duration string: "x" (line 1)
          storage: {tsdb: {retention: {percentage: 101}}} | 'storage.tsdb.retention.percentage' must be in the range [0, 100], got 101 (line 1)
          storage: {tsdb: {chunk_encoding: {floats: XOR}}} | 'storage.tsdb.chunk_encoding.floats' must be 'xor' or 'xor2', or the field must be omitted entirely, got "XOR" (line 1)
          foo: 1                            | yaml: unmarshal errors:;  line 1: field foo not found in type config.plain
          """)
  void whatIsWrongIsNamedWithFileAndLine(String yaml, String message) {
    assertThatThrownBy(() -> load(yaml.replace(';', '\n')))
        .isInstanceOf(ConfigException.class)
        .hasMessage(
            "parsing YAML file "
                + folder.resolve("prometheus.yml")
                + ": "
                + message.replace(';', '\n').replace("FOLDER", folder.toString()));
  }

  @Test
  void everyKeyOfTheSectionsAboutOthers() {
    Configuration configuration =
        check(
            """
            alerting:
              alert_relabel_configs: [{action: labeldrop, regex: a}]
              alertmanagers:
              - timeout: 5s
                path_prefix: /am
                scheme: https
                sigv4: {region: eu, access_key: a, secret_key: s, profile: p, role_arn: r}
                relabel_configs: [{action: labeldrop, regex: b}]
                alert_relabel_configs: [{action: labeldrop, regex: c}]
                static_configs: [{targets: ['am:9093']}]
            tracing:
              client_type: http
              endpoint: t:4318
              sampling_fraction: 0.5
              insecure: true
              tls_config: {server_name: n}
              headers: {x: y}
              compression: gzip
              timeout: 3s
            remote_write:
            - url: http://u:p@w/push
              remote_timeout: 7s
              headers: {x: y}
              write_relabel_configs: [{action: labeldrop, regex: d}]
              name: w
              send_exemplars: true
              send_native_histograms: true
              round_robin_dns: true
              protobuf_message: io.prometheus.write.v2.Request
              queue_config:
                capacity: 10
                max_shards: 9
                min_shards: 2
                max_samples_per_send: 8
                batch_send_deadline: 4s
                min_backoff: 1s
                max_backoff: 2s
                retry_on_http_429: true
                sample_age_limit: 1h
              metadata_config: {send: false, send_interval: 3m, max_samples_per_send: 6}
              azuread: {oauth: {client_id: 00000000-0000-0000-0000-000000000000, client_secret: s, tenant_id: t}}
            remote_read:
            - url: http://r/read
              remote_timeout: 9s
              chunked_read_limit: 100
              headers: {x: y}
              read_recent: true
              name: r
              required_matchers: {job: j}
              filter_external_labels: false
            otlp:
              promote_all_resource_attributes: true
              ignore_resource_attributes: [' a ']
              translation_strategy: NoTranslation
              keep_identifying_resource_attributes: true
              convert_histograms_to_nhcb: true
              promote_scope_metadata: true
              label_name_underscore_sanitization: false
              label_name_preserve_multiple_underscores: false
            """);
    assertThat(configuration.yaml())
        .endsWith(
            """
            runtime:
              gogc: 75
            alerting:
              alert_relabel_configs:
              - separator: ;
                regex: a
                replacement: $1
                action: labeldrop
              alertmanagers:
              - follow_redirects: true
                enable_http2: true
                sigv4:
                  region: eu
                  access_key: a
                  secret_key: <secret>
                  profile: p
                  role_arn: r
                scheme: https
                path_prefix: /am
                timeout: 5s
                api_version: v2
                relabel_configs:
                - separator: ;
                  regex: b
                  replacement: $1
                  action: labeldrop
                alert_relabel_configs:
                - separator: ;
                  regex: c
                  replacement: $1
                  action: labeldrop
                static_configs:
                - targets:
                  - am:9093
            tracing:
              client_type: http
              endpoint: t:4318
              sampling_fraction: 0.5
              insecure: true
              tls_config:
                server_name: "n"
                insecure_skip_verify: false
              headers:
                x: "y"
              compression: gzip
              timeout: 3s
            remote_write:
            - url: http://u:xxxxx@w/push
              remote_timeout: 7s
              headers:
                x: "y"
              write_relabel_configs:
              - separator: ;
                regex: d
                replacement: $1
                action: labeldrop
              name: w
              send_exemplars: true
              send_native_histograms: true
              round_robin_dns: true
              protobuf_message: io.prometheus.write.v2.Request
              follow_redirects: true
              enable_http2: false
              queue_config:
                capacity: 10
                max_shards: 9
                min_shards: 2
                max_samples_per_send: 8
                batch_send_deadline: 4s
                min_backoff: 1s
                max_backoff: 2s
                retry_on_http_429: true
                sample_age_limit: 1h
              metadata_config:
                send: false
                send_interval: 3m
                max_samples_per_send: 6
              azuread:
                oauth:
                  client_id: 00000000-0000-0000-0000-000000000000
                  client_secret: <secret>
                  tenant_id: t
                cloud: AzurePublic
            remote_read:
            - url: http://r/read
              remote_timeout: 9s
              chunked_read_limit: 100
              headers:
                x: "y"
              read_recent: true
              name: r
              follow_redirects: true
              enable_http2: true
              required_matchers:
                job: j
              filter_external_labels: false
            otlp:
              promote_all_resource_attributes: true
              ignore_resource_attributes:
              - a
              translation_strategy: NoTranslation
              keep_identifying_resource_attributes: true
              convert_histograms_to_nhcb: true
              promote_scope_metadata: true
              label_name_underscore_sanitization: false
              label_name_preserve_multiple_underscores: false
            """);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          plain                 | plain
          ${env:ZONE}           | eu
          a-${env:ZONE}-${env:ZONE}-b | a-eu-eu-b
          $${env:ZONE}          | ${env:ZONE}
          ${1}-$2               | ${1}-$2
          ${file:secret.txt}    | from a file
          """)
  void valuesAreFilledInWhereAsked(String text, String expanded) {
    write("secret.txt", "from a file\n");
    LoadOptions options =
        LoadOptions.DEFAULT.withEnvironment(Map.of("ZONE", "eu")::get).withExpandValues(true);
    String yaml = "scrape_configs: [{job_name: j, params: {p: ['" + text + "']}}]";
    Configuration configuration = Configuration.load(write("prometheus.yml", yaml), options);
    assertThat(configuration.jobs().getFirst().params().get("p")).containsExactly(expanded);
    assertThat(configuration.expandedFiles())
        .isEqualTo(text.contains("file:") ? List.of(folder.resolve("secret.txt")) : List.of());
    // Off by default.
    assertThat(load(yaml).jobs().getFirst().params().get("p")).containsExactly(text);
  }

  @Test
  void numbersMayComeFromTheEnvironmentAndWhatIsMissingIsAnError() {
    LoadOptions options =
        LoadOptions.DEFAULT.withEnvironment(Map.of("N", "7")::get).withExpandValues(true);
    Path file = write("prometheus.yml", "global:\n  sample_limit: ${env:N}\n");
    assertThat(Configuration.load(file, options).global().scrape().limits().samples()).isEqualTo(7);
    write("prometheus.yml", "global:\n  sample_limit: ${env:M}\n");
    assertThatThrownBy(() -> Configuration.load(file, options))
        .hasMessage("parsing YAML file " + file + ": environment variable M is not set (line 2)");
    write("prometheus.yml", "rule_files: ['${file:absent}']");
    assertThatThrownBy(() -> Configuration.load(file, options))
        .hasMessage(
            "parsing YAML file "
                + file
                + ": the file "
                + folder.resolve("absent")
                + " cannot be read (line 1)");
  }

  @Test
  void filesThatCannotBeReadAreNamed() throws IOException {
    Path absent = folder.resolve("absent.yml");
    assertThatThrownBy(() -> Configuration.load(absent, LoadOptions.DEFAULT))
        .hasMessage("open " + absent + ": no such file or directory");
    assertThatThrownBy(() -> Configuration.load(folder, LoadOptions.DEFAULT))
        .hasMessage("read " + folder + ": is a directory");
    Path binary = Files.write(folder.resolve("binary.yml"), new byte[] {(byte) 0xff, 1});
    assertThatThrownBy(() -> Configuration.load(binary, LoadOptions.DEFAULT))
        .hasMessage("parsing YAML file " + binary + ": yaml: the file is not UTF-8");
  }

  @Test
  void faultsOfFurtherFilesNameThatFile() {
    Path file = write("more.yml", "scrape_configs:\n- job_name: own\n");
    assertThatThrownBy(
            () -> load("scrape_config_files: [more.yml]\nscrape_configs: [{job_name: own}]"))
        .hasMessage(
            "\""
                + file
                + "\": found multiple scrape configs with job name \"own\", first found in main"
                + " config file (line 2)");
  }

  @Test
  void printsWithDefaultsFilledInAndSecretsHidden() {
    assertThat(
            load("""
            global: {external_labels: {zone: "1"}}
            scrape_configs:
            - job_name: a
              basic_auth: {username: u, password: p}
            """)
                .yaml())
        .isEqualTo(
            """
            global:
              scrape_interval: 1m
              scrape_timeout: 10s
              evaluation_interval: 1m
              external_labels:
                zone: "1"
              metric_name_validation_scheme: utf8
              scrape_native_histograms: false
            runtime:
              gogc: 75
            scrape_configs:
            - job_name: a
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
              basic_auth:
                username: u
                password: <secret>
              follow_redirects: true
              enable_http2: true
            otlp:
              translation_strategy: UnderscoreEscapingWithSuffixes
              label_name_underscore_sanitization: true
              label_name_preserve_multiple_underscores: true
            """);
  }
}
