package io.narthex.discovery.azure;

import io.narthex.base.json.JsonValue;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A virtual machine.
 *
 * @param scaleSet its scale set, empty for a machine of its own
 * @param instance its number in the scale set
 * @param interfaces the identities of its network interfaces
 */
record Machine(
    String id,
    String name,
    String computerName,
    String location,
    String osType,
    String size,
    String scaleSet,
    String instance,
    Map<String, String> tags,
    List<String> interfaces) {

  /** Reads one, as the API gives it. */
  static Machine read(JsonValue json, String scaleSet) throws IOException {
    JsonValue properties = json.get("properties");
    Map<String, String> tags = new LinkedHashMap<>();
    for (Map.Entry<String, JsonValue> tag : json.get("tags").members().entrySet()) {
      tags.put(tag.getKey(), tag.getValue().text());
    }
    List<String> interfaces = new ArrayList<>();
    for (JsonValue each : properties.get("networkProfile").get("networkInterfaces").items()) {
      interfaces.add(each.text("id"));
    }
    return new Machine(
        json.text("id"),
        json.text("name"),
        properties.get("osProfile").text("computerName"),
        json.text("location"),
        properties.get("storageProfile").get("osDisk").text("osType"),
        properties.get("hardwareProfile").text("vmSize"),
        scaleSet,
        json.text("instanceId"),
        tags,
        interfaces);
  }
}
