package io.narthex.discovery.zookeeper;

import io.narthex.base.json.JsonValue;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.Map;

/** What a node says of a target. */
@FunctionalInterface
public interface Member {

  /**
   * The labels of the target.
   *
   * @param path of the node
   * @param data what it holds
   * @throws IOException if that is no target
   */
  Labels labels(String path, byte[] data) throws IOException;

  /**
   * The member of an object, whatever the case of its name: those who register targets do not agree
   * about it, and upstream does not heed it.
   */
  static JsonValue get(JsonValue object, String name) throws IOException {
    JsonValue found = object.get(name);
    if (found.isNull()) {
      for (Map.Entry<String, JsonValue> member : object.members().entrySet()) {
        if (member.getKey().equalsIgnoreCase(name)) {
          found = member.getValue();
        }
      }
    }
    return found;
  }
}
