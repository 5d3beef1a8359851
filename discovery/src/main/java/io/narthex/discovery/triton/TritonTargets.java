package io.narthex.discovery.triton;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Containers (virtual machines), or the compute nodes they run on (servers, global zones), as the
 * account's container monitor lists them. One answer holds them all, and they are one group.
 */
final class TritonTargets implements Source {

  private static final String META = "__meta_triton_";

  private final TritonConfig config;
  private final HttpUrl url;
  private final ApiClient api;

  TritonTargets(TritonConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.url = url(config);
    HttpClientConfig http =
        new HttpClientConfig(null, null, config.tls(), true, false, ProxyConfig.NONE, Map.of());
    this.api = new ApiClient(http, context);
  }

  private static HttpUrl url(TritonConfig config) {
    String path =
        switch (config.role()) {
          case CONTAINER -> "/discover";
          case CN -> "/gz/discover";
        };
    String groups =
        config.groups().isEmpty()
            ? ""
            : "?groups=" + Forms.escape(String.join(",", config.groups()));
    return HttpUrl.of(
        "https", config.endpoint() + ":" + config.port(), "/v" + config.version() + path + groups);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    JsonValue answer = api.json(url);
    List<Labels> targets = new ArrayList<>();
    switch (config.role()) {
      case CONTAINER -> {
        for (JsonValue container : answer.get("containers").items()) {
          targets.add(container(container));
        }
      }
      case CN -> {
        for (JsonValue node : answer.get("cns").items()) {
          targets.add(node(node));
        }
      }
    }
    return List.of(new TargetGroup(url.text(), Labels.EMPTY, targets));
  }

  private Labels container(JsonValue json) throws IOException {
    String id = json.text("vm_uuid");
    LabelsBuilder labels =
        at(id)
            .set(META + "machine_id", id)
            .set(META + "machine_alias", json.text("vm_alias"))
            .set(META + "machine_brand", json.text("vm_brand"))
            .set(META + "machine_image", json.text("vm_image_uuid"))
            .set(META + "server_id", json.text("server_uuid"));
    List<String> groups = json.get("groups").texts();
    if (!groups.isEmpty()) {
      labels.set(META + "groups", Meta.enclosed(groups, ","));
    }
    return labels.build();
  }

  private Labels node(JsonValue json) throws IOException {
    String id = json.text("server_uuid");
    return at(id)
        .set(META + "machine_id", id)
        .set(META + "machine_alias", json.text("server_hostname"))
        .build();
  }

  private LabelsBuilder at(String id) {
    return new LabelsBuilder()
        .set(TargetGroup.ADDRESS, id + "." + config.dnsSuffix() + ":" + config.port());
  }

  @Override
  public void close() {
    api.close();
  }
}
