package io.narthex.discovery.ovhcloud;

import io.narthex.base.json.JsonValue;
import io.narthex.base.text.GoQuote;
import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Reply;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Map;

/**
 * Asks OVHcloud. Each request is signed by a hash of the secret, the consumer key, the request and
 * the time of the server, as "First Steps with the OVHcloud API" describes it; how far the clocks
 * are apart is asked once per turn.
 */
final class OvhCloudApi implements AutoCloseable {

  private static final Map<String, String> ENDPOINTS =
      Map.of(
          "ovh-eu", "https://eu.api.ovh.com/1.0",
          "ovh-ca", "https://ca.api.ovh.com/1.0",
          "ovh-us", "https://api.us.ovhcloud.com/1.0",
          "kimsufi-eu", "https://eu.api.kimsufi.com/1.0",
          "kimsufi-ca", "https://ca.api.kimsufi.com/1.0",
          "soyoustart-eu", "https://eu.api.soyoustart.com/1.0",
          "soyoustart-ca", "https://ca.api.soyoustart.com/1.0");
  private static final Duration TIMEOUT = Duration.ofSeconds(180);

  /** An answer that says no to one question and nothing about others. */
  static final class Refused extends IOException {

    private static final long serialVersionUID = 1;

    Refused(IOException cause) {
      super(cause.getMessage(), cause);
    }
  }

  private final OvhCloudConfig config;
  private final ApiClient client;
  private final Clock clock;
  private final String base;
  private long secondsAhead;

  OvhCloudApi(OvhCloudConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.base = base(config.endpoint());
    HttpUrl.parse(base);
    this.clock = context.clock();
    this.client = new ApiClient(HttpClientConfig.DEFAULT, context);
  }

  /** What contains a slash is the address itself. */
  private static String base(String endpoint) {
    String named = endpoint.indexOf('/') >= 0 ? endpoint : ENDPOINTS.get(endpoint);
    if (named == null) {
      throw new IllegalArgumentException(
          "unknown endpoint "
              + GoQuote.quote(endpoint)
              + ", expected a URL or one of ovh-eu,"
              + " ovh-ca, ovh-us, kimsufi-eu, kimsufi-ca, soyoustart-eu, soyoustart-ca");
    }
    return named;
  }

  /** Finds out how far the clocks are apart. */
  void begin() throws IOException {
    JsonValue time = client.json(request("/auth/time"));
    secondsAhead = clock.millis() / 1000 - time.whole();
  }

  /**
   * Asks for what stands at a path.
   *
   * @throws Refused if the answer is of a status 4xx, but not that there were too many requests
   */
  JsonValue get(String path) throws IOException {
    Request request = signed(request(path));
    Reply reply = client.any(request);
    if (!reply.isOk()) {
      IOException refusal = ApiClient.refusal(request, reply);
      throw reply.status() / 100 == 4 && reply.status() != 429 ? new Refused(refusal) : refusal;
    }
    try {
      return JsonValue.parse(reply.body());
    } catch (IOException e) {
      throw new IOException(request.url().text() + ": " + e.getMessage(), e);
    }
  }

  private Request request(String path) {
    return Request.get(HttpUrl.parse(base + path))
        .header("Accept", "application/json")
        .header("X-Ovh-Application", config.applicationKey())
        .timeout(TIMEOUT);
  }

  private Request signed(Request request) {
    long now = clock.millis() / 1000 - secondsAhead;
    String text =
        String.join(
            "+",
            config.applicationSecret(),
            config.consumerKey(),
            request.method(),
            request.url().text(),
            "",
            Long.toString(now));
    return request
        .header("X-Ovh-Timestamp", Long.toString(now))
        .header("X-Ovh-Consumer", config.consumerKey())
        .header("X-Ovh-Signature", "$1$" + sha1(text));
  }

  private static String sha1(String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-1");
      return HexFormat.of().formatHex(digest.digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-1", e);
    }
  }

  @Override
  public void close() {
    client.close();
  }
}
