package io.narthex.discovery.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.RecordedDaemon;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The answers: recorded ones, and the Docker Engine API reference, "List containers". */
final class ContainersTest extends StubAcceptance {

  private static final String NETWORKS =
      """
      [{"Id": "n1", "Name": "front", "Scope": "local", "Internal": false, "Ingress": false,
        "Labels": {"my.key": "v"}}]
      """;

  private String more = "";

  @Override
  protected String section(String url) {
    return "docker_sd_configs: [{host: '" + url + "'" + more + "}]";
  }

  @Override
  protected Set<String> newerLabels() {
    return Set.of("__meta_docker_container_image", "__meta_docker_container_image_id");
  }

  @Override
  protected void serve(int targets) {
    serveOnly(
        IntStream.rangeClosed(1, targets)
            .mapToObj(i ->
                container("c" + i, "bridge", "\"front\": " + endpoint("10.0.0." + i))
                    .replace(
                        "\"Ports\": []",
                        "\"Ports\": [{\"PrivatePort\": 9100,"
                            + " \"PublicPort\": 8080, \"IP\": \"0.0.0.0\", \"Type\": \"tcp\"}]"))
            .collect(Collectors.joining(",")));
  }

  private void serveOnly(String containers) {
    RecordedDaemon.serve(
        stub, Map.of("containers/json", "[" + containers + "]", "networks", NETWORKS));
  }

  private static String container(String id, String mode, String networks) {
    return "{\"Id\": \""
        + id
        + "\", \"Names\": [\"/"
        + id
        + "\", \"/alias\"], \"Image\": \"image:1\", \"ImageID\": \"sha256:1\", \"Ports\": [],"
        + " \"Labels\": {\"com.example/app\": \"web\"}, \"HostConfig\": {\"NetworkMode\": \""
        + mode
        + "\"}, \"NetworkSettings\": {\"Networks\": {"
        + networks
        + "}}}";
  }

  private static String endpoint(String address) {
    return "{\"NetworkID\": \"n1\", \"IPAddress\": \"" + address + "\"}";
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws IOException {
    try (Containers containers =
        new Containers((DockerConfig) config(section(stub.url())), context)) {
      return containers.refresh();
    }
  }

  private List<String> addresses() throws IOException {
    return refresh().getFirst().targets().stream()
        .map(target -> target.getOrEmpty("__address__"))
        .toList();
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "Docker",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.0.0.1:9100",
                        "__meta_docker_container_id", "c1",
                        "__meta_docker_container_image", "image:1",
                        "__meta_docker_container_image_id", "sha256:1",
                        "__meta_docker_container_label_com_example_app", "web",
                        "__meta_docker_container_name", "/c1",
                        "__meta_docker_container_network_mode", "bridge",
                        "__meta_docker_network_id", "n1",
                        "__meta_docker_network_ingress", "false",
                        "__meta_docker_network_internal", "false",
                        "__meta_docker_network_ip", "10.0.0.1",
                        "__meta_docker_network_label_my_key", "v",
                        "__meta_docker_network_name", "front",
                        "__meta_docker_network_scope", "local",
                        "__meta_docker_port_private", "9100",
                        "__meta_docker_port_public", "8080",
                        "__meta_docker_port_public_ip", "0.0.0.0"))));
  }

  @Test
  void recordedAnswers() throws Exception {
    RecordedDaemon.serve(stub, "dockerprom");
    assertThat(addresses())
        .containsExactlyInAnyOrder(
            "172.19.0.2:9100",
            "172.19.0.3:80",
            "localhost",
            "172.20.0.2:3306",
            "172.20.0.2:33060",
            "172.20.0.2:9104",
            "172.20.0.3:3306",
            "172.20.0.3:33060");
    assertPrometheusFinds(section(stub.url()), refresh());
  }

  @Test
  void recordedAnswersWithAllNetworks() throws Exception {
    more = ", match_first_network: false, host_networking_host: me:1, port: 81";
    RecordedDaemon.serve(stub, "dockerprom");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets()).hasSize(13);
    assertThat(addresses()).contains("me:1", "172.19.0.3:81", "172.21.0.3:3306");
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void recordedAnswersWithIpv6Alone() throws Exception {
    RecordedDaemon.serve(stub, "dockeripv6");
    Labels target = refresh().getFirst().targets().getFirst();
    assertThat(target.get("__address__")).isEqualTo("[fc00::2]:80");
    assertThat(target.get("__meta_docker_network_ip")).isEqualTo("fc00::2");
    assertThat(target.get("__meta_docker_network_name")).isEqualTo("mynetwork");
    assertThat(target.has("__meta_docker_container_image")).isFalse();
  }

  @Test
  void theFirstNetworkIsThatOfTheFirstName() throws Exception {
    serveOnly(
        container(
            "c",
            "bridge",
            "\"b\": " + endpoint("10.0.0.2") + ", \"a\": null, \"c\": " + endpoint("10.0.0.3")));
    assertThat(addresses()).containsExactly("10.0.0.2:80");
    assertPrometheusFinds(section(stub.url()), refresh());
    more = ", match_first_network: false";
    assertThat(addresses()).containsExactly("10.0.0.2:80", "10.0.0.3:80");
    assertPrometheusFinds(section(stub.url()), refresh());
  }

  @Test
  void sharedNetworksAreThoseOfTheOtherContainer() throws Exception {
    serveOnly(
        String.join(
            ",",
            container("owner", "bridge", "\"front\": " + endpoint("10.0.0.7")),
            container("guest", "container:owner", ""),
            container("guests-guest", "container:guest", ""),
            container("orphan", "container:gone", "")));
    assertThat(addresses()).containsExactly("10.0.0.7:80", "10.0.0.7:80", "10.0.0.7:80");
    assertPrometheusFinds(section(stub.url()), refresh());
  }

  @Test
  void containersThatShareInACircleHaveNoNetwork() throws Exception {
    serveOnly(container("a", "container:b", "") + "," + container("b", "container:a", ""));
    assertThat(addresses()).isEmpty();
  }

  @Test
  void portsOfOtherProtocolsAndContainersWithoutNames() throws Exception {
    serveOnly(
        container("c", "bridge", "\"front\": " + endpoint("10.0.0.1"))
                .replace("\"Ports\": []", "\"Ports\": [{\"PrivatePort\": 53, \"Type\": \"udp\"}]")
            + ", {\"Id\": \"nameless\", \"Names\": []}");
    Labels target = refresh().getFirst().targets().getFirst();
    assertThat(target.get("__address__")).isEqualTo("10.0.0.1:80");
    assertThat(target.has("__meta_docker_port_private")).isFalse();
    assertPrometheusFinds(section(stub.url()), refresh());
  }

  @Test
  void filtersAreAskedFor() throws Exception {
    more = ", filters: [{name: label, values: [a=b]}]";
    serve(1);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/_ping",
            "/v1.40/containers/json?filters=%7B%22label%22%3A%7B%22a%3Db%22%3Atrue%7D%7D",
            "/v1.40/networks");
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(500, "{\"message\":\"out of order\"}"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("error while listing containers: ")
        .hasMessageContaining("{\"message\":\"out of order\"}");
    RecordedDaemon.serve(stub, Map.of("containers/json", "[]"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("error while computing network labels: ")
        .hasMessageContaining("404");
    RecordedDaemon.serve(stub, Map.of("containers/json", "{}"));
    assertThatThrownBy(this::refresh)
        .hasMessage(
            "error while listing containers: the JSON value is an object, expected an array");
  }
}
