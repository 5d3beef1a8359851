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

/** The answers: recorded ones, and the Docker Engine API reference, "List services". */
final class ServicesTest extends SwarmAcceptance {

  private static final String SERVICE =
      """
      {"ID": "id#", "Spec": {"Name": "web#", "Labels": {"my-key": "v"},
         "TaskTemplate": {"ContainerSpec": {"Image": "web:1", "Hostname": "{{.Node}}"}},
         "Mode": {"Replicated": {"Replicas": 1}}},
       "UpdateStatus": {"State": "completed"},
       "Endpoint": {
         "Ports": [{"Name": "metrics", "Protocol": "tcp", "TargetPort": 1, "PublishedPort": 9100,
                    "PublishMode": "ingress"},
                   {"Protocol": "udp", "PublishedPort": 53}],
         "VirtualIPs": [{"NetworkID": "n1", "Addr": "10.0.1.#/24"}]}}
      """;

  ServicesTest() {
    super("services");
  }

  @Override
  protected void serve(int targets) {
    serve(Map.of("services", list(targets, SERVICE), "networks", NETWORKS));
  }

  @Override
  protected String address(int number) {
    return "10.0.1." + number + ":9100";
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
                        "__address__", "10.0.1.1:9100",
                        "__meta_dockerswarm_network_id", "n1",
                        "__meta_dockerswarm_network_ingress", "true",
                        "__meta_dockerswarm_network_internal", "false",
                        "__meta_dockerswarm_network_label_my_key", "v",
                        "__meta_dockerswarm_network_name", "front",
                        "__meta_dockerswarm_network_scope", "swarm",
                        "__meta_dockerswarm_service_endpoint_port_name", "metrics",
                        "__meta_dockerswarm_service_endpoint_port_publish_mode", "ingress",
                        "__meta_dockerswarm_service_id", "id1",
                        "__meta_dockerswarm_service_label_my_key", "v",
                        "__meta_dockerswarm_service_mode", "replicated",
                        "__meta_dockerswarm_service_name", "web1",
                        "__meta_dockerswarm_service_task_container_hostname", "{{.Node}}",
                        "__meta_dockerswarm_service_task_container_image", "web:1",
                        "__meta_dockerswarm_service_updating_status", "completed"))));
  }

  @Test
  void recordedAnswers() throws Exception {
    RecordedDaemon.serve(stub, "swarmprom");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets()).hasSize(15);
    assertThat(addresses())
        .contains("10.0.0.7:9100", "10.0.1.2:9100", "10.0.1.34:80", "10.0.0.13:9094");
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void recordedAnswersWithFilters() throws Exception {
    more = ", filters: [{name: name, values: [mon_node-exporter, mon_grafana]}]";
    RecordedDaemon.serve(stub, "swarmprom");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets())
        .extracting(target -> target.get("__meta_dockerswarm_service_name"))
        .contains("mon_node-exporter", "mon_grafana")
        .hasSize(4);
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void recordedPlugins() throws Exception {
    RecordedDaemon.serve(stub, "swarmprom-plugin");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets()).hasSize(2);
    Labels plugin = groups.getFirst().targets().getLast();
    assertThat(plugin.get("__address__")).isEqualTo("10.0.1.30:80");
    assertThat(plugin.has("__meta_dockerswarm_service_task_container_image")).isFalse();
    // Prometheus 3.5.3 ends with a nil pointer at a service without a container.
  }

  @Test
  void wrongAnswers() {
    serve(Map.of("services", "[]"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("error while computing swarm network labels: ")
        .hasMessageContaining("404");
    serve(
        Map.of(
            "services",
            "[{\"Endpoint\": {\"VirtualIPs\": [{\"Addr\": \"10.0.1.1\"}]}}]",
            "networks",
            NETWORKS));
    assertThatThrownBy(this::refresh)
        .hasMessage("error while parsing address 10.0.1.1: invalid CIDR address: 10.0.1.1");
    stub.answer(asked -> Stub.Answer.status(503, "no"));
    assertThatThrownBy(this::refresh)
        .hasMessageStartingWith("error while listing swarm services: ");
  }
}
