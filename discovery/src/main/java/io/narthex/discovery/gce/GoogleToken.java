package io.narthex.discovery.gce;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.ApiClient;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.time.Duration;

/** A token that a request brings, kept until nine tenths of its life are over. */
final class GoogleToken implements AutoCloseable {

  private final Request request;
  private final DiscoveryContext context;
  private final ApiClient api;
  private String header = "";
  private long renewAt;

  /**
   * @param http the metadata server is asked without a proxy, others as the API
   */
  GoogleToken(Request request, HttpClientConfig http, DiscoveryContext context) throws IOException {
    this.request = request;
    this.context = context;
    this.api = new ApiClient(request.url().isTls() ? http : HttpClientConfig.DEFAULT, context);
  }

  /** The value of an Authorization header that is good now. */
  String header() throws IOException {
    if (header.isEmpty() || context.clock().nanos() - renewAt >= 0) {
      JsonValue answer = api.json(request);
      String token = answer.text("access_token");
      if (token.isEmpty()) {
        throw new IOException(request.url().text() + ": the answer has no access_token");
      }
      long life = Duration.ofSeconds(answer.whole("expires_in")).toNanos();
      renewAt = context.clock().nanos() + life / 10 * 9;
      header = "Bearer " + token;
    }
    return header;
  }

  @Override
  public void close() {
    api.close();
  }
}
