package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A pod.
 *
 * @param labels what it gives to its targets, its namespace included
 * @param ip empty while it has none
 * @param node where it runs, empty while that is not known
 * @param containers the ordinary ones, then those that run before them
 */
record Pod(
    String namespace,
    String name,
    Labels labels,
    String ip,
    String node,
    Owner owner,
    List<Container> containers)
    implements KubeObject {

  private static final String PREFIX = MetaLabels.PREFIX + "pod_";

  Pod {
    containers = List.copyOf(containers);
  }

  /**
   * A container.
   *
   * @param id empty while it has none
   * @param init whether it runs before the ordinary ones
   */
  record Container(String name, String id, String image, boolean init, List<Port> ports) {

    Container {
      ports = List.copyOf(ports);
    }

    /** Sets the labels of a container that has no ports, or has them set elsewhere. */
    void set(LabelsBuilder labels) {
      labels.set(PREFIX + "container_name", name);
      labels.set(PREFIX + "container_image", image);
      labels.set(PREFIX + "container_init", Boolean.toString(init));
    }

    void setId(LabelsBuilder labels) {
      labels.set(PREFIX + "container_id", id);
    }
  }

  /** A port that a container says it has. */
  record Port(String name, long number, String protocol) {

    void set(LabelsBuilder labels) {
      labels.set(PREFIX + "container_port_name", name);
      labels.set(PREFIX + "container_port_number", Long.toString(number));
      labels.set(PREFIX + "container_port_protocol", protocol);
    }
  }

  static Pod decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    JsonValue spec = json.get("spec");
    JsonValue status = json.get("status");
    String namespace = metadata.text("namespace");
    String ip = status.text("podIP");
    String node = spec.text("nodeName");
    Owner owner = Owner.decode(metadata);
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(MetaLabels.NAMESPACE, namespace);
    labels.set(PREFIX + "ip", ip);
    labels.set(PREFIX + "ready", ready(status));
    labels.set(PREFIX + "phase", status.text("phase"));
    labels.set(PREFIX + "node_name", node);
    labels.set(PREFIX + "host_ip", status.text("hostIP"));
    labels.set(PREFIX + "uid", metadata.text("uid"));
    labels.set(PREFIX + "controller_kind", owner.kind());
    labels.set(PREFIX + "controller_name", owner.name());
    MetaLabels.set(labels, "pod", metadata);
    List<Container> containers = new ArrayList<>();
    add(containers, spec.get("containers"), status.get("containerStatuses"), false);
    add(containers, spec.get("initContainers"), status.get("initContainerStatuses"), true);
    return new Pod(namespace, metadata.text("name"), labels.build(), ip, node, owner, containers);
  }

  private static String ready(JsonValue status) throws IOException {
    for (JsonValue condition : status.get("conditions").items()) {
      if (condition.text("type").equals("Ready")) {
        return condition.text("status").toLowerCase(Locale.ROOT);
      }
    }
    return "unknown";
  }

  private static void add(
      List<Container> containers, JsonValue specs, JsonValue statuses, boolean init)
      throws IOException {
    List<JsonValue> known = statuses.items();
    for (JsonValue spec : specs.items()) {
      String name = spec.text("name");
      String id = "";
      for (JsonValue status : known) {
        if (id.isEmpty() && status.text("name").equals(name)) {
          id = status.text("containerID");
        }
      }
      List<Port> ports = new ArrayList<>();
      for (JsonValue port : spec.get("ports").items()) {
        ports.add(new Port(port.text("name"), port.whole("containerPort"), port.text("protocol")));
      }
      containers.add(new Container(name, id, spec.text("image"), init, ports));
    }
  }
}
