package io.narthex.discovery.refresh;

import io.narthex.base.json.JsonValue;
import io.narthex.base.regex.AnchoredRegex;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;

/** Asks an HTTP API; thread-safe. */
public final class ApiClient implements AutoCloseable {

  private static final AnchoredRegex JSON =
      AnchoredRegex.compile("(?i:application/json(;\\s*charset=(\"utf-8\"|utf-8))?)");

  private final HttpClient http;

  /**
   * Makes it ready.
   *
   * @throws IOException if a certificate, a key or a password cannot be read
   */
  public ApiClient(HttpClientConfig config, DiscoveryContext context) throws IOException {
    this.http = new HttpClient(config, context.userAgent());
  }

  /**
   * Sends a request and takes any answer.
   *
   * @throws IOException if there is none
   */
  public Reply any(Request request) throws IOException {
    return http.send(request);
  }

  /**
   * Sends a request and takes an answer of a status 2xx.
   *
   * @throws IOException if there is none; the message names the status and how the answer begins
   */
  public Reply send(Request request) throws IOException {
    Reply reply = http.send(request);
    if (!reply.isOk()) {
      throw refusal(request, reply);
    }
    return reply;
  }

  /** What to say of an answer of another status than expected. */
  public static IOException refusal(Request request, Reply reply) {
    String text = reply.text().strip();
    String begin = text.length() <= 200 ? text : text.substring(0, 200) + "...";
    return new IOException(
        request.method()
            + " "
            + request.url().text()
            + ": server returned HTTP status "
            + reply.statusText()
            + (begin.isEmpty() ? "" : ": " + begin));
  }

  /**
   * Sends a request and reads the JSON of the answer.
   *
   * @throws IOException if there is none, its status is not 2xx, or it is not JSON
   */
  public JsonValue json(Request request) throws IOException {
    Reply reply = send(request);
    try {
      return JsonValue.parse(reply.body());
    } catch (IOException e) {
      throw new IOException(request.url().text() + ": " + e.getMessage(), e);
    }
  }

  /** Whether an answer says of itself that it is JSON in UTF-8, as Prometheus understands it. */
  public static boolean isJson(Reply reply) {
    String type = reply.headers().first("Content-Type");
    return type != null && JSON.matches(type.strip());
  }

  /** Asks for the JSON behind a URL. */
  public JsonValue json(HttpUrl url) throws IOException {
    return json(Request.get(url).header("Accept", "application/json"));
  }

  @Override
  public void close() {
    http.close();
  }
}
