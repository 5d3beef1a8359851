package io.narthex.discovery.puppetdb;

import io.narthex.base.bytes.GoFloat;
import io.narthex.base.json.JsonValue;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.Map;
import java.util.StringJoiner;

/** The parameters of a resource as labels. */
final class Parameters {

  private Parameters() {}

  /**
   * Adds a label for every parameter that has a value; those within a parameter have its name in
   * front of theirs.
   */
  static void add(LabelsBuilder labels, String prefix, JsonValue parameters) throws IOException {
    for (Map.Entry<String, JsonValue> parameter : parameters.members().entrySet()) {
      JsonValue value = parameter.getValue();
      if (value.isObject()) {
        add(labels, prefix + Meta.sanitized(parameter.getKey()) + "_", value);
        continue;
      }
      String text = value.isArray() ? list(value) : single(value);
      if (!text.isEmpty()) {
        labels.set(prefix + Meta.sanitized(parameter.getKey()), text);
      }
    }
  }

  /** What is no single value within a list counts, and is empty. */
  private static String list(JsonValue list) throws IOException {
    StringJoiner texts = new StringJoiner(",");
    for (JsonValue item : list.items()) {
      texts.add(item.isArray() || item.isObject() ? "" : single(item));
    }
    return texts.toString();
  }

  private static String single(JsonValue value) throws IOException {
    return value.isNumber() ? GoFloat.text(value.number()) : value.scalar();
  }
}
