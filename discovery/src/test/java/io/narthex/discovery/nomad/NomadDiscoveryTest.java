package io.narthex.discovery.nomad;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The answers have the form of Nomad's API documentation: "Services", "List" and "Read Service".
 */
final class NomadDiscoveryTest extends StubAcceptance {

  @Override
  protected String section(String url) {
    return "nomad_sd_configs: [{server: '" + url + "'}]";
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Debian's Prometheus is built without Nomad";
  }

  @Override
  protected void serve(int targets) {
    String names =
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> "{\"ServiceName\": \"s" + i + "\", \"Tags\": []}")
            .collect(Collectors.joining(","));
    stub.answer(asked -> {
      if (asked.path().startsWith("/v1/services?")) {
        return Stub.Answer.json("[{\"Namespace\": \"default\", \"Services\": [" + names + "]}]");
      }
      String number = asked.path().replaceAll("/v1/service/s(\\d+)\\?.*", "$1");
      return Stub.Answer.json(
          "[{\"ServiceName\": \"s%s\", \"Address\": \"10.0.0.%s\", \"Port\": 9100}]"
              .formatted(number, number));
    });
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private List<TargetGroup> refresh(String section) throws IOException {
    try (Services services = new Services((NomadConfig) config(section), context)) {
      return services.refresh();
    }
  }

  private double failures() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_nomad_failures"))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void everyLabel() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().startsWith("/v1/services?")
                ? """
                [
                  {"Namespace": "default",
                   "Services": [{"ServiceName": "example-cache-redis",
                                 "Tags": ["cache", "db"]}]},
                  {"Namespace": "other",
                   "Services": [{"ServiceName": "example-cache-redis", "Tags": []}]}
                ]
                """
                : """
                [{
                  "Address": "127.0.0.1",
                  "AllocID": "177160af-26f6-619f-9c9f-5e46d1104395",
                  "CreateIndex": 14,
                  "Datacenter": "dc1",
                  "ID": "_nomad-task-177160af-redis-example-cache-redis-db",
                  "JobID": "example",
                  "ModifyIndex": 24,
                  "Namespace": "default",
                  "NodeID": "7406e90b-de16-d118-80fe-60d0f2730cb3",
                  "Port": 29702,
                  "ServiceName": "example-cache-redis",
                  "Tags": ["db", "cache"]
                }, {
                  "Address": "::1", "Port": 1, "ServiceName": "example-cache-redis",
                  "Tags": null
                }]
                """));
    assertThat(refresh("nomad_sd_configs: [{server: '" + stub.url() + "/', tag_separator: ';'}]"))
        .containsExactly(
            new TargetGroup(
                "Nomad",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        Map.of(
                            "__address__",
                            "127.0.0.1:29702",
                            "__meta_nomad_address",
                            "127.0.0.1",
                            "__meta_nomad_dc",
                            "dc1",
                            "__meta_nomad_namespace",
                            "default",
                            "__meta_nomad_node_id",
                            "7406e90b-de16-d118-80fe-60d0f2730cb3",
                            "__meta_nomad_service",
                            "example-cache-redis",
                            "__meta_nomad_service_address",
                            "127.0.0.1",
                            "__meta_nomad_service_id",
                            "_nomad-task-177160af-redis-example-cache-redis-db",
                            "__meta_nomad_service_port",
                            "29702",
                            "__meta_nomad_tags",
                            ";db;cache;")),
                    Labels.of(
                        "__address__",
                        "[::1]:1",
                        "__meta_nomad_address",
                        "::1",
                        "__meta_nomad_service",
                        "example-cache-redis",
                        "__meta_nomad_service_address",
                        "::1",
                        "__meta_nomad_service_port",
                        "1"))));
    assertThat(stub.asked().stream().map(Stub.Asked::path))
        .containsExactly(
            "/v1/services?namespace=default&region=global&stale=",
            "/v1/service/example-cache-redis?namespace=default&region=global&stale=");
  }

  @Test
  void asksAsItIsTold() throws Exception {
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().startsWith("/v1/services")
                ? "[{\"Services\": [{\"ServiceName\": \"a/b c\"}]}]"
                : "[]"));
    String server = stub.url().replace("//", "//u:p%2Bq@");
    assertThat(
            refresh(
                    "nomad_sd_configs: [{server: '"
                        + server
                        + "', namespace: '*', region: '', allow_stale: false}]")
                .getFirst()
                .targets())
        .isEmpty();
    assertThat(stub.asked().stream().map(Stub.Asked::path))
        .containsExactly("/v1/services?namespace=%2A", "/v1/service/a%2Fb%20c?namespace=%2A");
    // The name and the password of the URL: "u:p+q".
    assertThat(stub.asked().getFirst().header("Authorization")).isEqualTo("Basic dTpwK3E=");
  }

  /** Half of the services is none. */
  @Test
  void aServiceThatCannotBeReadFailsAll() {
    stub.answer(asked ->
        asked.path().startsWith("/v1/services")
            ? Stub.Answer.json(
                "[{\"Services\": [{\"ServiceName\": \"a\"}, {\"ServiceName\": \"b\"}]}]")
            : asked.path().startsWith("/v1/service/a")
                ? Stub.Answer.json("[]")
                : Stub.Answer.status(403, "Permission denied"));
    assertThatThrownBy(() -> refresh(section(stub.url())))
        .hasMessageEndingWith("server returned HTTP status 403 Forbidden: Permission denied");
    assertThat(failures()).isEqualTo(1);
  }

  @Test
  void wrongForm() {
    stub.answer(asked -> Stub.Answer.json("[{\"Services\": [{\"ServiceName\": 1}]}]"));
    assertThatThrownBy(() -> refresh(section(stub.url())))
        .hasMessage("[0].Services[0].ServiceName is a number, expected a text");
  }
}
