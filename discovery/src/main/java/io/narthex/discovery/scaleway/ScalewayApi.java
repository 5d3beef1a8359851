package io.narthex.discovery.scaleway;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Asks Scaleway for lists, page after page. The file with the secret is read for each question. */
final class ScalewayApi implements AutoCloseable {

  private final ApiClient client;
  private final String base;
  private final String secret;
  private final String secretFile;
  private final Duration timeout;

  ScalewayApi(ScalewayConfig config, DiscoveryContext context) throws IOException {
    String url = config.apiUrl();
    this.base = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
    HttpUrl.parse(base);
    this.secret = config.secretKey();
    this.secretFile = config.secretKeyFile();
    this.timeout = config.refreshInterval();
    secret();
    this.client = new ApiClient(config.http(), context);
  }

  /**
   * All of a list. How long it is stands in the answer or in a header of it, depending on the API.
   *
   * @param target path and query, which the page is added to
   * @param name of the list in an answer
   */
  List<JsonValue> list(String target, String name) throws IOException {
    String token = secret();
    List<JsonValue> all = new ArrayList<>();
    for (int page = 1; ; page++) {
      Request request =
          Request.get(HttpUrl.parse(base + target + "&page=" + page))
              .header("Accept", "application/json")
              .header("X-Auth-Token", token)
              .timeout(timeout);
      Reply reply = client.send(request);
      JsonValue answer = JsonValue.parse(reply.body());
      List<JsonValue> items = answer.get(name).items();
      all.addAll(items);
      if (items.isEmpty() || all.size() >= total(reply, answer)) {
        return all;
      }
    }
  }

  private static long total(Reply reply, JsonValue answer) throws IOException {
    String header = reply.headers().first("X-Total-Count");
    if (header == null) {
      return answer.whole("total_count");
    }
    try {
      return Long.parseLong(header.strip());
    } catch (NumberFormatException e) {
      throw new IOException("X-Total-Count is no number: \"" + header + "\"", e);
    }
  }

  private String secret() throws IOException {
    if (secretFile.isEmpty()) {
      return secret;
    }
    try {
      return Files.readString(Path.of(secretFile)).strip();
    } catch (IOException e) {
      throw new IOException("unable to read auth token file " + secretFile + ": " + e, e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
