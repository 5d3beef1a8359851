package io.narthex.scrape;

import io.narthex.base.bytes.Utf8;
import io.narthex.net.connect.HttpUrl;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The URL of a target, from its labels. Query parameters are sorted and escaped as Go does it.
 *
 * @param authority the address as the label has it
 * @param target path and query
 */
record TargetUrl(String scheme, String authority, String target) {

  private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1");
  private static final String HEX = "0123456789ABCDEF";

  /**
   * @param parameters the job's, less those that labels replace
   */
  static TargetUrl of(
      String scheme, String authority, String path, Map<String, List<String>> parameters) {
    StringBuilder target = new StringBuilder();
    if (!path.startsWith("/")) {
      target.append('/');
    }
    escape(target, path, "-_.~$&+,/:;=@", false);
    char separator = '?';
    for (Map.Entry<String, List<String>> parameter : new TreeMap<>(parameters).entrySet()) {
      for (String value : parameter.getValue()) {
        target.append(separator);
        separator = '&';
        escape(target, parameter.getKey(), "-_.~", true);
        target.append('=');
        escape(target, value, "-_.~", true);
      }
    }
    return new TargetUrl(scheme, authority, target.toString());
  }

  private static void escape(StringBuilder out, String text, String plain, boolean query) {
    for (byte b : Utf8.bytes(text)) {
      char c = (char) (b & 0xff);
      boolean letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
      boolean digit = c >= '0' && c <= '9';
      if (letter || digit || plain.indexOf(c) >= 0) {
        out.append(c);
      } else if (c == ' ' && query) {
        out.append('+');
      } else {
        out.append('%').append(HEX.charAt(c >> 4)).append(HEX.charAt(c & 15));
      }
    }
  }

  String text() {
    return scheme + "://" + authority + target;
  }

  /**
   * The URL for the client.
   *
   * @throws IllegalArgumentException if it is none; the message says why
   */
  HttpUrl http() {
    return HttpUrl.of(scheme, authority, target);
  }

  String global(String externalScheme, String externalHost, int ownPort) {
    HttpUrl url;
    try {
      url = http();
    } catch (IllegalArgumentException e) {
      return text();
    }
    boolean hasPort = !authority.endsWith("]") && authority.lastIndexOf(':') >= 0;
    if (!hasPort || !LOOPBACK.contains(url.host())) {
      return text();
    }
    if (url.port() == ownPort) {
      return externalScheme + "://" + externalHost + target;
    }
    int colon = externalHost.lastIndexOf(':');
    String host =
        colon < 0 || externalHost.endsWith("]") ? externalHost : externalHost.substring(0, colon);
    return scheme + "://" + host + ":" + url.port() + target;
  }
}
