package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;

/**
 * A namespace.
 *
 * @param labels what it gives to the targets in it
 */
record Namespace(String name, Labels labels) implements KubeObject {

  static Namespace decode(JsonValue json) throws IOException {
    JsonValue metadata = json.get("metadata");
    LabelsBuilder labels = new LabelsBuilder();
    MetaLabels.setUnnamed(labels, "namespace", metadata);
    return new Namespace(metadata.text("name"), labels.build());
  }

  @Override
  public String namespace() {
    return "";
  }
}
