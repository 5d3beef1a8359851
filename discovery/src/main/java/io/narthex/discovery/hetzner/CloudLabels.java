package io.narthex.discovery.hetzner;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** The labels of a server of the cloud. */
final class CloudLabels {

  private static final String META = "__meta_hetzner_";
  private static final String CLOUD = META + "hcloud_";

  /**
   * What upstream writes where there is no address. Configurations in use drop servers by it, so it
   * is kept.
   */
  private static final String NONE = "<nil>";

  private final int port;

  CloudLabels(int port) {
    this.port = port;
  }

  Labels target(JsonValue server, List<JsonValue> networks) throws IOException {
    JsonValue addresses = server.get("public_net");
    String address = orNone(addresses.get("ipv4").text("ip"));
    JsonValue type = server.get("server_type");
    JsonValue location = location(server);
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(address, port))
            .set(META + "role", "hcloud")
            .set(META + "server_id", server.get("id").digits())
            .set(META + "server_name", server.text("name"))
            .set(META + "server_status", server.text("status"))
            .set(META + "datacenter", server.get("datacenter").text("name"))
            .set(META + "public_ipv4", address)
            .set(META + "public_ipv6_network", orNone(addresses.get("ipv6").text("ip")))
            .set(CLOUD + "location", location.text("name"))
            .set(CLOUD + "location_network_zone", location.text("network_zone"))
            .set(CLOUD + "datacenter_location", location.text("name"))
            .set(CLOUD + "datacenter_location_network_zone", location.text("network_zone"))
            .set(CLOUD + "server_type", type.text("name"))
            .set(CLOUD + "cpu_cores", type.get("cores").digits())
            .set(CLOUD + "cpu_type", type.text("cpu_type"))
            .set(CLOUD + "memory_size_gb", Long.toString((long) type.get("memory").number()))
            .set(CLOUD + "disk_size_gb", type.get("disk").digits());
    JsonValue image = server.get("image");
    labels
        .set(CLOUD + "image_name", image.text("name"))
        .set(CLOUD + "image_description", image.text("description"))
        .set(CLOUD + "image_os_version", image.text("os_version"))
        .set(CLOUD + "image_os_flavor", image.text("os_flavor"));
    for (JsonValue attached : server.get("private_net").items()) {
      for (JsonValue network : networks) {
        if (network.whole("id") == attached.whole("network")) {
          String name = Meta.sanitized(network.text("name"));
          labels.set(CLOUD + "private_ipv4_" + name, orNone(attached.text("ip")));
        }
      }
    }
    for (Map.Entry<String, JsonValue> label : server.get("labels").members().entrySet()) {
      String name = Meta.sanitized(label.getKey());
      labels.set(CLOUD + "labelpresent_" + name, "true");
      labels.set(CLOUD + "label_" + name, label.getValue().text());
    }
    return labels.build();
  }

  /** Servers tell it themselves since the data centres are on their way out. */
  private static JsonValue location(JsonValue server) throws IOException {
    JsonValue own = server.get("location");
    return own.isNull() ? server.get("datacenter").get("location") : own;
  }

  private static String orNone(String address) {
    return address.isEmpty() ? NONE : address;
  }
}
