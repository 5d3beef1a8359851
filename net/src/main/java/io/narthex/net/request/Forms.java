package io.narthex.net.request;

import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.StringJoiner;

/** Forms as {@code application/x-www-form-urlencoded}. */
public final class Forms {

  private Forms() {}

  /** The fields, in the order of the map. */
  public static String encode(Map<String, String> fields) {
    StringJoiner out = new StringJoiner("&");
    fields.forEach((name, value) -> out.add(escape(name) + "=" + escape(value)));
    return out.toString();
  }

  /** A text as it stands in a query. */
  public static String escape(String text) {
    // Java leaves the asterisk and escapes the tilde; Go, and RFC 3986, do it the other way round.
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("*", "%2A").replace("%7E", "~");
  }

  static Map<String, String> decode(String text) {
    Map<String, String> fields = new HashMap<>();
    for (String field : text.strip().split("&", -1)) {
      int equals = field.indexOf('=');
      if (equals > 0) {
        fields.put(
            URLDecoder.decode(field.substring(0, equals), StandardCharsets.UTF_8),
            URLDecoder.decode(field.substring(equals + 1), StandardCharsets.UTF_8));
      }
    }
    return fields;
  }
}
