package io.narthex.net.connect;

import java.net.URI;
import java.util.Locale;

/**
 * Where to send a request. Laxer than {@link URI} about hosts: names with underscores are common in
 * the field.
 *
 * @param scheme {@code http} or {@code https}
 * @param authority the host and the port as they were written
 * @param host the name, or the address without brackets
 * @param target path and query, as they stand in the request line
 */
public record HttpUrl(String scheme, String authority, String host, int port, String target) {

  /**
   * Puts a URL together.
   *
   * @param authority {@code host}, {@code host:port}, {@code [v6]} or {@code [v6]:port}
   * @param target path and query; a missing slash is added
   * @throws IllegalArgumentException if there is no host, or the port is none; the message says so
   */
  public static HttpUrl of(String scheme, String authority, String target) {
    String protocol = scheme.toLowerCase(Locale.ROOT);
    if (!protocol.equals("http") && !protocol.equals("https")) {
      throw new IllegalArgumentException("unsupported protocol scheme \"" + scheme + "\"");
    }
    int colon = authority.lastIndexOf(':');
    if (colon >= 0 && authority.endsWith("]")) {
      colon = -1;
    }
    String host = colon < 0 ? authority : authority.substring(0, colon);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      throw new IllegalArgumentException("address " + authority + ": too many colons in address");
    }
    if (host.isEmpty()) {
      throw new IllegalArgumentException("no Host in request URL");
    }
    for (int i = 0; i < authority.length(); i++) {
      char c = authority.charAt(i);
      if (c <= ' ' || c == 0x7f || "/?#@\\\"<>".indexOf(c) >= 0) {
        throw new IllegalArgumentException("\"" + authority + "\" is not a valid hostname");
      }
    }
    int port = protocol.equals("http") ? 80 : 443;
    if (colon >= 0 && colon < authority.length() - 1) {
      port = port(authority.substring(colon + 1));
    }
    String path = target.startsWith("/") ? target : "/" + target;
    return new HttpUrl(protocol, authority, host, port, path);
  }

  /**
   * Reads a URL; a user, a password and a fragment in it are left out.
   *
   * @throws IllegalArgumentException if it is none of HTTP; the message says why
   */
  public static HttpUrl parse(String text) {
    int colon = text.indexOf("://");
    if (colon < 0) {
      throw new IllegalArgumentException("unsupported protocol scheme \"\"");
    }
    String rest = text.substring(colon + 3);
    int end = 0;
    while (end < rest.length() && "/?#".indexOf(rest.charAt(end)) < 0) {
      end++;
    }
    String authority = rest.substring(0, end);
    int fragment = rest.indexOf('#', end);
    String target = rest.substring(end, fragment < 0 ? rest.length() : fragment);
    return of(text.substring(0, colon), authority.substring(authority.lastIndexOf('@') + 1), target);
  }

  /** The same place with another path and query. */
  public HttpUrl withTarget(String other) {
    return of(scheme, authority, other);
  }

  private static int port(String text) {
    int port = 0;
    for (int i = 0; i < text.length() && port <= 65535; i++) {
      int digit = text.charAt(i) - '0';
      port = digit >= 0 && digit <= 9 ? port * 10 + digit : 65536;
    }
    if (port > 65535) {
      throw new IllegalArgumentException("invalid port \"" + text + "\"");
    }
    return port;
  }

  /**
   * Where a redirect leads.
   *
   * @throws IllegalArgumentException if the location is no URL of HTTP
   */
  public HttpUrl resolve(String location) {
    URI to = URI.create(text()).resolve(location);
    String authority = to.getRawAuthority();
    if (authority == null || to.getScheme() == null) {
      throw new IllegalArgumentException("no Host in request URL");
    }
    String query = to.getRawQuery() == null ? "" : "?" + to.getRawQuery();
    String host = authority.substring(authority.indexOf('@') + 1);
    return of(to.getScheme(), host, to.getRawPath() + query);
  }

  /** Whether it asks for TLS. */
  public boolean isTls() {
    return scheme.equals("https");
  }

  /** Whether scheme, host and port are the same. */
  public boolean sameOrigin(HttpUrl other) {
    return scheme.equals(other.scheme) && sameHost(other) && port == other.port;
  }

  /** Whether the host is the same. */
  public boolean sameHost(HttpUrl other) {
    return host.equalsIgnoreCase(other.host);
  }

  /** The whole URL. */
  public String text() {
    return scheme + "://" + authority + target;
  }
}
