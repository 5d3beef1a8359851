package io.narthex.discovery.nomad;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.meta.Meta;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.refresh.UserInfo;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The services that are registered with Nomad itself: their names first, then the instances of
 * each. No page size is asked for, so every answer is whole.
 */
final class Services implements Source {

  private static final String PREFIX = "__meta_nomad_";

  private final NomadConfig config;
  private final DiscoveryContext context;
  private final ApiClient api;
  private final HttpUrl server;
  private final String query;

  Services(NomadConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.context = context;
    this.server = HttpUrl.parse(config.server());
    this.query = query(config);
    this.api = new ApiClient(config.http(), context);
  }

  private static String query(NomadConfig config) {
    Map<String, String> parameters = new LinkedHashMap<>();
    if (!config.namespace().isEmpty()) {
      parameters.put("namespace", config.namespace());
    }
    if (!config.region().isEmpty()) {
      parameters.put("region", config.region());
    }
    if (config.allowStale()) {
      parameters.put("stale", "");
    }
    return parameters.isEmpty() ? "" : "?" + Forms.encode(parameters);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    try {
      List<Labels> targets = new ArrayList<>();
      for (String service : names()) {
        String name = Forms.escape(service).replace("+", "%20");
        for (JsonValue instance : ask("/v1/service/" + name).items()) {
          targets.add(target(instance));
        }
      }
      return List.of(new TargetGroup("Nomad", Labels.EMPTY, targets));
    } catch (IOException e) {
      context.metrics().mechanisms().nomadFailed();
      throw e;
    }
  }

  /** A name that stands in several namespaces is asked for once: the answer has them all. */
  private Set<String> names() throws IOException {
    Set<String> names = new LinkedHashSet<>();
    for (JsonValue namespace : ask("/v1/services").items()) {
      for (JsonValue service : namespace.get("Services").items()) {
        names.add(service.text("ServiceName"));
      }
    }
    return names;
  }

  private JsonValue ask(String path) throws IOException {
    Request request = Request.get(server.withTarget(path + query));
    return api.json(UserInfo.added(request, config.server()));
  }

  private Labels target(JsonValue instance) throws IOException {
    String address = instance.text("Address");
    long port = instance.whole("Port");
    List<String> tags = instance.get("Tags").texts();
    LabelsBuilder labels = new LabelsBuilder();
    labels.set(TargetGroup.ADDRESS, Meta.address(address, port));
    labels.set(PREFIX + "address", address);
    labels.set(PREFIX + "dc", instance.text("Datacenter"));
    labels.set(PREFIX + "namespace", instance.text("Namespace"));
    labels.set(PREFIX + "node_id", instance.text("NodeID"));
    labels.set(PREFIX + "service", instance.text("ServiceName"));
    labels.set(PREFIX + "service_address", address);
    labels.set(PREFIX + "service_id", instance.text("ID"));
    labels.set(PREFIX + "service_port", Long.toString(port));
    if (!tags.isEmpty()) {
      labels.set(PREFIX + "tags", Meta.enclosed(tags, config.tagSeparator()));
    }
    return labels.build();
  }

  @Override
  public void close() {
    api.close();
  }
}
