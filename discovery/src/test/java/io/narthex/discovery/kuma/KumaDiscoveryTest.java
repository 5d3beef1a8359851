package io.narthex.discovery.kuma;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The answers have the form of Kuma's {@code observability/v1/mads.proto} and of Envoy's {@code
 * DiscoveryResponse} in the JSON of protobuf, which allows two spellings of a member.
 */
final class KumaDiscoveryTest extends StubAcceptance {

  private static final String TYPE =
      "type.googleapis.com/kuma.observability.v1.MonitoringAssignment";

  private final AtomicInteger versions = new AtomicInteger();

  @Override
  protected String section(String url) {
    return "kuma_sd_configs: [{server: '" + url + "', client_id: test}]";
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Debian's Prometheus is built without Kuma";
  }

  @Override
  protected String failureMetric() {
    return "prometheus_sd_kuma_fetch_failures";
  }

  @Override
  protected void serve(int targets) {
    String version = "v" + versions.incrementAndGet();
    String assignment =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> "{\"name\": \"d" + i + "\", \"address\": \"" + address(i) + "\"}")
            .collect(
                Collectors.joining(
                    ",", "{\"@type\": \"" + TYPE + "\", \"mesh\": \"m\", \"targets\": [", "]}"));
    stub.answer(asked ->
        asked.body().contains("\"version_info\":\"" + version + "\"")
            ? Stub.Answer.status(304, "")
            : Stub.Answer.json(answer(version, assignment)));
  }

  private static String answer(String version, String resources) {
    return """
    {"versionInfo": "%s", "typeUrl": "%s", "nonce": "n-%s", "resources": [%s]}
    """
        .formatted(version, TYPE, version, resources);
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9090";
  }

  private MonitoringAssignments assignments(String section) throws Exception {
    return new MonitoringAssignments((KumaConfig) config(section), context);
  }

  private double counter(String name) {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_kuma_fetch_" + name))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            """
            {"version_info": "1", "type_url": "%s", "nonce": "abc", "resources": [{
              "@type": "%s",
              "mesh": "metrics",
              "service": "prometheus",
              "targets": [{
                "name": "prometheus-01",
                "scheme": "http",
                "address": "10.1.4.32:9090",
                "metricsPath": "/custom-metrics",
                "labels": {"commit_hash": "620506a88", "team": "lost"}
              }, {
                "name": "prometheus-02",
                "scheme": "https",
                "address": "10.1.4.33:9090",
                "metrics_path": "/m"
              }],
              "labels": {"kuma.io/zone": "us-east-1", "team": "infra"}
            }, {
              "@type": "%s", "mesh": "metrics", "service": "grafana", "targets": []
            }, {
              "@type": "%s",
              "mesh": "data",
              "service": "elasticsearch",
              "targets": [{"name": "elasticsearch-01", "address": "10.1.1.1"}]
            }]}
            """
                .formatted(TYPE, TYPE, TYPE, TYPE)));
    try (MonitoringAssignments assignments = assignments(section(stub.url()))) {
      assertThat(assignments.fetch())
          .containsExactly(
              Labels.of(
                  Map.of(
                      "__address__", "10.1.4.32:9090",
                      "__metrics_path__", "/custom-metrics",
                      "__scheme__", "http",
                      "instance", "prometheus-01",
                      "__meta_kuma_mesh", "metrics",
                      "__meta_kuma_service", "prometheus",
                      "__meta_kuma_label_team", "infra",
                      "__meta_kuma_label_kuma_io_zone", "us-east-1",
                      "__meta_kuma_label_commit_hash", "620506a88",
                      "__meta_kuma_dataplane", "prometheus-01")),
              Labels.of(
                  Map.of(
                      "__address__", "10.1.4.33:9090",
                      "__metrics_path__", "/m",
                      "__scheme__", "https",
                      "instance", "prometheus-02",
                      "__meta_kuma_mesh", "metrics",
                      "__meta_kuma_service", "prometheus",
                      "__meta_kuma_label_team", "infra",
                      "__meta_kuma_label_kuma_io_zone", "us-east-1",
                      "__meta_kuma_dataplane", "prometheus-02")),
              Labels.of(
                  Map.of(
                      "__address__", "10.1.1.1",
                      "instance", "elasticsearch-01",
                      "__meta_kuma_mesh", "data",
                      "__meta_kuma_service", "elasticsearch",
                      "__meta_kuma_dataplane", "elasticsearch-01")));
    }
  }

  @Test
  void tellsWhatItKnows() throws Exception {
    serve(1);
    String section =
        "kuma_sd_configs: [{server: '"
            + stub.url()
            + "/mads/', client_id: test, fetch_timeout: 90s, basic_auth: {username: u, password:"
            + " p}}]";
    try (MonitoringAssignments assignments = assignments(section)) {
      assertThat(assignments.fetch()).hasSize(1);
      assertThat(assignments.fetch()).isNull();
      serve(2);
      assertThat(assignments.fetch()).hasSize(2);
    }
    Stub.Asked asked = stub.asked().getFirst();
    assertThat(asked.method()).isEqualTo("POST");
    assertThat(asked.path())
        .isEqualTo("/mads/v3/discovery:monitoringassignments?fetch-timeout=1m30s");
    assertThat(asked.header("Content-Type")).isEqualTo("application/json");
    assertThat(asked.header("Accept")).isEqualTo("application/json");
    assertThat(asked.header("Authorization")).isEqualTo("Basic dTpw");
    assertThat(stub.asked().stream().map(Stub.Asked::body))
        .containsExactly(
            "{\"node\":{\"id\":\"test\"},\"type_url\":\"" + TYPE + "\"}",
            "{\"version_info\":\"v1\",\"node\":{\"id\":\"test\"},\"type_url\":\""
                + TYPE
                + "\",\"response_nonce\":\"n-v1\"}",
            "{\"version_info\":\"v1\",\"node\":{\"id\":\"test\"},\"type_url\":\""
                + TYPE
                + "\",\"response_nonce\":\"n-v1\"}");
  }

  @Test
  void hasANameOfItsOwn() throws Exception {
    serve(1);
    try (MonitoringAssignments assignments =
        assignments("kuma_sd_configs: [{server: '" + stub.url() + "'}]")) {
      assignments.fetch();
    }
    assertThat(stub.asked().getFirst().body()).containsPattern("\"node\":\\{\"id\":\"[^\"]+\"}");
  }

  @Test
  void fetchesAreCounted() throws Exception {
    serve(1);
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1)));
    for (int i = 0; i < 1_000 && counter("skipped_updates") == 0; i++) {
      clock.advance(Duration.ofMinutes(1));
      Thread.sleep(5);
    }
    assertThat(counter("skipped_updates")).isPositive();
    assertThat(counter("failures")).isZero();
  }

  /** What was not understood is not known: it is sent again when it is asked for. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          503 | away                | non 200 status '503' response during xDS fetch
          200 | {                   | no valid JSON
          200 | {"typeUrl": "t"}    | received invalid typeURL for Kuma MADS v1 Resource: t
          200 | {"versionInfo": "9", "typeUrl": "TYPE", "resources": [{"@type": "x"}]} | received a resource of type "x", expected TYPE
          200 | {"versionInfo": "9", "typeUrl": "TYPE", "resources": [{"@type": "TYPE", "targets": [{"name": 1}]}]} | resources[0].targets[0].name is a number, expected a text
          """)
  void wrongAnswers(int status, String body, String message) throws Exception {
    stub.answer(
        asked -> new Stub.Answer(status, "application/json", body.replace("TYPE", TYPE), Map.of()));
    try (MonitoringAssignments assignments = assignments(section(stub.url()))) {
      assertThatThrownBy(assignments::fetch).hasMessageContaining(message.replace("TYPE", TYPE));
      serve(1);
      assertThat(assignments.fetch()).hasSize(1);
      List<Stub.Asked> asked = stub.asked();
      assertThat(asked.getLast().body()).doesNotContain("version_info");
    }
  }
}
