package io.narthex.discovery.dockerswarm;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.moby.Networks;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;

/** The labels of a node, as a target and as the place of a task. */
final class NodeLabels {

  private static final String META = Swarm.META + "node_";

  private NodeLabels() {}

  static Labels target(JsonValue node, int port) throws IOException {
    LabelsBuilder labels = new LabelsBuilder();
    add(labels, node);
    labels
        .set(TargetGroup.ADDRESS, Meta.address(node.get("Status").text("Addr"), port))
        .set(META + "engine_version", node.get("Description").get("Engine").text("EngineVersion"));
    JsonValue manager = node.get("ManagerStatus");
    if (!manager.isNull()) {
      labels
          .set(META + "manager_leader", Boolean.toString(manager.truth("Leader")))
          .set(META + "manager_reachability", manager.text("Reachability"))
          .set(META + "manager_address", manager.text("Addr"));
    }
    return labels.build();
  }

  /** Those that a task on it has as well. */
  static void add(LabelsBuilder labels, JsonValue node) throws IOException {
    JsonValue spec = node.get("Spec");
    JsonValue description = node.get("Description");
    JsonValue platform = description.get("Platform");
    labels
        .set(META + "id", node.text("ID"))
        .set(META + "role", spec.text("Role"))
        .set(META + "address", node.get("Status").text("Addr"))
        .set(META + "availability", spec.text("Availability"))
        .set(META + "hostname", description.text("Hostname"))
        .set(META + "platform_architecture", platform.text("Architecture"))
        .set(META + "platform_os", platform.text("OS"))
        .set(META + "status", node.get("Status").text("State"));
    Networks.addLabels(labels, META + "label_", spec.get("Labels"));
  }
}
