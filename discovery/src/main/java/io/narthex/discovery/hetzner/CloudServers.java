package io.narthex.discovery.hetzner;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Servers of the cloud; their private networks are asked for as well, since only these have names.
 */
final class CloudServers implements Source {

  private static final HttpUrl ENDPOINT = HttpUrl.parse("https://api.hetzner.cloud");

  private final ApiClient client;
  private final Duration timeout;
  private final String selector;
  private final CloudLabels labels;

  CloudServers(HetznerConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.timeout = config.refreshInterval();
    this.selector =
        config.labelSelector().isEmpty()
            ? ""
            : "&label_selector=" + Forms.escape(config.labelSelector());
    this.labels = new CloudLabels(config.port());
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<JsonValue> servers = all("servers", selector);
    List<JsonValue> networks = all("networks", "");
    List<Labels> targets = new ArrayList<>();
    for (JsonValue server : servers) {
      targets.add(labels.target(server, networks));
    }
    return List.of(new TargetGroup("hetzner", Labels.EMPTY, targets));
  }

  private List<JsonValue> all(String name, String query) throws IOException {
    List<JsonValue> all = new ArrayList<>();
    for (long page = 1; page > 0; ) {
      String target = "/v1/" + name + "?page=" + page + "&per_page=50" + query;
      JsonValue answer =
          client.json(
              Request.get(ENDPOINT.withTarget(target))
                  .header("Accept", "application/json")
                  .timeout(timeout));
      all.addAll(answer.get(name).items());
      long next = answer.get("meta").get("pagination").whole("next_page");
      if (next != 0 && next <= page) {
        throw new IOException("the pages of the answer never end: " + next + " follows " + page);
      }
      page = next;
    }
    return all;
  }

  @Override
  public void close() {
    client.close();
  }
}
