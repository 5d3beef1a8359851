package io.narthex.net.request;

import io.narthex.base.json.JsonValue;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;

/** The texts, numbers and truth values of a JSON object, by name; what lies deeper is left out. */
final class FlatJson {

  private FlatJson() {}

  static Map<String, String> read(byte[] json) throws IOException {
    JsonValue object = JsonValue.parse(json);
    if (!object.isObject()) {
      throw new IOException("not an object");
    }
    Map<String, String> fields = new HashMap<>();
    for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
      JsonValue value = member.getValue();
      if (!value.isNull() && !value.isObject() && !value.isArray()) {
        fields.put(member.getKey(), value.scalar());
      }
    }
    return fields;
  }
}
