package io.narthex.net.connect;

import io.narthex.net.client.ProxyConfig;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Which proxy leads to which URL. The rules of {@code no_proxy} are those of Go's {@code
 * httpproxy}: names with and without what is below them, addresses, ranges, each with a port or
 * not, and {@code *}; wherever exceptions are asked about, this machine itself is one.
 */
final class Proxies {

  /** One proxy; user and password are empty where there are none. */
  record Via(String scheme, String host, int port, String user, String password) {

    boolean isSocks() {
      return scheme.startsWith("socks");
    }

    boolean isTls() {
      return scheme.equals("https");
    }

    /** The Proxy-Authorization header's value, or empty. */
    String authorization() {
      if (user.isEmpty() && password.isEmpty()) {
        return "";
      }
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }
  }

  private final @Nullable Via plain;
  private final @Nullable Via secure;
  private final boolean hasExceptions;
  private final boolean exceptAll;
  private final List<Except> exceptions = new ArrayList<>();

  /** An exception: a name, or the first bits of an address; port 0 is any. */
  private record Except(String name, boolean itself, byte[] address, int bits, int port) {

    boolean matches(String host, byte @Nullable [] ip, int toPort) {
      if (port != 0 && port != toPort) {
        return false;
      }
      if (address.length > 0) {
        return ip != null && ip.length == address.length && samePrefix(ip);
      }
      return host.endsWith("." + name) || (itself && host.equals(name));
    }

    private boolean samePrefix(byte[] ip) {
      int whole = bits / 8;
      if (!Arrays.equals(ip, 0, whole, address, 0, whole)) {
        return false;
      }
      int mask = 0xff00 >> (bits % 8) & 0xff;
      return mask == 0 || (ip[whole] & mask) == (address[whole] & mask);
    }
  }

  /**
   * @param environment of the process
   * @throws IllegalArgumentException if the proxy is no URL; the message says so
   */
  Proxies(ProxyConfig config, Map<String, String> environment) {
    if (config.fromEnvironment()) {
      // A program that answers for a web server must not take a client's header for a setting.
      boolean cgi = environment.containsKey("REQUEST_METHOD");
      plain = cgi ? null : via(either(environment, "HTTP_PROXY"));
      secure = via(either(environment, "HTTPS_PROXY"));
    } else {
      plain = via(config.url());
      secure = plain;
    }
    String without = config.fromEnvironment() ? either(environment, "NO_PROXY") : config.noProxy();
    hasExceptions = config.fromEnvironment() || !without.isEmpty();
    boolean all = false;
    for (String item : without.split(",", -1)) {
      String text = item.strip().toLowerCase(Locale.ROOT);
      all |= text.equals("*");
      if (!text.isEmpty() && !text.equals("*")) {
        exceptions.add(exception(text));
      }
    }
    exceptAll = all;
  }

  private static String either(Map<String, String> environment, String name) {
    String upper = environment.getOrDefault(name, "");
    return upper.isEmpty() ? environment.getOrDefault(name.toLowerCase(Locale.ROOT), "") : upper;
  }

  private static @Nullable Via via(String text) {
    if (text.isEmpty()) {
      return null;
    }
    String url = text.contains("://") ? text : "http://" + text;
    int colon = url.indexOf("://");
    String scheme = url.substring(0, colon).toLowerCase(Locale.ROOT);
    String rest = url.substring(colon + 3);
    int slash = rest.indexOf('/');
    String authority = slash < 0 ? rest : rest.substring(0, slash);
    int at = authority.lastIndexOf('@');
    String userInfo = at < 0 ? "" : authority.substring(0, at);
    int port =
        switch (scheme) {
          case "http" -> 80;
          case "https" -> 443;
          case "socks5", "socks5h" -> 1080;
          default -> throw new IllegalArgumentException("proxy: unknown scheme: " + scheme);
        };
    String host = authority.substring(at + 1);
    // A port of its own, and the checks of a host, are those of any URL.
    HttpUrl parsed = HttpUrl.of("http", host, "/");
    boolean hasPort = !host.endsWith("]") && host.lastIndexOf(':') >= 0;
    int split = userInfo.indexOf(':');
    String user = split < 0 ? userInfo : userInfo.substring(0, split);
    String password = split < 0 ? "" : userInfo.substring(split + 1);
    return new Via(
        scheme, parsed.host(), hasPort ? parsed.port() : port, decoded(user), decoded(password));
  }

  private static String decoded(String text) {
    return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
  }

  private static Except exception(String item) {
    int slash = item.indexOf('/');
    if (slash > 0) {
      byte[] network = literal(item.substring(0, slash));
      if (network != null) {
        int bits = number(item.substring(slash + 1), network.length * 8);
        if (bits >= 0) {
          return new Except("", false, network, bits, 0);
        }
      }
    }
    byte[] alone = literal(item);
    if (alone != null) {
      return new Except("", false, alone, alone.length * 8, 0);
    }
    int colon = item.lastIndexOf(':');
    int port = colon < 0 ? 0 : Math.max(0, number(item.substring(colon + 1), 65535));
    String host = colon < 0 ? item : item.substring(0, colon);
    byte[] address = literal(host);
    if (address != null) {
      return new Except("", false, address, address.length * 8, port);
    }
    if (host.startsWith("*.")) {
      host = host.substring(1);
    }
    boolean onlyBelow = host.startsWith(".");
    return new Except(onlyBelow ? host.substring(1) : host, !onlyBelow, new byte[0], 0, port);
  }

  private static int number(String text, int most) {
    int number = 0;
    for (int i = 0; i < text.length(); i++) {
      int digit = text.charAt(i) - '0';
      if (digit < 0 || digit > 9 || number > most) {
        return -1;
      }
      number = number * 10 + digit;
    }
    return text.isEmpty() || number > most ? -1 : number;
  }

  /** The bytes of an address, or null for a name. */
  private static byte @Nullable [] literal(String host) {
    String bare =
        host.startsWith("[") && host.endsWith("]") ? host.substring(1, host.length() - 1) : host;
    boolean four = !bare.isEmpty() && bare.chars().allMatch(c -> c == '.' || (c >= '0' && c <= '9'));
    boolean six = bare.indexOf(':') != bare.lastIndexOf(':');
    if (!four && !six) {
      return null;
    }
    try {
      return InetAddress.getByName(bare).getAddress();
    } catch (UnknownHostException e) {
      // It only looks like one.
      return null;
    }
  }

  /** The proxy for a URL, or null for none. */
  @Nullable Via to(HttpUrl url) {
    Via via = url.isTls() ? secure : plain;
    if (via == null || !hasExceptions) {
      return via;
    }
    String host = url.host().toLowerCase(Locale.ROOT);
    byte[] ip = literal(host);
    if (exceptAll || host.equals("localhost") || (ip != null && isLoopback(ip))) {
      return null;
    }
    for (Except exception : exceptions) {
      if (exception.matches(host, ip, url.port())) {
        return null;
      }
    }
    return via;
  }

  private static boolean isLoopback(byte[] ip) {
    try {
      return InetAddress.getByAddress(ip).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new IllegalStateException("an address of " + ip.length + " bytes", e);
    }
  }
}
