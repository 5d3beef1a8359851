package io.narthex.discovery.dockerswarm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.RecordedDaemon;
import io.narthex.model.labels.Labels;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The answers: recorded ones, and the Docker Engine API reference, "List tasks". */
final class TasksTest extends SwarmAcceptance {

  private static final String TASK =
      """
      {"ID": "task#", "Slot": #, "ServiceID": "s1", "NodeID": "node1", "DesiredState": "running",
       "Spec": {"ContainerSpec": {"Labels": {"com.example": "x"}}},
       "Status": {"State": "running", "ContainerStatus": {"ContainerID": "c#"}, "PortStatus": {}},
       "NetworksAttachments": [{"Network": {"ID": "n1"}, "Addresses": ["10.0.1.#/24"]}]}
      """;
  private static final String SERVICES =
      """
      [{"ID": "s1", "Spec": {"Name": "web", "Labels": {"my-key": "v"}, "Mode": {"Global": {}}},
        "Endpoint": {"Ports": [{"Protocol": "tcp", "PublishedPort": 9100, "PublishMode": "host"},
                               {"Protocol": "udp", "PublishedPort": 53}]}}]
      """;
  private static final String NODES =
      """
      [{"ID": "node1", "Spec": {"Labels": {"rack": "r1"}, "Role": "worker",
          "Availability": "active"},
        "Description": {"Hostname": "host1", "Platform": {"Architecture": "x86_64", "OS": "linux"},
          "Engine": {"EngineVersion": "19.03.11"}},
        "Status": {"State": "ready", "Addr": "10.0.232.1"}}]
      """;

  TasksTest() {
    super("tasks");
  }

  @Override
  protected void serve(int targets) {
    serveOnly(list(targets, TASK));
  }

  private void serveOnly(String tasks) {
    serve(Map.of("tasks", tasks, "services", SERVICES, "nodes", NODES, "networks", NETWORKS));
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
                        "__meta_dockerswarm_container_label_com_example", "x",
                        "__meta_dockerswarm_network_id", "n1",
                        "__meta_dockerswarm_network_ingress", "true",
                        "__meta_dockerswarm_network_internal", "false",
                        "__meta_dockerswarm_network_label_my_key", "v",
                        "__meta_dockerswarm_network_name", "front",
                        "__meta_dockerswarm_network_scope", "swarm",
                        "__meta_dockerswarm_node_address", "10.0.232.1",
                        "__meta_dockerswarm_node_availability", "active",
                        "__meta_dockerswarm_node_hostname", "host1",
                        "__meta_dockerswarm_node_id", "node1",
                        "__meta_dockerswarm_node_label_rack", "r1",
                        "__meta_dockerswarm_node_platform_architecture", "x86_64",
                        "__meta_dockerswarm_node_platform_os", "linux",
                        "__meta_dockerswarm_node_role", "worker",
                        "__meta_dockerswarm_node_status", "ready",
                        "__meta_dockerswarm_service_id", "s1",
                        "__meta_dockerswarm_service_label_my_key", "v",
                        "__meta_dockerswarm_service_mode", "global",
                        "__meta_dockerswarm_service_name", "web",
                        "__meta_dockerswarm_task_container_id", "c1",
                        "__meta_dockerswarm_task_desired_state", "running",
                        "__meta_dockerswarm_task_id", "task1",
                        "__meta_dockerswarm_task_port_publish_mode", "host",
                        "__meta_dockerswarm_task_slot", "1",
                        "__meta_dockerswarm_task_state", "running"))));
  }

  @Test
  void recordedAnswers() throws Exception {
    RecordedDaemon.serve(stub, "swarmprom");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets()).hasSize(27);
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void portsThatArePublishedAtTheNode() throws Exception {
    serveOnly(
        list(1, TASK)
            .replace(
                "\"PortStatus\": {}",
                "\"PortStatus\": {\"Ports\": [{\"Protocol\": \"tcp\", \"PublishedPort\": 82,"
                    + " \"PublishMode\": \"host\"}, {\"Protocol\": \"udp\"}]}"));
    assertThat(addresses()).containsExactly("10.0.232.1:82", "10.0.1.1:9100");
    assertPrometheusFinds(section(stub.url()), refresh());
  }

  @Test
  void tasksOfUnknownServicesAndNodes() throws Exception {
    more = ", port: 99";
    serveOnly(list(1, TASK).replace("\"s1\"", "\"gone\"").replace("\"node1\"", "\"gone\""));
    List<TargetGroup> groups = refresh();
    Labels target = groups.getFirst().targets().getFirst();
    assertThat(target.get("__address__")).isEqualTo("10.0.1.1:99");
    assertThat(target.has("__meta_dockerswarm_service_id")).isFalse();
    assertThat(target.has("__meta_dockerswarm_node_id")).isFalse();
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void onlyTheTasksAreFiltered() throws Exception {
    more = ", filters: [{name: desired-state, values: [running]}]";
    serve(1);
    refresh();
    assertThat(stub.asked())
        .extracting(asked -> asked.path())
        .containsExactly(
            "/_ping",
            "/v1.40/tasks?filters=" + "%7B%22desired-state%22%3A%7B%22running%22%3Atrue%7D%7D",
            "/v1.40/services",
            "/v1.40/nodes",
            "/v1.40/networks");
  }

  @Test
  void whateverCannotBeFetchedIsAnError() {
    Map<String, String> all =
        Map.of("tasks", "[]", "services", "[]", "nodes", "[]", "networks", "[]");
    for (String missing : all.keySet()) {
      Map<String, String> rest = new HashMap<>(all);
      rest.remove(missing);
      serve(rest);
      assertThatThrownBy(this::refresh).hasMessageContaining("404").hasMessageContaining(missing);
    }
    serveOnly(list(1, TASK).replace("10.0.1.1/24", "/24"));
    assertThatThrownBy(this::refresh)
        .hasMessage("error while parsing address /24: invalid CIDR address: /24");
  }
}
