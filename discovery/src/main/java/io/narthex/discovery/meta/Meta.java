package io.narthex.discovery.meta;

import java.util.Collection;

/** How meta labels are written, everywhere the same. */
public final class Meta {

  private Meta() {}

  /** A name with {@code _} for everything but ASCII letters, digits and {@code _}. */
  public static String sanitized(String name) {
    StringBuilder text = new StringBuilder(name.length());
    for (int i = 0; i < name.length(); ) {
      int c = name.codePointAt(i);
      i += Character.charCount(c);
      boolean plain =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
      text.append(plain ? (char) c : '_');
    }
    return text.toString();
  }

  /** Host and port; an IPv6 address in brackets. */
  public static String address(String host, long port) {
    return address(host, Long.toString(port));
  }

  /** The same with a port that is a text. */
  public static String address(String host, String port) {
    boolean brackets = host.indexOf(':') >= 0 || host.indexOf('%') >= 0;
    return brackets ? "[" + host + "]:" + port : host + ":" + port;
  }

  /** All of them with the separator before, between and behind, so that each can be matched. */
  public static String enclosed(Collection<String> items, String separator) {
    return separator + String.join(separator, items) + separator;
  }
}
