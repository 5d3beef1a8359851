package io.narthex.discovery.kubernetes;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** The object behind an address. */
record Reference(String kind, String namespace, String name) {

  static @Nullable Reference decode(JsonValue json) throws IOException {
    return json.isNull()
        ? null
        : new Reference(json.text("kind"), json.text("namespace"), json.text("name"));
  }

  boolean isPod() {
    return kind.equals("Pod");
  }

  boolean isNode() {
    return kind.equals("Node");
  }

  void set(LabelsBuilder labels, String prefix) {
    labels.set(prefix + "address_target_kind", kind);
    labels.set(prefix + "address_target_name", name);
  }
}
