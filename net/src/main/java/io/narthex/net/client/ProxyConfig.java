package io.narthex.net.client;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The way through a proxy.
 *
 * @param url the proxy, empty for none
 * @param noProxy hosts reached without it, comma separated
 * @param fromEnvironment whether HTTP_PROXY and the like decide
 * @param connectHeader headers of the CONNECT request, all secret
 */
public record ProxyConfig(
    String url, String noProxy, boolean fromEnvironment, Map<String, List<String>> connectHeader) {

  /** No proxy. */
  public static final ProxyConfig NONE = new ProxyConfig("", "", false, Map.of());

  public ProxyConfig {
    connectHeader = Map.copyOf(connectHeader);
  }

  /** Reads the keys from the map they lie in. */
  static ProxyConfig read(YamlMap map) {
    return new ProxyConfig(
        map.value("proxy_url", "", ProxyConfig::url),
        map.text("no_proxy", ""),
        map.bool("proxy_from_environment", false),
        map.value(
            "proxy_connect_header",
            Map.of(),
            v -> v.mapOf("config.ProxyHeader", e -> e.list("[]config.Secret", YamlValue::text))));
  }

  /** What is wrong with it; empty for nothing. */
  String problem() {
    if (!connectHeader.isEmpty() && !fromEnvironment && url.isEmpty()) {
      return "if proxy_connect_header is configured, proxy_url or proxy_from_environment must also"
          + " be configured";
    }
    if (fromEnvironment && !url.isEmpty()) {
      return "if proxy_from_environment is configured, proxy_url must not be configured";
    }
    if (fromEnvironment && !noProxy.isEmpty()) {
      return "if proxy_from_environment is configured, no_proxy must not be configured";
    }
    if (url.isEmpty() && !noProxy.isEmpty()) {
      return "if no_proxy is configured, proxy_url must also be configured";
    }
    return "";
  }

  private static String url(YamlValue value) {
    String text = value.text();
    try {
      return new URI(text).toString();
    } catch (URISyntaxException e) {
      throw value.error("parse \"" + text + "\": " + e.getReason());
    }
  }

  void write(YamlWriter.Map out) {
    out.text("proxy_url", redacted(url));
    out.text("no_proxy", noProxy);
    out.flag("proxy_from_environment", fromEnvironment);
    if (!connectHeader.isEmpty()) {
      out.map(
          "proxy_connect_header",
          headers ->
              new TreeMap<>(connectHeader)
                  .forEach((name, values) ->
                      headers.texts(name, values.stream().map(v -> YamlWriter.SECRET).toList())));
    }
  }

  /** The URL without its password. */
  static String redacted(String url) {
    int scheme = url.indexOf("://");
    int at = url.indexOf('@');
    int colon = scheme < 0 ? -1 : url.indexOf(':', scheme + 3);
    return colon < 0 || at < colon
        ? url
        : url.substring(0, colon + 1) + "xxxxx" + url.substring(at);
  }
}
