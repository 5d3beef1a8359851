package io.narthex.discovery.ovhcloud;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;

/** The labels of a server; its address has no port. */
final class ServerLabels {

  private static final String VPS = "__meta_ovhcloud_vps_";
  private static final String DEDICATED = "__meta_ovhcloud_dedicated_server_";

  private ServerLabels() {}

  static Labels virtual(JsonValue server, Addresses addresses) throws IOException {
    JsonValue model = server.get("model");
    return common(server, addresses, VPS)
        .set(VPS + "offer", model.text("offer"))
        // As Go prints a list.
        .set(VPS + "datacenter", "[" + String.join(" ", model.get("datacenter").texts()) + "]")
        .set(VPS + "model_vcore", model.get("vcore").digits())
        .set(VPS + "maximum_additional_ip", model.get("maximumAdditionnalIp").digits())
        .set(VPS + "version", model.text("version"))
        .set(VPS + "model_name", model.text("name"))
        .set(VPS + "disk", model.get("disk").digits())
        .set(VPS + "memory", model.get("memory").digits())
        .set(VPS + "zone", server.text("zone"))
        .set(VPS + "display_name", server.text("displayName"))
        .set(VPS + "cluster", server.text("cluster"))
        .set(VPS + "netboot_mode", server.text("netbootMode"))
        .set(VPS + "memory_limit", server.get("memoryLimit").digits())
        .set(VPS + "offer_type", server.text("offerType"))
        .set(VPS + "vcore", server.get("vcore").digits())
        .build();
  }

  static Labels dedicated(JsonValue server, Addresses addresses) throws IOException {
    return common(server, addresses, DEDICATED)
        .set(DEDICATED + "commercial_range", server.text("commercialRange"))
        .set(DEDICATED + "link_speed", server.get("linkSpeed").digits())
        .set(DEDICATED + "rack", server.text("rack"))
        .set(DEDICATED + "no_intervention", Boolean.toString(server.truth("noIntervention")))
        .set(DEDICATED + "os", server.text("os"))
        .set(DEDICATED + "support_level", server.text("supportLevel"))
        .set(DEDICATED + "server_id", server.get("serverId").digits())
        .set(DEDICATED + "reverse", server.text("reverse"))
        .set(DEDICATED + "datacenter", server.text("datacenter"))
        .build();
  }

  private static LabelsBuilder common(JsonValue server, Addresses addresses, String prefix)
      throws IOException {
    return new LabelsBuilder()
        .set(TargetGroup.ADDRESS, addresses.preferred())
        .set("instance", server.text("name"))
        .set(prefix + "name", server.text("name"))
        .set(prefix + "state", server.text("state"))
        .set(prefix + "ipv4", addresses.ipv4())
        .set(prefix + "ipv6", addresses.ipv6());
  }
}
