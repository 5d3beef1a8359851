package io.narthex.discovery.vultr;

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
import java.util.List;

/** Virtual machines, page after page. */
final class Instances implements Source {

  private static final HttpUrl ENDPOINT = HttpUrl.parse("https://api.vultr.com");
  private static final String META = "__meta_vultr_instance_";

  private final ApiClient client;
  private final Duration timeout;
  private final int port;

  Instances(VultrConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.timeout = config.refreshInterval();
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    List<Labels> targets = new ArrayList<>();
    Pages cursors = new Pages();
    String cursor = "";
    do {
      String query = cursor.isEmpty() ? "" : "&cursor=" + Forms.escape(cursor);
      JsonValue page =
          client.json(
              Request.get(ENDPOINT.withTarget("/v2/instances?per_page=100" + query))
                  .header("Accept", "application/json")
                  .timeout(timeout));
      for (JsonValue instance : page.get("instances").items()) {
        targets.add(target(instance));
      }
      cursor = page.get("meta").get("links").text("next");
      if (!cursor.isEmpty()) {
        cursors.next(cursor);
      }
    } while (!cursor.isEmpty());
    return List.of(new TargetGroup("Vultr", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue instance) throws IOException {
    String address = instance.text("main_ip");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(address, port))
            .set(META + "id", instance.text("id"))
            .set(META + "label", instance.text("label"))
            .set(META + "os", instance.text("os"))
            .set(META + "os_id", instance.get("os_id").digits())
            .set(META + "region", instance.text("region"))
            .set(META + "plan", instance.text("plan"))
            .set(META + "vcpu_count", instance.get("vcpu_count").digits())
            .set(META + "ram_mb", instance.get("ram").digits())
            .set(META + "allowed_bandwidth_gb", instance.get("allowed_bandwidth").digits())
            .set(META + "disk_gb", instance.get("disk").digits())
            .set(META + "main_ip", address)
            .set(META + "main_ipv6", instance.text("v6_main_ip"))
            .set(META + "internal_ip", instance.text("internal_ip"))
            .set(META + "hostname", instance.text("hostname"))
            .set(META + "server_status", instance.text("server_status"));
    list(labels, "features", instance.get("features").texts());
    list(labels, "tags", instance.get("tags").texts());
    return labels.build();
  }

  private static void list(LabelsBuilder labels, String name, List<String> items) {
    if (!items.isEmpty()) {
      labels.set(META + name, Meta.enclosed(items, ","));
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
