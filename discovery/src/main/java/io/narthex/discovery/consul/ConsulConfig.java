package io.narthex.discovery.consul;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.BasicAuth;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where to look for services of Consul.
 *
 * @param server host and port of the agent
 * @param pathPrefix stands before the paths of the API
 * @param token the access token
 * @param datacenter empty for the agent's own
 * @param namespace of the enterprise edition
 * @param partition likewise
 * @param tagSeparator stands between the tags of a service in its label
 * @param scheme {@code http} or {@code https}
 * @param username the old way to give a name
 * @param password the old way to give a password
 * @param allowStale whether any server of the cluster may answer
 * @param refreshInterval time between two looks
 * @param services the services, empty for all
 * @param tags tags that a service must have
 * @param nodeMeta metadata that a node must have
 * @param filter an expression over the catalogue
 * @param healthFilter an expression over the health entries
 * @param http how to speak HTTP to it
 */
public record ConsulConfig(
    String server,
    String pathPrefix,
    String token,
    String datacenter,
    String namespace,
    String partition,
    String tagSeparator,
    String scheme,
    String username,
    String password,
    boolean allowStale,
    Duration refreshInterval,
    List<String> services,
    List<String> tags,
    Map<String, String> nodeMeta,
    String filter,
    String healthFilter,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "consul_sd_configs";

  public ConsulConfig {
    services = List.copyOf(services);
    tags = List.copyOf(tags);
    nodeMeta = Map.copyOf(nodeMeta);
  }

  /** Reads one configuration. */
  public static ConsulConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "consul.plain");
    String server = map.text("server", "localhost:8500");
    String pathPrefix = map.text("path_prefix", "");
    String token = map.text("token", "config.Secret", "");
    String datacenter = map.text("datacenter", "");
    String namespace = map.text("namespace", "");
    String partition = map.text("partition", "");
    String tagSeparator = map.text("tag_separator", ",");
    String scheme = map.text("scheme", "http");
    String username = map.text("username", "");
    String password = map.text("password", "config.Secret", "");
    boolean allowStale = map.bool("allow_stale", true);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(30), Durations::decode);
    List<String> services = map.texts("services");
    List<String> tags = map.texts("tags");
    Map<String, String> nodeMeta =
        map.value("node_meta", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text));
    String filter = map.text("filter", "");
    String healthFilter = map.text("health_filter", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (server.isBlank()) {
      throw map.self().error("consul SD configuration requires a server address");
    }
    if ((!username.isEmpty() || !password.isEmpty()) && Section.isSet(map, "basic_auth")) {
      throw map.self()
          .error(
              "at most one of consul SD configuration username and password and basic auth can be"
                  + " configured");
    }
    if (!token.isEmpty() && (Section.isSet(map, "authorization") || Section.isSet(map, "oauth2"))) {
      throw map.self()
          .error("at most one of consul SD token, authorization, or oauth2 can be configured");
    }
    HttpClientConfig client = http.complete();
    boolean named = !username.isEmpty() || !password.isEmpty();
    if (named && (client.authorization() != null || client.oauth2() != null)) {
      boolean old = Section.isSet(map, "bearer_token") || Section.isSet(map, "bearer_token_file");
      throw map.self()
          .error(
              old
                  ? "at most one of basic_auth, oauth2, bearer_token & bearer_token_file must be"
                      + " configured"
                  : "at most one of basic_auth, oauth2 & authorization must be configured");
    }
    return new ConsulConfig(
        server,
        pathPrefix,
        token,
        datacenter,
        namespace,
        partition,
        tagSeparator,
        scheme,
        username,
        password,
        allowStale,
        refreshInterval,
        services,
        tags,
        nodeMeta,
        filter,
        healthFilter,
        client);
  }

  @Override
  public String mechanism() {
    return "consul";
  }

  /** How to speak HTTP, the old way to give name and password included. */
  HttpClientConfig client() {
    if (username.isEmpty() && password.isEmpty()) {
      return http;
    }
    return new HttpClientConfig(
        new BasicAuth(username, "", password, ""),
        null,
        null,
        http.tls(),
        http.followRedirects(),
        http.enableHttp2(),
        http.proxy(),
        http.headers());
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new ConsulDiscovery(this, context, System.getenv());
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("server", server);
    out.text("path_prefix", pathPrefix);
    out.secret("token", token);
    out.text("datacenter", datacenter);
    out.text("namespace", namespace);
    out.text("partition", partition);
    out.text("tag_separator", tagSeparator);
    out.text("scheme", scheme);
    out.text("username", username);
    out.secret("password", password);
    out.bool("allow_stale", allowStale);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.texts("services", services);
    out.texts("tags", tags);
    out.textMap("node_meta", new TreeMap<>(nodeMeta));
    out.text("filter", filter);
    out.text("health_filter", healthFilter);
    client().write(out);
  }
}
