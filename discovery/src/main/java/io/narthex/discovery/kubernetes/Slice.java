package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of where a service is to be found.
 *
 * @param labels what it gives to its targets, its namespace included
 * @param type the kind of its addresses
 * @param service the name of its service, empty if it has none
 */
record Slice(
    String namespace,
    String name,
    Labels labels,
    String type,
    String service,
    List<Port> ports,
    List<Endpoint> endpoints)
    implements KubeObject {

  private static final String PREFIX = MetaLabels.PREFIX + "endpointslice_";

  Slice {
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
  }

  /**
   * A port of all endpoints.
   *
   * @param number null for all ports
   * @param labels what it gives to a target
   */
  record Port(@Nullable Long number, Labels labels) {}

  /**
   * An endpoint.
   *
   * @param labels what it gives to its targets
   * @param target what is behind it, null if that is not said
   */
  record Endpoint(List<String> addresses, Labels labels, String node, @Nullable Reference target) {

    Endpoint {
      addresses = List.copyOf(addresses);
    }
  }

  static Slice decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    String type = json.text("addressType");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(MetaLabels.NAMESPACE, metadata.text("namespace"));
    labels.set(PREFIX + "address_type", type);
    MetaLabels.set(labels, "endpointslice", metadata);
    List<Port> ports = new ArrayList<>();
    for (JsonValue port : json.get("ports").items()) {
      ports.add(port(port));
    }
    List<Endpoint> endpoints = new ArrayList<>();
    for (JsonValue endpoint : json.get("endpoints").items()) {
      endpoints.add(endpoint(endpoint));
    }
    return new Slice(
        metadata.text("namespace"),
        metadata.text("name"),
        labels.build(),
        type,
        metadata.get("labels").text("kubernetes.io/service-name"),
        ports,
        endpoints);
  }

  private static Port port(JsonValue port) throws IOException {
    Long number = port.get("port").isNull() ? null : port.whole("port");
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(PREFIX + "port_name", port.text("name"));
    labels.set(PREFIX + "port_protocol", port.text("protocol"));
    labels.set(PREFIX + "port", number == null ? "" : number.toString());
    labels.set(PREFIX + "port_app_protocol", port.text("appProtocol"));
    return new Port(number, labels.build());
  }

  private static Endpoint endpoint(JsonValue endpoint) throws IOException {
    String node = endpoint.text("nodeName");
    Reference target = Reference.decode(endpoint.get("targetRef"));
    LabelsBuilder labels = new LabelsBuilder();
    JsonValue conditions = endpoint.get("conditions");
    for (String condition : List.of("ready", "serving", "terminating")) {
      labels.set(PREFIX + "endpoint_conditions_" + condition, conditions.get(condition).scalar());
    }
    labels.set(PREFIX + "endpoint_hostname", endpoint.text("hostname"));
    labels.set(PREFIX + "endpoint_node_name", node);
    labels.set(PREFIX + "endpoint_zone", endpoint.text("zone"));
    if (target != null) {
      target.set(labels, PREFIX);
    }
    MetaLabels.setAll(
        labels,
        PREFIX + "endpoint_topology_",
        PREFIX + "endpoint_topology_present_",
        endpoint.get("deprecatedTopology"));
    return new Endpoint(endpoint.get("addresses").texts(), labels.build(), node, target);
  }
}
