package io.narthex.discovery.digitalocean;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.discovery.refresh.Pages;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks DigitalOcean for lists, page after page. */
final class DigitalOceanApi implements AutoCloseable {

  private static final HttpUrl ENDPOINT = HttpUrl.parse("https://api.digitalocean.com");
  private static final int PAGE = 200;

  private final ApiClient client;
  private final Duration timeout;

  DigitalOceanApi(DigitalOceanConfig config, DiscoveryContext context) throws IOException {
    this.client = new ApiClient(config.http(), context);
    this.timeout = config.refreshInterval();
  }

  /**
   * All of a list.
   *
   * @param name what stands behind the last slash of its path, and around the list in an answer
   */
  List<JsonValue> list(String name) throws IOException, InterruptedException {
    List<JsonValue> all = new ArrayList<>();
    Pages starts = new Pages();
    for (int page = 1; ; page++) {
      String target = "/v2/" + name + "?page=" + page + "&per_page=" + PAGE;
      JsonValue answer =
          client.json(
              Request.get(ENDPOINT.withTarget(target))
                  .header("Accept", "application/json")
                  .timeout(timeout));
      List<JsonValue> items = answer.get(name).items();
      all.addAll(items);
      // Not every list has links.
      boolean more =
          items.size() >= PAGE || !answer.get("links").get("pages").text("next").isEmpty();
      if (items.isEmpty() || !more) {
        return all;
      }
      starts.next(items.getFirst().get("id").scalar());
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
