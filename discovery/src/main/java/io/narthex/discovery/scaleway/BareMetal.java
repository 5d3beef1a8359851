package io.narthex.discovery.scaleway;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Dedicated servers, with the names of what was ordered and of what is installed. */
final class BareMetal implements Source {

  private static final String META = "__meta_scaleway_baremetal_";

  private final ScalewayApi api;
  private final String path;
  private final String query;
  private final int port;

  BareMetal(ScalewayConfig config, DiscoveryContext context) throws IOException {
    this.api = new ScalewayApi(config, context);
    this.path = "/baremetal/v1/zones/" + config.zone();
    StringBuilder filters = new StringBuilder();
    if (!config.nameFilter().isEmpty()) {
      filters.append("&name=").append(Forms.escape(config.nameFilter()));
    }
    for (String tag : config.tagsFilter()) {
      filters.append("&tags=").append(Forms.escape(tag));
    }
    this.query = filters.toString();
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<JsonValue> servers = api.list(path + "/servers?page_size=100" + query, "servers");
    List<JsonValue> offers = api.list(path + "/offers?page_size=100", "offers");
    List<JsonValue> systems = api.list(path + "/os?page_size=100", "os");
    List<Labels> targets = new ArrayList<>();
    for (JsonValue server : servers) {
      targets.add(target(server, offers, systems));
    }
    return List.of(new TargetGroup("scaleway", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue server, List<JsonValue> offers, List<JsonValue> systems)
      throws IOException {
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "id", server.text("id"))
            .set(META + "name", server.text("name"))
            .set(META + "project_id", server.text("project_id"))
            .set(META + "status", server.text("status"))
            .set(META + "zone", server.text("zone"));
    for (JsonValue offer : offers) {
      if (offer.text("id").equals(server.text("offer_id"))) {
        labels.set(META + "type", offer.text("name"));
        break;
      }
    }
    JsonValue install = server.get("install");
    for (JsonValue system : systems) {
      if (!install.isNull() && system.text("id").equals(install.text("os_id"))) {
        labels
            .set(META + "os_name", system.text("name"))
            .set(META + "os_version", system.text("version"));
        break;
      }
    }
    List<String> tags = server.get("tags").texts();
    if (!tags.isEmpty()) {
      labels.set(META + "tags", Meta.enclosed(tags, ","));
    }
    addAddresses(labels, server);
    return labels.build();
  }

  /** The first address of each version; the target's is the IPv4 one where there is one. */
  private void addAddresses(LabelsBuilder labels, JsonValue server) throws IOException {
    String ipv4 = "";
    String ipv6 = "";
    for (JsonValue ip : server.get("ips").items()) {
      String version = ip.text("version");
      switch (version) {
        case "IPv4" -> ipv4 = ipv4.isEmpty() ? ip.text("address") : ipv4;
        case "IPv6" -> ipv6 = ipv6.isEmpty() ? ip.text("address") : ipv6;
        default -> throw new IOException("unknown IP version: " + version);
      }
    }
    labels.set(META + "public_ipv4", ipv4).set(META + "public_ipv6", ipv6);
    String address = ipv4.isEmpty() ? ipv6 : ipv4;
    if (!address.isEmpty()) {
      labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
