package io.narthex.discovery.hetzner;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Dedicated servers, asked of the Robot web service in one answer. */
final class RobotServers implements Source {

  private static final HttpUrl SERVERS = HttpUrl.parse("https://robot-ws.your-server.de/server");
  private static final String META = "__meta_hetzner_";

  private final ApiClient client;
  private final Request request;
  private final int port;

  RobotServers(HetznerConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.request = Request.get(SERVERS).timeout(config.refreshInterval());
    this.port = config.port();
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    Reply reply = client.any(request);
    if (!reply.isOk()) {
      throw new IOException(
          "non 2xx status '"
              + reply.status()
              + "' response during hetzner service discovery with role robot");
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue item : JsonValue.parse(reply.body()).items()) {
      targets.add(target(item.get("server")));
    }
    return List.of(new TargetGroup("hetzner", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue server) throws IOException {
    String address = server.text("server_ip");
    LabelsBuilder labels =
        new LabelsBuilder()
            .set(TargetGroup.ADDRESS, Meta.address(address, port))
            .set(META + "role", "robot")
            .set(META + "server_id", server.get("server_number").digits())
            .set(META + "server_name", server.text("server_name"))
            .set(META + "server_status", server.text("status"))
            .set(META + "datacenter", server.text("dc").toLowerCase(Locale.ROOT))
            .set(META + "public_ipv4", address)
            .set(META + "robot_product", server.text("product"))
            .set(META + "robot_cancelled", Boolean.toString(server.truth("cancelled")));
    for (JsonValue subnet : server.get("subnet").items()) {
      if (subnet.text("ip").indexOf(':') >= 0) {
        labels.set(META + "public_ipv6_network", subnet.text("ip") + "/" + subnet.text("mask"));
        break;
      }
    }
    return labels.build();
  }

  @Override
  public void close() {
    client.close();
  }
}
