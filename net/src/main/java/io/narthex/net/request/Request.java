package io.narthex.net.request;

import io.narthex.net.connect.HttpUrl;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One request, immutable; start at {@link #get} or {@link #post}. The array of the body is not
 * copied and must not be changed afterwards.
 *
 * @param headers in the order in which they are sent; Host, User-Agent, Content-Length and
 *     Accept-Encoding come by themselves, and an Authorization header replaces the configured one
 * @param timeout for everything, the body of the answer included
 * @param limit the most bytes that the body of the answer may have, uncompressed
 * @param repeatable whether it may be sent again when a kept connection turns out to be dead
 * @param unixSocket a Unix socket to connect to instead of the URL's host, or null
 */
@SuppressWarnings("ArrayRecordComponent") // Requests are not compared.
public record Request(
    String method,
    HttpUrl url,
    List<Header> headers,
    byte[] body,
    Duration timeout,
    long limit,
    boolean repeatable,
    @Nullable Path unixSocket) {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);
  private static final long LIMIT = 64L << 20;

  /** One header line. */
  public record Header(String name, String value) {
    public Header {
      if (hasBreak(name) || hasBreak(value)) {
        throw new IllegalArgumentException("a header with a line break: " + name.strip());
      }
    }

    private static boolean hasBreak(String text) {
      return text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0;
    }
  }

  public Request {
    headers = List.copyOf(headers);
  }

  /** Asks for a page; 30 seconds and 64 MiB at most. */
  public static Request get(HttpUrl url) {
    return new Request("GET", url, List.of(), new byte[0], TIMEOUT, LIMIT, true, null);
  }

  /** Sends a body; 30 seconds and 64 MiB at most. */
  public static Request post(HttpUrl url, String contentType, byte[] body) {
    List<Header> headers = List.of(new Header("Content-Type", contentType));
    return new Request("POST", url, headers, body, TIMEOUT, LIMIT, false, null);
  }

  /** Sends a text as JSON. */
  public static Request json(HttpUrl url, String json) {
    return post(url, "application/json", json.getBytes(StandardCharsets.UTF_8));
  }

  /** The same with another method. */
  public Request method(String other) {
    return new Request(other, url, headers, body, timeout, limit, repeatable, unixSocket);
  }

  /** The same with one header more. */
  public Request header(String name, String value) {
    List<Header> more = new ArrayList<>(headers);
    more.add(new Header(name, value));
    return new Request(method, url, more, body, timeout, limit, repeatable, unixSocket);
  }

  /** The same with another time limit. */
  public Request timeout(Duration other) {
    return new Request(method, url, headers, body, other, limit, repeatable, unixSocket);
  }

  /** The same with another limit of the answer, in bytes. */
  public Request limit(long bytes) {
    return new Request(method, url, headers, body, timeout, bytes, repeatable, unixSocket);
  }

  /** The same, and sending it twice does no harm. */
  public Request mayRepeat() {
    return new Request(method, url, headers, body, timeout, limit, true, unixSocket);
  }

  /** The same over a Unix socket. */
  public Request over(Path socket) {
    return new Request(method, url, headers, body, timeout, limit, repeatable, socket);
  }

  boolean has(String header) {
    return headers.stream().anyMatch(h -> h.name().equalsIgnoreCase(header));
  }

  /** The request that follows a redirect. */
  Request redirected(HttpUrl to, int status, boolean keepSecrets) {
    boolean drops =
        status == 303 || ((status == 301 || status == 302) && method.equals("POST"));
    boolean stays = !drops || method.equals("HEAD");
    List<Header> kept =
        headers.stream()
            .filter(h -> keepSecrets || !isSecret(h.name()))
            .filter(h -> stays || !h.name().equalsIgnoreCase("Content-Type"))
            .toList();
    return new Request(
        stays ? method : "GET",
        to,
        kept,
        stays ? body : new byte[0],
        timeout,
        limit,
        repeatable || !stays,
        keepSecrets ? unixSocket : null);
  }

  private static boolean isSecret(String name) {
    return name.equalsIgnoreCase("Authorization")
        || name.equalsIgnoreCase("Cookie")
        || name.equalsIgnoreCase("WWW-Authenticate");
  }
}
