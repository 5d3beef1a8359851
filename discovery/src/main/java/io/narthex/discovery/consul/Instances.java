package io.narthex.discovery.consul;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The instances of a service, as the health entries tell them, as targets. */
final class Instances {

  private static final String PREFIX = "__meta_consul_";
  private static final String NODE_MAINTENANCE = "_node_maintenance";
  private static final String SERVICE_MAINTENANCE = "_service_maintenance:";

  private Instances() {}

  /**
   * The group of a service.
   *
   * @param separator between the tags
   * @param entries as {@code /v1/health/service} tells them
   */
  static TargetGroup group(String service, String datacenter, String separator, JsonValue entries)
      throws IOException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue entry : entries.items()) {
      targets.add(target(separator, entry));
    }
    return new TargetGroup(
        service, Labels.of(PREFIX + "dc", datacenter, PREFIX + "service", service), targets);
  }

  private static Labels target(String separator, JsonValue entry) throws IOException {
    JsonValue node = entry.get("Node");
    JsonValue service = entry.get("Service");
    String nodeAddress = node.text("Address");
    String ownAddress = service.text("Address");
    long port = service.whole("Port");
    LabelsBuilder labels = new LabelsBuilder();
    // A service may be registered by a node that it does not run on.
    labels.set(
        TargetGroup.ADDRESS, Meta.address(ownAddress.isEmpty() ? nodeAddress : ownAddress, port));
    labels.set(PREFIX + "address", nodeAddress);
    labels.set(PREFIX + "node", node.text("Node"));
    labels.set(PREFIX + "namespace", service.text("Namespace"));
    labels.set(PREFIX + "partition", service.text("Partition"));
    labels.set(PREFIX + "tags", Meta.enclosed(service.get("Tags").texts(), separator));
    labels.set(PREFIX + "service_address", ownAddress);
    labels.set(PREFIX + "service_port", Long.toString(port));
    labels.set(PREFIX + "service_id", service.text("ID"));
    labels.set(PREFIX + "health", health(entry.get("Checks")));
    add(labels, "metadata_", node.get("Meta"));
    add(labels, "service_metadata_", service.get("Meta"));
    add(labels, "tagged_address_", node.get("TaggedAddresses"));
    return labels.build();
  }

  private static void add(LabelsBuilder labels, String prefix, JsonValue given) throws IOException {
    for (Map.Entry<String, JsonValue> label : given.members().entrySet()) {
      labels.set(PREFIX + prefix + Meta.sanitized(label.getKey()), label.getValue().text());
    }
  }

  /** The worst of the checks; empty if one has a status that nobody knows. */
  private static String health(JsonValue checks) throws IOException {
    boolean maintenance = false;
    boolean critical = false;
    boolean warning = false;
    for (JsonValue check : checks.items()) {
      String id = check.text("CheckID");
      if (id.equals(NODE_MAINTENANCE) || id.startsWith(SERVICE_MAINTENANCE)) {
        maintenance = true;
        continue;
      }
      switch (check.text("Status")) {
        case "passing" -> {
          // Unless another one is worse.
        }
        case "warning" -> warning = true;
        case "critical" -> critical = true;
        default -> {
          return "";
        }
      }
    }
    if (maintenance) {
      return "maintenance";
    }
    return critical ? "critical" : warning ? "warning" : "passing";
  }
}
