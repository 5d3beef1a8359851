package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.Map;

/** The labels that objects of every kind give. */
final class MetaLabels {

  static final String PREFIX = "__meta_kubernetes_";
  static final String NAMESPACE = PREFIX + "namespace";

  private MetaLabels() {}

  /** Name, labels and annotations of an object, under the name of its kind. */
  static void set(LabelsBuilder labels, String kind, JsonValue metadata) throws IOException {
    labels.set(PREFIX + kind + "_name", metadata.text("name"));
    setUnnamed(labels, kind, metadata);
  }

  /** The same without the name. */
  static void setUnnamed(LabelsBuilder labels, String kind, JsonValue metadata) throws IOException {
    setAll(labels, PREFIX + kind + "_label", metadata.get("labels"));
    setAll(labels, PREFIX + kind + "_annotation", metadata.get("annotations"));
  }

  /** Each pair under its name, and that it is present, for it may be empty. */
  private static void setAll(LabelsBuilder labels, String prefix, JsonValue pairs)
      throws IOException {
    setAll(labels, prefix + "_", prefix + "present_", pairs);
  }

  static void setAll(LabelsBuilder labels, String prefix, String presentPrefix, JsonValue pairs)
      throws IOException {
    for (Map.Entry<String, JsonValue> pair : pairs.members().entrySet()) {
      String name = Meta.sanitized(pair.getKey());
      labels.set(prefix + name, pair.getValue().text());
      labels.set(presentPrefix + name, "true");
    }
  }

  /** Adds all labels of a set. */
  static void merge(LabelsBuilder into, Labels labels) {
    for (Labels.Cursor c = labels.cursor(); c.next(); ) {
      byte[] bytes = c.bytes();
      into.set(bytes, c.nameFrom(), c.nameLength(), bytes, c.valueFrom(), c.valueLength());
    }
  }
}
