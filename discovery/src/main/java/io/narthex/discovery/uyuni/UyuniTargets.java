package io.narthex.discovery.uyuni;

import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.net.connect.HttpUrl;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Logs in, asks for the systems of the entitlement and their groups, and for the endpoints and the
 * network of these. Each endpoint is a target; all are one group. A session is used for half of its
 * time, and not again after something failed.
 */
final class UyuniTargets implements Source {

  private static final String META = "__meta_uyuni_";
  private static final Duration SESSION = Duration.ofMinutes(10);

  private final UyuniConfig config;
  private final Clock clock;
  private final HttpUrl url;
  private final ApiClient api;
  private final XmlRpc rpc;
  private @Nullable String session;
  private long sessionEnds;

  UyuniTargets(UyuniConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.clock = context.clock();
    this.url = url(config.server());
    this.api = new ApiClient(config.http(), context);
    this.rpc = new XmlRpc(api, url);
  }

  /** The API below the path of the server. */
  private static HttpUrl url(String server) {
    HttpUrl base = HttpUrl.parse(server);
    int query = base.target().indexOf('?');
    String path = query < 0 ? base.target() : base.target().substring(0, query);
    String rest = query < 0 ? "" : base.target().substring(query);
    while (path.endsWith("/")) {
      path = path.substring(0, path.length() - 1);
    }
    return base.withTarget(path + "/rpc/api" + rest);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    String token = session;
    if (token == null || clock.nanos() - sessionEnds > 0) {
      token = login();
      session = token;
      sessionEnds = clock.nanos() + SESSION.dividedBy(2).toNanos();
    }
    try {
      return List.of(new TargetGroup(url.text(), Labels.EMPTY, targets(token)));
    } catch (IOException e) {
      session = null;
      throw e;
    }
  }

  private String login() throws IOException {
    try {
      return rpc.call("auth.login", config.username(), config.password(), (int) SESSION.toSeconds())
          .text();
    } catch (IOException e) {
      throw new IOException("unable to login to Uyuni API: " + e.getMessage(), e);
    }
  }

  private List<Labels> targets(String token) throws IOException {
    Map<Long, List<String>> groups = groups(token);
    List<Long> systems = List.copyOf(groups.keySet());
    List<RpcValue> endpoints;
    try {
      endpoints = rpc.call("system.monitoring.listEndpoints", token, systems).items();
    } catch (IOException e) {
      throw new IOException("unable to get endpoints information: " + e.getMessage(), e);
    }
    Map<Long, RpcValue> networks = networks(token, systems);
    List<Labels> targets = new ArrayList<>();
    for (RpcValue endpoint : endpoints) {
      long system = endpoint.whole("system_id");
      targets.add(
          labels(
              endpoint,
              groups.getOrDefault(system, List.of()),
              networks.getOrDefault(system, RpcValue.NOTHING)));
    }
    return targets;
  }

  /** The systems of the entitlement, with the names of their groups. */
  private Map<Long, List<String>> groups(String token) throws IOException {
    try {
      RpcValue answer =
          rpc.call("system.listSystemGroupsForSystemsWithEntitlement", token, config.entitlement());
      Map<Long, List<String>> groups = new LinkedHashMap<>();
      for (RpcValue system : answer.items()) {
        List<String> names = new ArrayList<>();
        for (RpcValue group : system.get("system_groups").items()) {
          names.add(group.text("name"));
        }
        groups.put(system.whole("id"), names);
      }
      return groups;
    } catch (IOException e) {
      throw new IOException(
          "unable to get the managed system groups information of monitored clients: "
              + e.getMessage(),
          e);
    }
  }

  private Map<Long, RpcValue> networks(String token, List<Long> systems) throws IOException {
    try {
      Map<Long, RpcValue> networks = new HashMap<>();
      for (RpcValue network : rpc.call("system.getNetworkForSystems", token, systems).items()) {
        networks.put(network.whole("system_id"), network);
      }
      return networks;
    } catch (IOException e) {
      throw new IOException("unable to get the systems network information: " + e.getMessage(), e);
    }
  }

  private Labels labels(RpcValue endpoint, List<String> groups, RpcValue network)
      throws IOException {
    String host = network.text("hostname");
    return new LabelsBuilder()
        .set(TargetGroup.ADDRESS, host + ":" + endpoint.whole("port"))
        .set(META + "minion_hostname", host)
        .set(META + "primary_fqdn", network.text("primary_fqdn"))
        .set(META + "system_id", Long.toString(endpoint.whole("system_id")))
        .set(META + "groups", String.join(config.separator(), groups))
        .set(META + "endpoint_name", endpoint.text("endpoint_name"))
        .set(META + "exporter", endpoint.text("exporter_name"))
        .set(META + "proxy_module", endpoint.text("module"))
        .set(META + "metrics_path", endpoint.text("path"))
        .set(META + "scheme", endpoint.truth("tls_enabled") ? "https" : "http")
        .build();
  }

  @Override
  public void close() {
    api.close();
  }
}
