package io.narthex.discovery.dockerswarm;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.moby.Networks;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The targets of a task: one at its node for each TCP port that is published there, and one in each
 * of its networks for each TCP port of its service, or one for the address.
 */
final class TaskLabels {

  private static final String META = Swarm.META + "task_";

  private final Map<String, JsonValue> services;
  private final Map<String, JsonValue> nodes;
  private final Networks networks;
  private final int port;

  TaskLabels(
      Map<String, JsonValue> services, Map<String, JsonValue> nodes, Networks networks, int port) {
    this.services = services;
    this.nodes = nodes;
    this.networks = networks;
    this.port = port;
  }

  void addTargets(List<Labels> targets, JsonValue task) throws IOException {
    JsonValue node = nodes.get(task.text("NodeID"));
    JsonValue service = services.get(task.text("ServiceID"));
    Labels common = common(task, service, node);
    String nodeAddress = node == null ? "" : node.get("Status").text("Addr");
    LabelsBuilder builder = new LabelsBuilder();
    for (JsonValue published : task.get("Status").get("PortStatus").get("Ports").items()) {
      if (published.text("Protocol").equals("tcp")) {
        targets.add(atPort(builder.from(common), nodeAddress, published));
      }
    }
    for (JsonValue attachment : task.get("NetworksAttachments").items()) {
      builder.from(common);
      networks.labels(attachment.get("Network").text("ID")).forEach(builder::set);
      Labels inNetwork = builder.build();
      for (String withLength : attachment.get("Addresses").texts()) {
        addTargets(targets, inNetwork, Swarm.address(withLength), service);
      }
    }
  }

  private void addTargets(
      List<Labels> targets, Labels inNetwork, String address, @Nullable JsonValue service)
      throws IOException {
    LabelsBuilder builder = new LabelsBuilder();
    boolean any = false;
    if (service != null) {
      for (JsonValue published : service.get("Endpoint").get("Ports").items()) {
        if (published.text("Protocol").equals("tcp")) {
          targets.add(atPort(builder.from(inNetwork), address, published));
          any = true;
        }
      }
    }
    if (!any) {
      builder.from(inNetwork).set(TargetGroup.ADDRESS, Meta.address(address, port));
      targets.add(builder.build());
    }
  }

  private static Labels atPort(LabelsBuilder builder, String address, JsonValue published)
      throws IOException {
    return builder
        .set(TargetGroup.ADDRESS, Meta.address(address, published.get("PublishedPort").digits()))
        .set(META + "port_publish_mode", published.text("PublishMode"))
        .build();
  }

  private static Labels common(
      JsonValue task, @Nullable JsonValue service, @Nullable JsonValue node) throws IOException {
    JsonValue status = task.get("Status");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "id", task.text("ID"))
            .set(META + "desired_state", task.text("DesiredState"))
            .set(META + "state", status.text("State"))
            .set(META + "slot", task.get("Slot").digits())
            .set(META + "container_id", status.get("ContainerStatus").text("ContainerID"));
    Networks.addLabels(
        labels,
        Swarm.META + "container_label_",
        task.get("Spec").get("ContainerSpec").get("Labels"));
    if (service != null) {
      ServiceLabels.add(labels, service);
    }
    if (node != null) {
      NodeLabels.add(labels, node);
    }
    return labels.build();
  }
}
