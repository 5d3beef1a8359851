package io.narthex.discovery.marathon;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The tasks of one app as targets: one for every port of every task. Where the ports stand depends
 * on Marathon's version and on how the app is connected; this is the order in which upstream looks:
 *
 * <ol>
 *   <li>{@code container.portMappings}, since Marathon 1.5, or {@code
 *       container.docker.portMappings}, before: in a network of containers the container's port at
 *       the task's own address, else the host's port;
 *   <li>{@code portDefinitions}, if {@code requirePorts} is set;
 *   <li>the task's {@code ports}, also wherever the port above is 0, which means that Mesos chose
 *       one.
 * </ol>
 *
 * <p>Tasks of an app without any definition have ports of their own; upstream takes those of the
 * first task for all.
 */
final class AppTargets {

  private static final String PREFIX = "__meta_marathon_";

  /** A port of the app; 0 is one that Mesos chose. */
  private record Port(long number, JsonValue labels) {}

  /** The ports of an app and how the labels begin that come with them. */
  private record Ports(String prefix, List<Port> ports) {}

  private AppTargets() {}

  static TargetGroup group(JsonValue app) throws IOException {
    String id = app.text("id");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(PREFIX + "app", id);
    labels.set(PREFIX + "image", app.get("container").get("docker").text("image"));
    add(labels, "app_label_", app.get("labels"));
    return new TargetGroup(id, labels.build(), targets(app));
  }

  private static void add(LabelsBuilder labels, String prefix, JsonValue given) throws IOException {
    for (Map.Entry<String, JsonValue> label : given.members().entrySet()) {
      labels.set(PREFIX + prefix + Meta.sanitized(label.getKey()), label.getValue().text());
    }
  }

  private static List<Labels> targets(JsonValue app) throws IOException {
    List<JsonValue> networks = app.get("networks").items();
    boolean ofContainers =
        !networks.isEmpty() && networks.getFirst().text("mode").equals("container");
    Ports defined = ports(app, ofContainers);
    List<Labels> targets = new ArrayList<>();
    for (JsonValue task : app.get("tasks").items()) {
      List<JsonValue> own = task.get("ports").items();
      String host = host(task, ofContainers);
      int count = defined.ports.isEmpty() ? own.size() : defined.ports.size();
      for (int i = 0; i < count; i++) {
        Port port = defined.ports.isEmpty() ? null : defined.ports.get(i);
        long number = port == null ? 0 : port.number;
        if (number == 0 && own.size() == count) {
          number = own.get(i).whole();
        }
        LabelsBuilder labels = new LabelsBuilder();
        labels.set(TargetGroup.ADDRESS, Meta.address(host, number));
        labels.set(PREFIX + "task", task.text("id"));
        labels.set(PREFIX + "port_index", Integer.toString(i));
        if (port != null) {
          add(labels, defined.prefix, port.labels);
        }
        targets.add(labels.build());
      }
    }
    return targets;
  }

  private static Ports ports(JsonValue app, boolean ofContainers) throws IOException {
    JsonValue container = app.get("container");
    List<JsonValue> mappings = container.get("portMappings").items();
    if (mappings.isEmpty()) {
      mappings = container.get("docker").get("portMappings").items();
    }
    List<Port> ports = new ArrayList<>();
    if (!mappings.isEmpty()) {
      for (JsonValue mapping : mappings) {
        long number = mapping.whole(ofContainers ? "containerPort" : "hostPort");
        ports.add(new Port(number, mapping.get("labels")));
      }
      return new Ports("port_mapping_label_", ports);
    }
    boolean required = app.truth("requirePorts");
    for (JsonValue definition : app.get("portDefinitions").items()) {
      ports.add(new Port(required ? definition.whole("port") : 0, definition.get("labels")));
    }
    return new Ports("port_definition_label_", ports);
  }

  private static String host(JsonValue task, boolean ofContainers) throws IOException {
    List<JsonValue> addresses = task.get("ipAddresses").items();
    return ofContainers && !addresses.isEmpty()
        ? addresses.getFirst().text("ipAddress")
        : task.text("host");
  }
}
