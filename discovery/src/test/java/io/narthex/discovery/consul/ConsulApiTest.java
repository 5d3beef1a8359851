package io.narthex.discovery.consul;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.yaml.Yaml;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.Stub;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is asked, and who is asked; the parameters are those of Consul's API documentation. */
final class ConsulApiTest {

  private final Stub stub = new Stub();
  private final DiscoveryContext context =
      new DiscoveryContext(
          new FakeClock(0), new DiscoveryMetrics(new PrometheusRegistry(), "scrape"), "test");

  ConsulApiTest() {
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().contains("/self") ? "{\"Config\": {\"Datacenter\": \"dc1\"}}" : "{}"));
  }

  @AfterEach
  void close() {
    stub.close();
  }

  private ConsulApi open(String section, Map<String, String> environment) throws IOException {
    String yaml = section.replace("URL", stub.url()).replace("HOST", stub.address());
    return new ConsulApi(Yaml.decode(yaml, ConsulConfig::decode), context, environment);
  }

  private List<String> paths() {
    return stub.asked().stream().map(Stub.Asked::path).toList();
  }

  private List<String> sent(String header) {
    return stub.asked().stream().map(asked -> asked.header(header)).toList();
  }

  @Test
  void everyParameter() throws Exception {
    String section =
        "{server: 'HOST', path_prefix: /behind, datacenter: dc2, namespace: n, partition: p, token:"
            + " t0k, tags: [x, y], node_meta: {zone: z, rack: '1'}, filter: 'ServiceTags == 1',"
            + " health_filter: 'Service.Port != 2'}";
    try (ConsulApi api = open(section, Map.of())) {
      api.services(0);
      api.instances("a/b c", 17);
    }
    String common = "&node-meta=rack%3A1&node-meta=zone%3Az&ns=n&partition=p&stale=";
    assertThat(paths())
        .containsExactly(
            "/behind/v1/catalog/services?dc=dc2&filter=ServiceTags+%3D%3D+1"
                + common
                + "&wait=120000ms",
            "/behind/v1/health/service/a%2Fb%20c?dc=dc2&filter=Service.Port+%21%3D+2&index=17"
                + common
                + "&tag=x&tag=y&wait=120000ms");
    assertThat(sent("X-Consul-Token")).containsExactly("t0k", "t0k");
  }

  @Test
  void fewParameters() throws Exception {
    try (ConsulApi api = open("{server: 'HOST', allow_stale: false}", Map.of())) {
      api.services(0);
      api.services(Long.MAX_VALUE);
      api.instances("web", 0);
    }
    assertThat(paths())
        .containsExactly(
            "/v1/catalog/services?wait=120000ms",
            "/v1/catalog/services?index=9223372036854775807&wait=120000ms",
            "/v1/health/service/web?wait=120000ms");
    assertThat(sent("X-Consul-Token")).containsOnly("");
  }

  @Test
  void theServerMayBeAnUrl() throws Exception {
    try (ConsulApi api = open("{server: 'URL/deep', username: u, password: p}", Map.of())) {
      assertThat(api.datacenter()).isEqualTo("dc1");
    }
    assertThat(paths()).containsExactly("/deep/v1/agent/self");
    assertThat(sent("Authorization")).containsExactly("Basic dTpw");
  }

  @Test
  void theEnvironmentSaysWhatTheSectionLeavesOpen() throws Exception {
    Map<String, String> environment =
        Map.of("CONSUL_HTTP_TOKEN", "e", "CONSUL_NAMESPACE", "n", "CONSUL_PARTITION", "p");
    try (ConsulApi api = open("{server: 'HOST'}", environment)) {
      api.datacenter();
    }
    try (ConsulApi api =
        open("{server: 'HOST', token: t, namespace: n2, partition: p2}", environment)) {
      api.datacenter();
    }
    assertThat(paths())
        .containsExactly("/v1/agent/self?ns=n&partition=p", "/v1/agent/self?ns=n2&partition=p2");
    assertThat(sent("X-Consul-Token")).containsExactly("e", "t");
  }

  @Test
  void theTokenMayStandInAFile(@TempDir Path directory) throws Exception {
    Path file = directory.resolve("token");
    Map<String, String> environment =
        Map.of("CONSUL_HTTP_TOKEN", "e", "CONSUL_HTTP_TOKEN_FILE", file.toString());
    assertThatThrownBy(() -> open("{server: 'HOST'}", environment))
        .hasMessageStartingWith("Error loading token file " + file);
    Files.writeString(file, "f\n");
    try (ConsulApi api = open("{server: 'HOST'}", environment)) {
      api.datacenter();
    }
    assertThat(sent("X-Consul-Token")).containsExactly("f");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ftp://h  | Unknown protocol scheme: ftp
          h:x      | invalid port "x"
          a b      | "a b" is not a valid hostname
          """)
  void addressesThatAreNone(String server, String message) {
    assertThatThrownBy(() -> open("{server: '" + server + "'}", Map.of())).hasMessage(message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      textBlock =
          """
          403 | ~~ | rpc error | server returned HTTP status 403 Forbidden: rpc error
          200 | x  | {}        | Failed to parse X-Consul-Index: x
          200 | 1  | {         | no valid JSON
          """)
  void wrongAnswers(int status, String index, String body, String message) throws Exception {
    stub.answer(asked ->
        new Stub.Answer(status, "application/json", body, Map.of("X-Consul-Index", index)));
    try (ConsulApi api = open("{server: 'HOST'}", Map.of())) {
      assertThatThrownBy(() -> api.services(0)).hasMessageContaining(message);
    }
  }
}
