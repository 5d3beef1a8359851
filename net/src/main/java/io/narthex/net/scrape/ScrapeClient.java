package io.narthex.net.scrape;

import io.narthex.base.time.Clock;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.ProxyConfig;
import java.io.IOException;
import java.math.BigDecimal;
import java.time.Duration;

/**
 * Scrapes the targets of one job: what they have in common. Thread-safe; each target has its own
 * {@link ScrapeSession}.
 */
public final class ScrapeClient {

  private final HttpClientConfig config;
  private final String accept;
  private final String acceptEncoding;
  private final String userAgent;
  private final Resolver resolver;
  private final Clock clock;
  private final BodyBuffers buffers;
  private final RequestHeaders headers;
  private final TlsSockets tls;

  /**
   * Makes a client ready.
   *
   * @param config credentials, TLS, redirects
   * @param accept the Accept header
   * @param compression whether to ask for gzip
   * @param userAgent the User-Agent header
   * @param buffers shared by all clients of the process
   * @throws IllegalArgumentException if the configuration asks for what is not supported yet
   * @throws IOException if a file that it names cannot be read
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
    if (!config.proxy().equals(ProxyConfig.NONE)) {
      throw new IllegalArgumentException(
          "proxy_url and proxy_from_environment are not supported for scraping yet");
    }
    this.config = config;
    this.accept = accept;
    this.acceptEncoding = compression ? "gzip" : "identity";
    this.userAgent = userAgent;
    this.resolver = resolver;
    this.clock = clock;
    this.buffers = buffers;
    this.headers = new RequestHeaders(config);
    this.tls = new TlsSockets(config.tls());
  }

  /**
   * Opens a session; it connects when it first fetches.
   *
   * @param timeout the most time for one fetch, everything included
   * @param bodyLimit a body of this many bytes is too large; 0 for no limit
   */
  public ScrapeSession session(HttpUrl url, Duration timeout, long bodyLimit) {
    return new ScrapeSession(this, url, timeout, bodyLimit <= 0 ? Long.MAX_VALUE : bodyLimit);
  }

  boolean followsRedirects() {
    return config.followRedirects();
  }

  Resolver resolver() {
    return resolver;
  }

  Clock clock() {
    return clock;
  }

  BodyBuffers buffers() {
    return buffers;
  }

  TlsSockets tls() {
    return tls;
  }

  boolean isConstant() {
    return headers.isConstant();
  }

  /** The bytes of a request. */
  String request(HttpUrl url, Duration timeout, boolean withCredentials) throws IOException {
    return "GET "
        + url.target()
        + " HTTP/1.1\r\nHost: "
        + url.authority()
        + "\r\nUser-Agent: "
        + userAgent
        + "\r\nAccept: "
        + accept
        + "\r\nAccept-Encoding: "
        + acceptEncoding
        + "\r\n"
        + (withCredentials ? headers.lines() : "")
        + "X-Prometheus-Scrape-Timeout-Seconds: "
        + seconds(timeout)
        + "\r\n\r\n";
  }

  /** As Go's {@code FormatFloat(x, 'f', -1, 64)}. */
  private static String seconds(Duration timeout) {
    return BigDecimal.valueOf(timeout.toNanos(), 9).stripTrailingZeros().toPlainString();
  }
}
