package io.narthex.discovery.dockerswarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.RecordedDaemon;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The answers: recorded ones, and the Docker Engine API reference, "List nodes". */
final class NodesTest extends SwarmAcceptance {

  private static final String NODE =
      """
      {"ID": "id#", "Spec": {"Labels": {"my-key": "v"}, "Role": "manager",
         "Availability": "active"},
       "Description": {"Hostname": "host#", "Platform": {"Architecture": "x86_64", "OS": "linux"},
         "Engine": {"EngineVersion": "19.03.11"}},
       "Status": {"State": "ready", "Addr": "10.0.232.#"},
       "ManagerStatus": {"Leader": true, "Reachability": "reachable", "Addr": "10.0.232.#:2377"}}
      """;

  NodesTest() {
    super("nodes");
  }

  @Override
  protected void serve(int targets) {
    serve(Map.of("nodes", list(targets, NODE)));
  }

  @Override
  protected String address(int number) {
    return "10.0.232." + number + ":80";
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "DockerSwarm",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.0.232.1:80",
                        "__meta_dockerswarm_node_address", "10.0.232.1",
                        "__meta_dockerswarm_node_availability", "active",
                        "__meta_dockerswarm_node_engine_version", "19.03.11",
                        "__meta_dockerswarm_node_hostname", "host1",
                        "__meta_dockerswarm_node_id", "id1",
                        "__meta_dockerswarm_node_label_my_key", "v",
                        "__meta_dockerswarm_node_manager_address", "10.0.232.1:2377",
                        "__meta_dockerswarm_node_manager_leader", "true",
                        "__meta_dockerswarm_node_manager_reachability", "reachable",
                        "__meta_dockerswarm_node_platform_architecture", "x86_64",
                        "__meta_dockerswarm_node_platform_os", "linux",
                        "__meta_dockerswarm_node_role", "manager",
                        "__meta_dockerswarm_node_status", "ready"))));
  }

  @Test
  void recordedAnswer() throws Exception {
    RecordedDaemon.serve(stub, "swarmprom");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets()).hasSize(5);
    assertThat(addresses()).contains("10.0.232.3:80");
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void filtersAreAskedFor() throws Exception {
    more = ", filters: [{name: role, values: [manager, worker]}], port: 9323";
    serve(1);
    assertThat(addresses()).containsExactly("10.0.232.1:9323");
    assertThat(stub.asked().getLast().path())
        .isEqualTo(
            "/v1.40/nodes?filters="
                + "%7B%22role%22%3A%7B%22manager%22%3Atrue%2C%22worker%22%3Atrue%7D%7D");
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(503, "{\"message\":\"not a swarm manager\"}"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("error while listing swarm nodes: ")
        .hasMessageContaining("503 Service Unavailable: {\"message\":\"not a swarm manager\"}");
    serve(Map.of("nodes", "[{\"Spec\": 1}]"));
    assertThatThrownBy(this::refresh).hasMessage("[0].Spec is a number, expected an object");
  }
}
