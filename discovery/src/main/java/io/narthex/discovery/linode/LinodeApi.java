package io.narthex.discovery.linode;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;

/** Asks Linode: lists, page after page, and whether anything happened. */
final class LinodeApi implements AutoCloseable {

  private static final HttpUrl ENDPOINT = HttpUrl.parse("https://api.linode.com");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss").withZone(ZoneOffset.UTC);

  /** What is known of events. */
  enum Events {
    SOME,
    NONE,
    /** The token is not good for events. */
    HIDDEN
  }

  private final ApiClient client;
  private final Duration timeout;
  private final String regionFilter;

  LinodeApi(LinodeConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.timeout = config.refreshInterval();
    this.regionFilter =
        config.region().isEmpty() ? "" : "{\"region\": \"" + config.region() + "\"}";
  }

  /** All of a list, of the configured region if there is one. */
  List<JsonValue> list(String path) throws IOException {
    List<JsonValue> all = new ArrayList<>();
    long pages = 1;
    for (long page = 1; page <= pages; page++) {
      JsonValue answer = client.json(request(path, page, 500, regionFilter));
      all.addAll(answer.get("data").items());
      if (page == 1) {
        pages = answer.whole("pages");
      }
    }
    return all;
  }

  /** Whether something happened since. */
  Events events(long sinceMillis) throws IOException {
    String since = TIME.format(Instant.ofEpochMilli(sinceMillis));
    Request request =
        request("/v4/account/events", 1, 25, "{\"created\": {\"+gte\": \"" + since + "\"}}");
    Reply reply = client.any(request);
    if (reply.status() == 401) {
      return Events.HIDDEN;
    }
    if (!reply.isOk()) {
      throw ApiClient.refusal(request, reply);
    }
    boolean none = JsonValue.parse(reply.body()).get("data").items().isEmpty();
    return none ? Events.NONE : Events.SOME;
  }

  private Request request(String path, long page, int size, String filter) {
    Request request =
        Request.get(ENDPOINT.withTarget(path + "?page=" + page + "&page_size=" + size))
            .header("Accept", "application/json")
            .timeout(timeout);
    return filter.isEmpty() ? request : request.header("X-Filter", filter);
  }

  @Override
  public void close() {
    client.close();
  }
}
