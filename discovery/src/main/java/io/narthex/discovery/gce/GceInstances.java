package io.narthex.discovery.gce;

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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The instances of a project and zone, by the Compute Engine API's {@code instances.list}, page by
 * page. The first network interface gives the address; an instance without any is no target.
 */
final class GceInstances implements Source {

  private static final String PREFIX = "__meta_gce_";

  private final GceConfig config;
  private final String list;
  private final ApiClient api;
  private final @Nullable GoogleToken token;

  GceInstances(GceConfig config, DiscoveryContext context, GoogleAccess access) throws IOException {
    this.config = config;
    this.list =
        access.endpoint()
            + "/compute/v1/projects/"
            + escaped(config.project())
            + "/zones/"
            + escaped(config.zone())
            + "/instances?alt=json&prettyPrint=false"
            + (config.filter().isEmpty() ? "" : "&filter=" + Forms.escape(config.filter()));
    this.api = new ApiClient(access.http(), context);
    Request request = access.token();
    this.token = request == null ? null : new GoogleToken(request, access.http(), context);
  }

  private static String escaped(String segment) {
    return Forms.escape(segment).replace("+", "%20");
  }

  @Override
  public List<TargetGroup> refresh() throws IOException, InterruptedException {
    try {
      List<Labels> targets = new ArrayList<>();
      Pages pages = new Pages();
      String page = "";
      do {
        JsonValue answer = ask(pages.next(page));
        for (JsonValue instance : answer.get("items").items()) {
          List<JsonValue> interfaces = instance.get("networkInterfaces").items();
          if (!interfaces.isEmpty()) {
            targets.add(target(instance, interfaces));
          }
        }
        page = answer.text("nextPageToken");
      } while (!page.isEmpty());
      String source = "GCE_" + config.project() + "_" + config.zone();
      return List.of(new TargetGroup(source, Labels.EMPTY, targets));
    } catch (IOException e) {
      throw new IOException("error retrieving refresh targets from gce: " + e.getMessage(), e);
    }
  }

  private JsonValue ask(String page) throws IOException {
    String url = page.isEmpty() ? list : list + "&pageToken=" + Forms.escape(page);
    Request request = Request.get(HttpUrl.parse(url)).header("Accept", "application/json");
    return api.json(token == null ? request : request.header("Authorization", token.header()));
  }

  private Labels target(JsonValue instance, List<JsonValue> interfaces) throws IOException {
    JsonValue first = interfaces.getFirst();
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(first.text("networkIP"), config.port()));
    labels.set(PREFIX + "project", config.project());
    labels.set(PREFIX + "zone", instance.text("zone"));
    labels.set(PREFIX + "instance_id", instance.get("id").scalar());
    labels.set(PREFIX + "instance_name", instance.text("name"));
    labels.set(PREFIX + "instance_status", instance.text("status"));
    labels.set(PREFIX + "machine_type", instance.text("machineType"));
    labels.set(PREFIX + "network", first.text("network"));
    labels.set(PREFIX + "subnetwork", first.text("subnetwork"));
    labels.set(PREFIX + "private_ip", first.text("networkIP"));
    for (JsonValue each : interfaces) {
      String name = Meta.sanitized(each.text("name"));
      labels.set(PREFIX + "interface_ipv4_" + name, each.text("networkIP"));
    }
    List<String> tags = instance.get("tags").get("items").texts();
    if (!tags.isEmpty()) {
      labels.set(PREFIX + "tags", Meta.enclosed(tags, config.tagSeparator()));
    }
    for (JsonValue item : instance.get("metadata").get("items").items()) {
      labels.set(PREFIX + "metadata_" + Meta.sanitized(item.text("key")), item.text("value"));
    }
    for (Map.Entry<String, JsonValue> label : instance.get("labels").members().entrySet()) {
      labels.set(PREFIX + "label_" + Meta.sanitized(label.getKey()), label.getValue().text());
    }
    List<JsonValue> access = first.get("accessConfigs").items();
    if (!access.isEmpty() && access.getFirst().text("type").equals("ONE_TO_ONE_NAT")) {
      labels.set(PREFIX + "public_ip", access.getFirst().text("natIP"));
    }
    return labels.build();
  }

  @Override
  public void close() {
    api.close();
    if (token != null) {
      token.close();
    }
  }
}
