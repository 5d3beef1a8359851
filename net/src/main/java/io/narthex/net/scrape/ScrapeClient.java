package io.narthex.net.scrape;

import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.connect.Dialer;
import io.narthex.net.connect.HttpUrl;
import io.narthex.net.connect.Link;
import io.narthex.net.connect.Resolver;
import io.narthex.net.request.Credentials;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Scrapes the targets of one job: what they have in common. Thread-safe; each target has its own
 * {@link ScrapeSession}.
 */
public final class ScrapeClient implements AutoCloseable {

  private final HttpClientConfig config;
  private final String accept;
  private final String acceptEncoding;
  private final String userAgent;
  private final Clock clock;
  private final BodyBuffers buffers;
  private final Credentials credentials;
  private final Dialer dialer;

  /**
   * Makes a client ready.
   *
   * @param config credentials, TLS, proxies, redirects
   * @param accept the Accept header
   * @param compression whether to ask for gzip
   * @param userAgent the User-Agent header
   * @param buffers shared by all clients of the process
   * @throws IllegalArgumentException if the proxy is no URL
   * @throws IOException if a certificate or a key cannot be read
   */
  public ScrapeClient(
      HttpClientConfig config,
      String accept,
      boolean compression,
      String userAgent,
      Resolver resolver,
      Clock clock,
      BodyBuffers buffers)
      throws IOException {
    this(config, accept, compression, userAgent, resolver, clock, buffers, System.getenv());
  }

  /** The same with an environment of its own, where a proxy may be named. */
  ScrapeClient(
      HttpClientConfig config,
      String accept,
      boolean compression,
      String userAgent,
      Resolver resolver,
      Clock clock,
      BodyBuffers buffers,
      Map<String, String> environment)
      throws IOException {
    this.config = config;
    this.accept = accept;
    this.acceptEncoding = compression ? "gzip" : "identity";
    this.userAgent = userAgent;
    this.clock = clock;
    this.buffers = buffers;
    this.credentials = new Credentials(config, userAgent, resolver, clock, environment);
    this.dialer =
        new Dialer(
            config.tls(), config.proxy(), config.enableHttp2(), environment, resolver, clock);
  }

  /**
   * Opens a session; it connects when it first fetches.
   *
   * @param timeout the most time for one fetch, everything included
   * @param bodyLimit a body of this many bytes is too large; 0 for no limit
   */
  public ScrapeSession session(HttpUrl url, Duration timeout, long bodyLimit) {
    return session(url, null, timeout, bodyLimit);
  }

  /**
   * The same over a Unix socket.
   *
   * @param unixSocket to connect to instead of the URL's host, or null
   */
  public ScrapeSession session(
      HttpUrl url, @Nullable Path unixSocket, Duration timeout, long bodyLimit) {
    long limit = bodyLimit <= 0 ? Long.MAX_VALUE : bodyLimit;
    return new ScrapeSession(this, url, unixSocket, timeout, limit);
  }

  /** Gives back what fetching tokens has kept open; sessions are closed by their owners. */
  @Override
  public void close() {
    credentials.close();
  }

  boolean followsRedirects() {
    return config.followRedirects();
  }

  Credentials credentials() {
    return credentials;
  }

  Dialer dialer() {
    return dialer;
  }

  Clock clock() {
    return clock;
  }

  BodyBuffers buffers() {
    return buffers;
  }

  /**
   * The head of a request, as HTTP/1.1 writes it.
   *
   * @param lines of the credentials
   */
  String request(HttpUrl url, Duration timeout, String lines, Link link) {
    return "GET "
        + (link.isToProxy() ? url.text() : url.target())
        + " HTTP/1.1\r\nHost: "
        + url.authority()
        + "\r\nUser-Agent: "
        + userAgent
        + "\r\nAccept: "
        + accept
        + "\r\nAccept-Encoding: "
        + acceptEncoding
        + "\r\n"
        + lines
        + (link.proxyAuthorization().isEmpty()
            ? ""
            : "Proxy-Authorization: " + link.proxyAuthorization() + "\r\n")
        + "X-Prometheus-Scrape-Timeout-Seconds: "
        + seconds(timeout)
        + "\r\n\r\n";
  }

  /** As Go's {@code FormatFloat(x, 'f', -1, 64)}. */
  private static String seconds(Duration timeout) {
    return BigDecimal.valueOf(timeout.toNanos(), 9).stripTrailingZeros().toPlainString();
  }
}
