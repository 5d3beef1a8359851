package io.narthex.discovery.stackit;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * The servers of a project of STACKIT, by its IaaS API: one answer without pages. The address of a
 * target is the first public one, else the first private one; servers without any are left out.
 */
final class StackitServers implements Source {

  private static final String PREFIX = "__meta_stackit_";

  private final StackitConfig config;
  private final ApiClient api;
  private final Request request;

  /**
   * @param environment of the process
   */
  StackitServers(StackitConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    this.config = config;
    String base =
        config.endpoint().isEmpty()
            ? "https://iaas.api." + config.region() + ".stackit.cloud"
            : config.endpoint();
    HttpUrl endpoint = HttpUrl.parse(base);
    String path = endpoint.target().split("\\?", 2)[0].replaceAll("/+$", "");
    String project = Forms.escape(config.project()).replace("+", "%20");
    this.request =
        Request.get(endpoint.withTarget(path + "/v1/projects/" + project + "/servers?details=true"))
            .header("Accept", "application/json")
            .timeout(config.refreshInterval());
    this.api = new ApiClient(StackitAccess.client(config, environment), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue server : api.json(request).get("items").items()) {
      Labels target = target(server);
      if (!target.getOrEmpty(TargetGroup.ADDRESS).isEmpty()) {
        targets.add(target);
      }
    }
    return List.of(new TargetGroup("stackit", Labels.EMPTY, targets));
  }

  private Labels target(JsonValue server) throws IOException {
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(PREFIX + "project", config.project());
    labels.set(PREFIX + "id", server.text("id"));
    labels.set(PREFIX + "name", server.text("name"));
    labels.set(PREFIX + "availability_zone", server.text("availabilityZone"));
    labels.set(PREFIX + "status", server.text("status"));
    labels.set(PREFIX + "power_status", server.text("powerStatus"));
    labels.set(PREFIX + "type", server.text("machineType"));
    addresses(server, labels);
    for (Map.Entry<String, JsonValue> label : server.get("labels").members().entrySet()) {
      if (label.getValue().isText()) {
        String name = Meta.sanitized(label.getKey());
        labels.set(PREFIX + "labelpresent_" + name, "true");
        labels.set(PREFIX + "label_" + name, label.getValue().text());
      }
    }
    return labels.build();
  }

  private void addresses(JsonValue server, LabelsBuilder labels) throws IOException {
    String host = "";
    String open = "";
    for (JsonValue nic : server.get("nics").items()) {
      String publicAddress = nic.text("publicIp");
      if (open.isEmpty() && !publicAddress.isEmpty()) {
        open = publicAddress;
        host = publicAddress;
      }
      String privateAddress = nic.text("ipv4");
      if (!privateAddress.isEmpty()) {
        String network = Meta.sanitized(nic.text("networkName"));
        labels.set(PREFIX + "private_ipv4_" + network, privateAddress);
        host = host.isEmpty() ? privateAddress : host;
      }
    }
    labels.set(PREFIX + "public_ipv4", open);
    if (!host.isEmpty()) {
      labels.set(TargetGroup.ADDRESS, Meta.address(host, config.port()));
    }
  }

  @Override
  public void close() {
    api.close();
  }
}
