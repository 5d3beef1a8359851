package io.narthex.discovery.consul;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Asks an agent of Consul (its HTTP API, version 1). Thread-safe.
 *
 * <p>A question may name the index of an earlier answer: the agent holds the answer back until it
 * has another index, or until {@link #WAIT} is over.
 *
 * <p>What the section leaves open may stand in the variables of the environment that Consul's own
 * programs heed: {@code CONSUL_HTTP_TOKEN}, {@code CONSUL_HTTP_TOKEN_FILE}, {@code
 * CONSUL_NAMESPACE}, {@code CONSUL_PARTITION}.
 */
final class ConsulApi implements AutoCloseable {

  /** How long the agent may hold an answer back. */
  static final Duration WAIT = Duration.ofMinutes(2);

  /** The agent adds up to a sixteenth to that, so that not all come at once. */
  private static final Duration TIMEOUT = WAIT.plusSeconds(15);

  /** Stands for no index: real ones are greater. */
  private static final long NO_INDEX = 0;

  /**
   * An answer.
   *
   * @param index of what was asked for, 0 if the agent told none
   */
  record Answer(JsonValue json, long index) {}

  private final ConsulConfig config;
  private final DiscoveryContext context;
  private final ApiClient api;
  private final String scheme;
  private final String authority;
  private final String prefix;
  private final @Nullable Path socket;
  private final String token;

  /** Where the questions go: datacenter, namespace, partition; as parameters of each. */
  private final Map<String, List<String>> place = new TreeMap<>();

  /**
   * Makes it ready, without asking.
   *
   * @throws IOException if a certificate, a key or a token cannot be read
   * @throws IllegalArgumentException if the server's address is none
   */
  ConsulApi(ConsulConfig config, DiscoveryContext context, Map<String, String> environment)
      throws IOException {
    this.config = config;
    this.context = context;
    String server = config.server();
    int colon = server.indexOf("://");
    String given = colon < 0 ? "http" : server.substring(0, colon);
    String rest = colon < 0 ? server : server.substring(colon + 3);
    boolean unix = given.equals("unix");
    int slash = colon < 0 || unix ? -1 : rest.indexOf('/');
    if (!unix && !given.equals("http") && !given.equals("https")) {
      throw new IllegalArgumentException("Unknown protocol scheme: " + given);
    }
    boolean tls = given.equals("https") || config.scheme().equals("https");
    this.scheme = tls ? "https" : config.scheme().isEmpty() ? "http" : config.scheme();
    this.socket = unix ? Path.of(rest) : null;
    this.authority = unix ? "localhost" : slash < 0 ? rest : rest.substring(0, slash);
    this.prefix = slash < 0 ? config.pathPrefix() : rest.substring(slash);
    this.token = token(config.token(), environment);
    put("dc", config.datacenter());
    put("ns", or(config.namespace(), environment.get("CONSUL_NAMESPACE")));
    put("partition", or(config.partition(), environment.get("CONSUL_PARTITION")));
    // An address that is none is told now.
    url("", place);
    this.api = new ApiClient(config.client(), context);
  }

  private static String or(String given, @Nullable String other) {
    return given.isEmpty() && other != null ? other : given;
  }

  private void put(String parameter, String value) {
    if (!value.isEmpty()) {
      place.put(parameter, List.of(value));
    }
  }

  private static String token(String given, Map<String, String> environment) throws IOException {
    if (!given.isEmpty()) {
      return given;
    }
    String file = environment.getOrDefault("CONSUL_HTTP_TOKEN_FILE", "");
    if (file.isEmpty()) {
      return environment.getOrDefault("CONSUL_HTTP_TOKEN", "");
    }
    try {
      return Files.readString(Path.of(file)).strip();
    } catch (IOException e) {
      throw new IOException("Error loading token file " + file + " : " + e.getMessage(), e);
    }
  }

  /** The datacenter of the agent. */
  String datacenter() throws IOException {
    JsonValue name = api.json(request("/v1/agent/self", place)).get("Config").get("Datacenter");
    if (name.isNull()) {
      throw new IOException("invalid value '<nil>' for Config.Datacenter");
    }
    return name.text();
  }

  /** The names of all services that pass the filter, each with the tags of its instances. */
  Answer services(long index) throws IOException {
    return ask("/v1/catalog/services", "services", config.filter(), List.of(), index);
  }

  /** The instances of a service with the tags that are wanted, and their checks. */
  Answer instances(String service, long index) throws IOException {
    String path = "/v1/health/service/" + Forms.escape(service).replace("+", "%20");
    return ask(path, "service", config.healthFilter(), config.tags(), index);
  }

  private Answer ask(String path, String call, String filter, List<String> tags, long index)
      throws IOException {
    Map<String, List<String>> parameters = new TreeMap<>(place);
    parameters.put("wait", List.of(WAIT.toMillis() + "ms"));
    if (index != NO_INDEX) {
      parameters.put("index", List.of(Long.toString(index)));
    }
    if (config.allowStale()) {
      parameters.put("stale", List.of(""));
    }
    if (!filter.isEmpty()) {
      parameters.put("filter", List.of(filter));
    }
    parameters.put("tag", tags);
    List<String> nodeMeta = new ArrayList<>();
    new TreeMap<>(config.nodeMeta()).forEach((name, value) -> nodeMeta.add(name + ":" + value));
    parameters.put("node-meta", nodeMeta);
    long begin = context.clock().nanos();
    try {
      Reply reply = api.send(request(path, parameters).timeout(TIMEOUT));
      return new Answer(JsonValue.parse(reply.body()), index(reply));
    } finally {
      double seconds = (context.clock().nanos() - begin) / 1e9;
      context.metrics().mechanisms().consulCalled("catalog", call, seconds);
    }
  }

  private static long index(Reply reply) throws IOException {
    String text = reply.headers().first("X-Consul-Index");
    if (text == null || text.isEmpty()) {
      return NO_INDEX;
    }
    try {
      return Long.parseUnsignedLong(text);
    } catch (NumberFormatException e) {
      throw new IOException("Failed to parse X-Consul-Index: " + text, e);
    }
  }

  private Request request(String path, Map<String, List<String>> parameters) {
    Request request = Request.get(url(path, parameters));
    if (!token.isEmpty()) {
      request = request.header("X-Consul-Token", token);
    }
    return socket == null ? request : request.over(socket);
  }

  private HttpUrl url(String path, Map<String, List<String>> parameters) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    parameters.forEach((name, values) -> {
      for (String value : values) {
        query.add(name + "=" + Forms.escape(value));
      }
    });
    return HttpUrl.of(scheme, authority, prefix + path + query);
  }

  @Override
  public void close() {
    api.close();
  }
}
