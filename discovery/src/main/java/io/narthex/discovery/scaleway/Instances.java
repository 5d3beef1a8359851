package io.narthex.discovery.scaleway;

import io.narthex.base.json.JsonValue;
import io.narthex.base.regex.AnchoredRegex;
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

/** Virtual servers; those without an address are left out. */
final class Instances implements Source {

  private static final String META = "__meta_scaleway_instance_";
  private static final AnchoredRegex ZONE = AnchoredRegex.compile("[a-z]{2}-[a-z]{3}-[0-9]{1,2}");

  private final ScalewayApi api;
  private final String target;
  private final int port;

  Instances(ScalewayConfig config, DiscoveryContext context) throws IOException {
    this.api = new ScalewayApi(config, context);
    StringBuilder query = new StringBuilder("?per_page=100");
    if (!config.nameFilter().isEmpty()) {
      query.append("&name=").append(Forms.escape(config.nameFilter()));
    }
    if (!config.tagsFilter().isEmpty()) {
      query.append("&tags=").append(Forms.escape(String.join(",", config.tagsFilter())));
    }
    this.target = "/instance/v1/zones/" + config.zone() + "/servers" + query;
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue server : api.list(target, "servers")) {
      LabelsBuilder labels = labels(server);
      String address = addAddresses(labels, server);
      if (!address.isEmpty()) {
        targets.add(labels.set(TargetGroup.ADDRESS, Meta.address(address, port)).build());
      }
    }
    return List.of(new TargetGroup("scaleway", Labels.EMPTY, targets));
  }

  private static LabelsBuilder labels(JsonValue server) throws IOException {
    String zone = server.text("zone");
    JsonValue image = server.get("image");
    JsonValue location = server.get("location");
    JsonValue group = server.get("security_group");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "boot_type", server.text("boot_type"))
            .set(META + "hostname", server.text("hostname"))
            .set(META + "id", server.text("id"))
            .set(META + "image_arch", image.text("arch"))
            .set(META + "image_id", image.text("id"))
            .set(META + "image_name", image.text("name"))
            .set(META + "location_cluster_id", location.text("cluster_id"))
            .set(META + "location_hypervisor_id", location.text("hypervisor_id"))
            .set(META + "location_node_id", location.text("node_id"))
            .set(META + "name", server.text("name"))
            .set(META + "organization_id", server.text("organization"))
            .set(META + "project_id", server.text("project"))
            .set(META + "security_group_id", group.text("id"))
            .set(META + "security_group_name", group.text("name"))
            .set(META + "status", server.text("state"))
            .set(META + "type", server.text("commercial_type"))
            .set(META + "zone", zone);
    if (ZONE.matches(zone)) {
      labels.set(META + "region", zone.substring(0, zone.lastIndexOf('-')));
    }
    List<String> tags = server.get("tags").texts();
    if (!tags.isEmpty()) {
      labels.set(META + "tags", Meta.enclosed(tags, ","));
    }
    return labels;
  }

  /**
   * Adds the labels with addresses.
   *
   * @return the address of the target, empty for none: the private one, else the old kind of public
   *     address, else the new kind; of a kind, IPv4 before IPv6
   */
  private static String addAddresses(LabelsBuilder labels, JsonValue server) throws IOException {
    List<String> publicIpv4 = addresses(server, "inet");
    List<String> publicIpv6 = addresses(server, "inet6");
    String oldIpv4 = server.get("public_ip").text("address");
    String oldIpv6 = server.get("ipv6").text("address");
    String privateIpv4 = server.text("private_ip");
    list(labels, "public_ipv4_addresses", publicIpv4);
    list(labels, "public_ipv6_addresses", publicIpv6);
    labels
        .set(META + "public_ipv4", oldIpv4)
        .set(META + "public_ipv6", oldIpv6)
        .set(META + "private_ipv4", privateIpv4);
    List<String> byPreference = new ArrayList<>(List.of(privateIpv4, oldIpv4, oldIpv6));
    byPreference.addAll(publicIpv4);
    byPreference.addAll(publicIpv6);
    return byPreference.stream().filter(address -> !address.isEmpty()).findFirst().orElse("");
  }

  private static List<String> addresses(JsonValue server, String family) throws IOException {
    List<String> addresses = new ArrayList<>();
    for (JsonValue address : server.get("public_ips").items()) {
      if (address.text("family").equals(family)) {
        addresses.add(address.text("address"));
      }
    }
    return addresses;
  }

  private static void list(LabelsBuilder labels, String name, List<String> items) {
    if (!items.isEmpty()) {
      labels.set(META + name, Meta.enclosed(items, ","));
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
