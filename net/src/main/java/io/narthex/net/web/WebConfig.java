package io.narthex.net.web;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlException;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the file says. Checked as Prometheus' exporter toolkit checks it, in its words.
 *
 * @param tls how TLS is spoken; {@link ServerTlsConfig#isEnabled} says whether
 * @param headers for all answers
 * @param users names and bcrypt hashes; none means that everybody may pass
 * @param burst requests at once, where there is a limit
 * @param interval between requests, zero for no limit
 */
record WebConfig(
    ServerTlsConfig tls,
    Map<String, String> headers,
    Map<String, String> users,
    long burst,
    Duration interval) {

  /** The headers that may be set, and their values where only some make sense. */
  private static final Map<String, List<String>> HEADERS =
      Map.of(
          "Strict-Transport-Security", List.of(),
          "X-Content-Type-Options", List.of("nosniff"),
          "X-Frame-Options", List.of("deny", "sameorigin"),
          "X-XSS-Protection", List.of(),
          "Content-Security-Policy", List.of());

  WebConfig {
    headers = Map.copyOf(headers);
    users = Map.copyOf(users);
  }

  /**
   * Reads the file's text.
   *
   * @param folder that paths in it are relative to
   */
  static WebConfig parse(String text, Path folder) throws WebConfigException {
    WebConfig config;
    try {
      config = Yaml.decode(text, folder, WebConfig::decode);
    } catch (YamlException e) {
      throw new WebConfigException(String.valueOf(e.getMessage()), e);
    }
    for (Map.Entry<String, String> header : new TreeMap<>(config.headers).entrySet()) {
      checkHeader(header.getKey(), header.getValue());
    }
    for (String hash : new TreeMap<>(config.users).values()) {
      Passwords.checkHash(hash);
    }
    return config;
  }

  private static WebConfig decode(YamlValue value) {
    YamlMap map = value.map("web.Config");
    ServerTlsConfig tls =
        map.value("tls_server_config", ServerTlsConfig.NONE, ServerTlsConfig::decode);
    Map<String, String> headers =
        map.value(
            "http_server_config",
            Map.of(),
            http -> {
              YamlMap inner = http.map("web.HTTPConfig");
              // Read and not used: HTTP/2 is not spoken, and who may speak it may also not.
              inner.bool("http2", true);
              Map<String, String> all =
                  inner.value(
                      "headers", Map.of(), v -> v.mapOf("map[string]string", YamlValue::text));
              inner.finish();
              return all;
            });
    Map<String, String> users =
        map.value(
            "basic_auth_users",
            Map.of(),
            v -> v.mapOf("map[string]config.Secret", YamlValue::text));
    long[] burst = new long[1];
    Duration interval =
        map.value(
            "rate_limit",
            Duration.ZERO,
            limit -> {
              YamlMap inner = limit.map("web.RateLimiterConfig");
              burst[0] = inner.unsigned("burst", 0);
              Duration every = inner.value("interval", Duration.ZERO, WebConfig::goDuration);
              inner.finish();
              return every;
            });
    map.finish();
    return new WebConfig(tls, headers, users, burst[0], interval);
  }

  /** A duration as Go writes it: numbers with units, like {@code 1m30s} or {@code 0.5s}. */
  private static Duration goDuration(YamlValue value) {
    String text = value.text();
    double nanos = 0;
    int at = 0;
    while (at < text.length()) {
      int from = at;
      while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
        at++;
      }
      int unit = at;
      while (at < text.length() && Character.isLetter(text.charAt(at))) {
        at++;
      }
      double scale =
          switch (text.substring(unit, at)) {
            case "ns" -> 1;
            case "us", "µs" -> 1e3;
            case "ms" -> 1e6;
            case "s" -> 1e9;
            case "m" -> 60e9;
            case "h" -> 3600e9;
            default -> 0;
          };
      if (from == unit || scale == 0) {
        return badDuration(value);
      }
      try {
        nanos += Double.parseDouble(text.substring(from, unit)) * scale;
      } catch (NumberFormatException e) {
        return badDuration(value);
      }
    }
    return text.isEmpty() ? badDuration(value) : Duration.ofNanos((long) nanos);
  }

  private static Duration badDuration(YamlValue value) {
    if (value.text().equals("0")) {
      return Duration.ZERO;
    }
    throw value.error("time: invalid duration " + GoQuote.quote(value.text()));
  }

  private static void checkHeader(String name, String value) throws WebConfigException {
    List<String> allowed = HEADERS.get(name);
    if (allowed == null) {
      throw new WebConfigException(
          "HTTP header " + GoQuote.quote(name) + " can not be configured");
    }
    if (!allowed.isEmpty() && !allowed.contains(value)) {
      StringBuilder shown = new StringBuilder();
      for (String one : allowed) {
        shown.append(shown.isEmpty() ? "" : " ").append(GoQuote.quote(one));
      }
      throw new WebConfigException(
          "invalid value for "
              + name
              + ". Expected one of: ["
              + shown
              + "], but got: "
              + GoQuote.quote(value));
    }
    if (value.indexOf('\n') >= 0 || value.indexOf('\r') >= 0) {
      throw new WebConfigException("the value of " + name + " has a line break");
    }
  }
}
