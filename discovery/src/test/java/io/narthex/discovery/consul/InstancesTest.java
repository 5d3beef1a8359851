package io.narthex.discovery.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.json.JsonValue;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The health of an instance, as Consul's own client sums it up. */
final class InstancesTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          a passing                                       | passing
          a passing, b warning                            | warning
          a critical, b warning                           | critical
          a passing, _node_maintenance critical           | maintenance
          _service_maintenance:web critical, b critical   | maintenance
          a odd, _node_maintenance critical               |
          a critical, b odd                               |
          """)
  void health(String checks, String expected) throws Exception {
    StringBuilder json = new StringBuilder("[{\"Checks\": [");
    for (String check : checks.split(",")) {
      String[] both = check.strip().split(" ");
      json.append(json.charAt(json.length() - 1) == '[' ? "" : ",")
          .append("{\"CheckID\": \"%s\", \"Status\": \"%s\"}".formatted(both[0], both[1]));
    }
    JsonValue entries =
        JsonValue.parse(json.append("]}]").toString().getBytes(StandardCharsets.UTF_8));
    assertThat(
            Instances.group("s", "d", ",", entries)
                .targets()
                .getFirst()
                .get("__meta_consul_health"))
        .isEqualTo(expected);
  }
}
