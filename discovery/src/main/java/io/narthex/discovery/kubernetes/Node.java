package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A node.
 *
 * @param attached what it gives to the pods on it
 * @param labels what it has as a target, besides the target's own
 * @param target its kubelet; null if the node has no address
 */
record Node(String name, Labels attached, Labels labels, @Nullable Labels target)
    implements KubeObject {

  /** Which kind of address is taken, the best first. */
  private static final List<String> ADDRESSES =
      List.of("InternalIP", "InternalDNS", "ExternalIP", "ExternalDNS", "LegacyHostIP", "Hostname");

  static Node decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    JsonValue status = json.get("status");
    String name = metadata.text("name");
    LabelsBuilder labels = new LabelsBuilder();
    MetaLabels.set(labels, "node", metadata);
    Labels attached = labels.build();
    labels.set(MetaLabels.PREFIX + "node_provider_id", json.get("spec").text("providerID"));
    for (JsonValue condition : status.get("conditions").items()) {
      String type = Meta.sanitized(condition.text("type").toLowerCase(Locale.ROOT));
      labels.set(
          MetaLabels.PREFIX + "node_condition_" + type,
          condition.text("status").toLowerCase(Locale.ROOT));
    }
    return new Node(name, attached, labels.build(), target(name, status));
  }

  private static @Nullable Labels target(String name, JsonValue status) throws IOException {
    Map<String, String> addresses = new LinkedHashMap<>();
    for (JsonValue address : status.get("addresses").items()) {
      addresses.putIfAbsent(address.text("type"), address.text("address"));
    }
    String host = null;
    for (String type : ADDRESSES) {
      if (host == null) {
        host = addresses.get(type);
      }
    }
    if (host == null) {
      return null;
    }
    long port = status.get("daemonEndpoints").get("kubeletEndpoint").whole("Port");
    LabelsBuilder target = new LabelsBuilder();
    target.set(TargetGroup.ADDRESS, Meta.address(host, port));
    target.set("instance", name);
    addresses.forEach((type, address) ->
        target.set(MetaLabels.PREFIX + "node_address_" + Meta.sanitized(type), address));
    return target.build();
  }

  @Override
  public String namespace() {
    return "";
  }
}
