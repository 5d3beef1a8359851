package io.narthex.discovery.kubernetes.cluster;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.metrics.KubernetesMetrics;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.request.Exchange;
import io.narthex.net.request.HttpClient;
import io.narthex.net.request.Request;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** An API server that is asked; thread-safe. */
public final class ApiServer implements AutoCloseable {

  /** A list may be long, and is read while it arrives. */
  private static final Duration LIST_TIMEOUT = Duration.ofMinutes(2);

  /** How much longer than asked a watch may take before the connection counts as dead. */
  private static final Duration GRACE = Duration.ofSeconds(30);

  private static final int MOST_OF_A_REFUSAL = 64 * 1024;

  private final Cluster cluster;
  private final DiscoveryContext context;
  private final KubernetesMetrics metrics;
  private final HttpClient http;

  /**
   * Makes it ready.
   *
   * @throws IOException if a certificate, a key or a password cannot be read, or the address is
   *     none
   */
  public ApiServer(Cluster cluster, DiscoveryContext context) throws IOException {
    this.cluster = cluster;
    this.context = context;
    this.metrics = context.metrics().kubernetes();
    try {
      HttpUrl.parse(cluster.url());
    } catch (IllegalArgumentException e) {
      throw new IOException("API server " + cluster.url() + ": " + e.getMessage(), e);
    }
    this.http = new HttpClient(cluster.http(), context.userAgent());
  }

  DiscoveryContext context() {
    return context;
  }

  /** Asks for a list or a part of it; the answer is a success. */
  Exchange list(Resource resource, String namespace, String query) throws IOException {
    Request request = request(resource, namespace, query).header("Accept", resource.accept(true));
    long begin = context.clock().nanos();
    try {
      return open(request.timeout(LIST_TIMEOUT), "list " + resource.plural());
    } finally {
      double took = (context.clock().nanos() - begin) / 1e9;
      metrics.took(resource.endpoint(namespace).replace("{", "%7B").replace("}", "%7D"), took);
    }
  }

  /** Asks for a watch; the answer is a success. */
  Exchange watch(Resource resource, String namespace, String query, Duration timeout)
      throws IOException {
    Request request =
        request(resource, namespace, query)
            .header("Accept", resource.accept(false))
            // A packed stream would be held back until enough of it is there.
            .header("Accept-Encoding", "identity");
    return open(request.timeout(timeout.plus(GRACE)), "watch " + resource.plural());
  }

  private Request request(Resource resource, String namespace, String query) {
    return Request.get(HttpUrl.parse(cluster.url() + resource.path(namespace) + "?" + query));
  }

  private Exchange open(Request request, String what) throws IOException {
    Exchange exchange;
    try {
      exchange = http.open(request);
    } catch (IOException e) {
      metrics.requested("<error>");
      throw e;
    }
    int status = exchange.status();
    metrics.requested(Integer.toString(status));
    if (status == 200) {
      return exchange;
    }
    try (exchange) {
      byte[] body = exchange.body().readNBytes(MOST_OF_A_REFUSAL);
      throw Refusal.of(what, status, new String(body, StandardCharsets.UTF_8));
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
