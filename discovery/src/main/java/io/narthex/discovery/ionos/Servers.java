package io.narthex.discovery.ionos;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The servers of a data centre, page after page; those without an address are left out. */
final class Servers implements Source {

  private static final HttpUrl ENDPOINT = HttpUrl.parse("https://api.ionos.com");
  private static final String META = "__meta_ionos_server_";

  private final ApiClient client;
  private final Duration timeout;
  private final String path;
  private final int port;

  Servers(IonosConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.timeout = config.refreshInterval();
    // Down to depth 3, network cards and volumes come with the servers.
    this.path =
        "/cloudapi/v6/datacenters/"
            + Forms.escape(config.datacenterId())
            + "/servers?depth=3&limit=1000&offset=";
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    Pages starts = new Pages();
    boolean more = true;
    for (int offset = 0; more; ) {
      JsonValue servers =
          client.json(
              Request.get(ENDPOINT.withTarget(path + offset))
                  .header("Accept", "application/json")
                  .timeout(timeout));
      List<JsonValue> items = servers.get("items").items();
      for (JsonValue server : items) {
        Addresses addresses = addresses(server);
        if (!addresses.all.isEmpty()) {
          targets.add(target(server, servers.text("id"), addresses));
        }
      }
      more = !servers.get("_links").text("next").isEmpty();
      if (more && items.isEmpty()) {
        throw new IOException("an empty page, and still more to come");
      }
      if (more) {
        starts.next(items.getFirst().text("id"));
      }
      offset += items.size();
    }
    return List.of(new TargetGroup("ionos", Labels.EMPTY, targets));
  }

  /**
   * Addresses of a server: what comes later in the answer stands first, as upstream has it.
   *
   * @param byLabel those of the network cards of one name, by the label with the name
   */
  private record Addresses(List<String> all, Map<String, List<String>> byLabel) {}

  private static Addresses addresses(JsonValue server) throws IOException {
    List<String> all = new ArrayList<>();
    Map<String, List<String>> byLabel = new LinkedHashMap<>();
    for (JsonValue card : server.get("entities").get("nics").get("items").items()) {
      JsonValue properties = card.get("properties");
      JsonValue name = properties.get("name");
      String label = META + "nic_ip_" + Meta.sanitized(name.isNull() ? "unnamed" : name.text());
      List<String> own = properties.get("ips").texts();
      all.addAll(0, own);
      byLabel.computeIfAbsent(label, absent -> new ArrayList<>()).addAll(0, own);
    }
    return new Addresses(all, byLabel);
  }

  private Labels target(JsonValue server, String servers, Addresses addresses) throws IOException {
    List<String> all = addresses.all;
    JsonValue properties = server.get("properties");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(all.getFirst(), port))
            .set(META + "availability_zone", properties.text("availabilityZone"))
            .set(META + "boot_cdrom_id", properties.get("bootCdrom").text("id"))
            .set(META + "boot_volume_id", properties.get("bootVolume").text("id"))
            .set(META + "cpu_family", properties.text("cpuFamily"))
            .set(META + "id", server.text("id"))
            .set(META + "ip", Meta.enclosed(all, ","))
            .set(META + "lifecycle", server.get("metadata").text("state"))
            .set(META + "name", properties.text("name"))
            .set(META + "servers_id", servers)
            .set(META + "state", properties.text("vmState"))
            .set(META + "type", properties.text("type"));
    addresses.byLabel.forEach((label, own) -> labels.set(label, Meta.enclosed(own, ",")));
    List<JsonValue> volumes = server.get("entities").get("volumes").get("items").items();
    if (!volumes.isEmpty()) {
      labels.set(META + "boot_image_id", volumes.getFirst().get("properties").text("image"));
    }
    return labels.build();
  }

  @Override
  public void close() {
    client.close();
  }
}
