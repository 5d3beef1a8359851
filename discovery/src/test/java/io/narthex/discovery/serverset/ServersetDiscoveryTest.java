package io.narthex.discovery.serverset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.zookeeper.ZooKeeperAcceptance;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What members of a server set write: Finagle's documentation, "Names", and {@code ServerSets}'
 * JSON codec ({@code serviceEndpoint}, {@code additionalEndpoints}, {@code status}, {@code shard}).
 */
final class ServersetDiscoveryTest extends ZooKeeperAcceptance {

  private static final String FULL =
      """
      {"serviceEndpoint": {"host": "10.0.0.1", "port": 31000},
       "additionalEndpoints": {
         "aurora": {"host": "10.0.0.1", "port": 31001},
         "health-check": {"host": "10.0.0.2", "port": 31002}},
       "status": "ALIVE",
       "shard": 7}
      """;

  @Override
  protected String key() {
    return "serverset_sd_configs";
  }

  @Override
  protected String member(int number) {
    return "{\"serviceEndpoint\":{\"host\":\"host"
        + number
        + "\",\"port\":9100},\"additionalEndpoints\":{\"http\":{\"host\":\"h\",\"port\":"
        + number
        + "}},\"status\":\"ALIVE\"}";
  }

  @Test
  void labelsOfAMember() throws Exception {
    assertThat(ServersetMember.labels("/aurora/m_1", FULL.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            Labels.of(
                "__address__",
                "10.0.0.1:31000",
                "__meta_serverset_endpoint_host",
                "10.0.0.1",
                "__meta_serverset_endpoint_host_aurora",
                "10.0.0.1",
                "__meta_serverset_endpoint_host_health_check",
                "10.0.0.2",
                "__meta_serverset_endpoint_port",
                "31000",
                "__meta_serverset_endpoint_port_aurora",
                "31001",
                "__meta_serverset_endpoint_port_health_check",
                "31002",
                "__meta_serverset_path",
                "/aurora/m_1",
                "__meta_serverset_shard",
                "7",
                "__meta_serverset_status",
                "ALIVE"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"serviceEndpoint": []}                         | serviceEndpoint is an array, expected an object
          {"serviceEndpoint": {"port": true}}             | serviceEndpoint.port is a truth value, expected a number
          {"additionalEndpoints": {"a": {"host": 1}}}     | additionalEndpoints.a.host is a number, expected a text
          {"shard": "1"}                                  | shard is a text, expected a number
          """)
  void whatIsNoMember(String data, String message) {
    assertThatThrownBy(() -> ServersetMember.labels("/p", data.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void findsInAnyShapeWhatPrometheusFinds() throws Exception {
    zoo.set("/a/one", FULL);
    zoo.set("/a/two", "{\"ServiceEndpoint\": {\"Host\": \"two\", \"Port\": 2}, \"Shard\": 1}");
    zoo.set("/a/three", "{\"serviceEndpoint\": null, \"additionalEndpoints\": {\"x\": null}}");
    zoo.set("/a/four", "{\"serviceEndpoint\": {\"host\": \"four\", \"port\": \"x\"}}");
    zoo.set("/a/five", "{\"status\": 1}");
    compare(section("/a"), Set.of("10.0.0.1:31000", "two:2", ":0"), 3);
  }
}
