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

/** Managed database clusters, by their private host where they have one. */
final class Databases implements Source {

  private static final String META = "__meta_digitalocean_db_";

  private final DigitalOceanApi api;
  private final int port;

  Databases(DigitalOceanConfig config, DiscoveryContext context) throws IOException {
    this.api = new DigitalOceanApi(config, context);
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue cluster : api.list("databases")) {
      targets.add(target(cluster));
    }
    return List.of(new TargetGroup("DigitalOcean Databases", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue cluster) throws IOException {
    String publicHost = cluster.get("connection").text("host");
    String privateHost = cluster.get("private_connection").text("host");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(META + "id", cluster.text("id"))
            .set(META + "name", cluster.text("name"))
            .set(META + "engine", cluster.text("engine"))
            .set(META + "version", cluster.text("version"))
            .set(META + "status", cluster.text("status"))
            .set(META + "region", cluster.text("region"))
            .set(META + "size", cluster.text("size"))
            .set(META + "num_nodes", cluster.get("num_nodes").digits())
            .set(META + "host", publicHost)
            .set(META + "private_host", privateHost);
    String host = privateHost.isEmpty() ? publicHost : privateHost;
    if (!host.isEmpty()) {
      labels.set(TargetGroup.ADDRESS, Meta.address(host, port));
    }
    for (String tag : cluster.get("tags").texts()) {
      labels.set(META + "tag_" + tag, "true");
    }
    return labels.build();
  }

  @Override
  public void close() {
    api.close();
  }
}
