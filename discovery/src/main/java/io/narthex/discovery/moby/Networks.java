package io.narthex.discovery.moby;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The labels of a daemon's networks, by their ids. */
public final class Networks {

  private final Map<String, Labels> labels = new HashMap<>();

  /**
   * Asks for them.
   *
   * @param prefix what every label begins with, such as {@code __meta_docker_}
   */
  public Networks(Daemon daemon, String prefix) throws IOException {
    for (JsonValue network : daemon.list("/networks", List.of())) {
      LabelsBuilder own =
          new LabelsBuilder()
              .set(prefix + "network_id", network.text("Id"))
              .set(prefix + "network_name", network.text("Name"))
              .set(prefix + "network_scope", network.text("Scope"))
              .set(prefix + "network_internal", Boolean.toString(network.truth("Internal")))
              .set(prefix + "network_ingress", Boolean.toString(network.truth("Ingress")));
      addLabels(own, prefix + "network_label_", network.get("Labels"));
      labels.put(network.text("Id"), own.build());
    }
  }

  /** The labels of a network, none for an unknown one. */
  public Labels labels(String id) {
    return labels.getOrDefault(id, Labels.EMPTY);
  }

  /** Adds labels that somebody gave a thing. */
  public static void addLabels(LabelsBuilder to, String prefix, JsonValue given)
      throws IOException {
    for (Map.Entry<String, JsonValue> label : given.members().entrySet()) {
      to.set(prefix + Meta.sanitized(label.getKey()), label.getValue().text());
    }
  }
}
