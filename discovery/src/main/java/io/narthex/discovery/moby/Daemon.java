package io.narthex.discovery.moby;

import io.narthex.base.json.JsonValue;
import io.narthex.base.json.JsonWriter;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.section.Filter;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Forms;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Asks a Docker daemon for lists, in the newest version of the API that both sides know; after a
 * failure it is agreed upon anew, since the daemon may have been exchanged.
 */
public final class Daemon implements AutoCloseable {

  /** The newest version of the API that is known here, and that of a daemon that tells none. */
  private static final Version NEWEST = new Version(1, 51);

  private static final Version OLDEST = new Version(1, 24);

  private record Version(int major, int minor) {

    static Version parse(String text) throws IOException {
      int dot = text.indexOf('.');
      try {
        return new Version(
            Integer.parseInt(text.substring(0, Math.max(dot, 0))),
            Integer.parseInt(text.substring(dot + 1)));
      } catch (NumberFormatException e) {
        throw new IOException("no version of the Docker API: \"" + text + "\"", e);
      }
    }

    Version orOlder(Version other) {
      boolean older = other.major < major || (other.major == major && other.minor < minor);
      return older ? other : this;
    }
  }

  private final DaemonHost host;
  private final ApiClient client;
  private final Duration timeout;
  private @Nullable Version version;

  /**
   * Gets ready to ask, without asking.
   *
   * @param host where it listens, as Docker writes it
   * @param http only used where the host is a URL of HTTP
   * @param timeout for each question
   * @throws IOException if a certificate, a key or a password cannot be read
   * @throws IllegalArgumentException if the host is no good
   */
  public Daemon(String host, HttpClientConfig http, Duration timeout, DiscoveryContext context)
      throws IOException {
    this.host = DaemonHost.parse(host);
    this.client = new ApiClient(this.host.web() ? http : HttpClientConfig.DEFAULT, context);
    this.timeout = timeout;
  }

  /**
   * A list.
   *
   * @param path such as {@code /networks}
   * @param filters let through what matches all of them, each by any of its values
   */
  public List<JsonValue> list(String path, List<Filter> filters) throws IOException {
    try {
      if (version == null) {
        version = agree();
      }
      String prefix = "/v" + version.major + "." + version.minor;
      return client.json(request(prefix + path + query(filters))).items();
    } catch (IOException e) {
      version = null;
      throw e;
    }
  }

  private Version agree() throws IOException {
    Reply reply = client.send(request("/_ping"));
    String told = reply.headers().first("Api-Version");
    return told == null || told.isEmpty() ? OLDEST : NEWEST.orOlder(Version.parse(told));
  }

  private Request request(String target) {
    Request request = Request.get(HttpUrl.parse(host.base() + target)).timeout(timeout);
    return host.socket() == null ? request : request.over(host.socket());
  }

  /** {@code {"name":{"value":true}}}, as a parameter. */
  private static String query(List<Filter> filters) throws IOException {
    Map<String, Set<String>> byName = new LinkedHashMap<>();
    for (Filter filter : filters) {
      if (!filter.values().isEmpty()) {
        byName
            .computeIfAbsent(filter.name(), absent -> new LinkedHashSet<>())
            .addAll(filter.values());
      }
    }
    if (byName.isEmpty()) {
      return "";
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    JsonWriter json = new JsonWriter(out).beginObject();
    for (Map.Entry<String, Set<String>> filter : byName.entrySet()) {
      json.name(filter.getKey()).beginObject();
      for (String value : filter.getValue()) {
        json.name(value).bool(true);
      }
      json.endObject();
    }
    json.endObject().flush();
    return "?filters=" + Forms.escape(out.toString(StandardCharsets.UTF_8));
  }

  @Override
  public void close() {
    client.close();
  }
}
