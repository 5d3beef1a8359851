package io.narthex.discovery.digitalocean;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Virtual machines; those without an IPv4 network are left out. */
final class Droplets implements Source {

  private static final String META = "__meta_digitalocean_";

  private final DigitalOceanApi api;
  private final int port;

  Droplets(DigitalOceanConfig config, DiscoveryContext context) throws IOException {
    this.api = new DigitalOceanApi(config, context);
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue droplet : api.list("droplets")) {
      if (!droplet.get("networks").get("v4").items().isEmpty()) {
        targets.add(target(droplet));
      }
    }
    return List.of(new TargetGroup("DigitalOcean", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue droplet) throws IOException {
    String publicAddress = address(droplet, "v4", "public");
    JsonValue image = droplet.get("image");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(publicAddress, port))
            .set(META + "droplet_id", droplet.get("id").digits())
            .set(META + "droplet_name", droplet.text("name"))
            .set(META + "image", image.text("slug"))
            .set(META + "image_name", image.text("name"))
            .set(META + "private_ipv4", address(droplet, "v4", "private"))
            .set(META + "public_ipv4", publicAddress)
            .set(META + "public_ipv6", address(droplet, "v6", "public"))
            .set(META + "region", droplet.get("region").text("slug"))
            .set(META + "size", droplet.text("size_slug"))
            .set(META + "status", droplet.text("status"))
            .set(META + "vpc", droplet.text("vpc_uuid"));
    list(labels, "features", droplet.get("features").texts());
    list(labels, "tags", droplet.get("tags").texts());
    return labels.build();
  }

  private static void list(LabelsBuilder labels, String name, List<String> items) {
    if (!items.isEmpty()) {
      labels.set(META + name, Meta.enclosed(items, ","));
    }
  }

  /** The first address of a kind, empty for none. */
  private static String address(JsonValue droplet, String version, String type) throws IOException {
    for (JsonValue network : droplet.get("networks").get(version).items()) {
      if (network.text("type").equals(type)) {
        return network.text("ip_address");
      }
    }
    return "";
  }

  @Override
  public void close() {
    api.close();
  }
}
