package io.narthex.remote.config;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Further headers of requests, of which the client sets some itself. */
public final class Headers {

  private static final Set<String> RESERVED =
      Set.of(
          "host",
          "content-encoding",
          "content-length",
          "content-type",
          "user-agent",
          "connection",
          "keep-alive",
          "proxy-authenticate",
          "proxy-authorization",
          "www-authenticate",
          "accept-encoding",
          "x-prometheus-remote-write-version",
          "x-prometheus-remote-read-version",
          "x-amz-date",
          "x-amz-security-token",
          "x-amz-content-sha256");

  private Headers() {}

  /** Reads the key {@code headers}, in the order of the file. */
  public static Map<String, String> read(YamlMap map) {
    return map.value("headers", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text));
  }

  /**
   * Refuses the headers that are not free.
   *
   * @param authorization what to say about the header that authentication sets
   */
  public static void check(YamlMap map, Map<String, String> headers, String authorization) {
    for (String name : headers.keySet()) {
      String folded = name.toLowerCase(Locale.ROOT);
      if (folded.equals("authorization")) {
        throw map.error("headers", authorization);
      }
      if (RESERVED.contains(folded)) {
        throw map.error("headers", name + " is a reserved header. It must not be changed");
      }
    }
  }
}
