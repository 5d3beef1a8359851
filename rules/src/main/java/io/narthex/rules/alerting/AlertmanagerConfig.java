package io.narthex.rules.alerting;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import io.narthex.discovery.fixed.StaticConfig;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.client.SigV4Config;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Alertmanagers that are found and spoken to alike.
 *
 * @param http how to speak HTTP to them
 * @param sigv4 signing for AWS, or null
 * @param scheme {@code http} or {@code https}
 * @param pathPrefix stands before the path of the API
 * @param timeout how long a request may take
 * @param discovery where they come from
 * @param relabelling rules for targets
 * @param alertRelabelling rules for alerts that these are sent
 */
public record AlertmanagerConfig(
    HttpClientConfig http,
    @Nullable SigV4Config sigv4,
    String scheme,
    String pathPrefix,
    Duration timeout,
    List<DiscoveryConfig> discovery,
    List<RelabelConfig> relabelling,
    List<RelabelConfig> alertRelabelling) {

  /** The one version of the API. */
  public static final String API_VERSION = "v2";

  private static final Duration DEFAULT_TIMEOUT = Duration.ofSeconds(10);

  public AlertmanagerConfig {
    discovery = List.copyOf(discovery);
    relabelling = List.copyOf(relabelling);
    alertRelabelling = List.copyOf(alertRelabelling);
  }

  /** A section that has been read; which names its rules may write is not yet known. */
  @FunctionalInterface
  interface Draft {

    AlertmanagerConfig complete(ValidationScheme scheme);
  }

  static Draft decode(YamlValue value) {
    YamlMap map = value.map("config.AlertmanagerConfig");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    SigV4Config sigv4 = map.optional("sigv4", SigV4Config::decode);
    String scheme = map.text("scheme", "http");
    String pathPrefix = map.text("path_prefix", "");
    Duration timeout = map.value("timeout", DEFAULT_TIMEOUT, Durations::decode);
    String version = map.text("api_version", API_VERSION);
    List<RelabelConfig.Draft> rules =
        AlertingConfig.rules(
            map, "relabel_configs", "empty or null Alertmanager target relabeling rule");
    List<RelabelConfig.Draft> alertRules =
        AlertingConfig.rules(
            map, "alert_relabel_configs", "empty or null Alertmanager alert relabeling rule");
    List<DiscoveryConfig> discovery = DiscoveryKeys.read(map);
    map.finish();
    if (!version.equals(API_VERSION)) {
      throw map.error(
          "api_version", "expected Alertmanager api version to be one of [v2] but got " + version);
    }
    HttpClientConfig client = http.complete();
    boolean authenticates =
        client.basicAuth() != null || client.authorization() != null || client.oauth2() != null;
    if (authenticates && sigv4 != null) {
      throw value.error(
          "at most one of basic_auth, authorization, oauth2, & sigv4 must be configured");
    }
    if (rules.isEmpty()) {
      for (String address : DiscoveryKeys.staticAddresses(discovery)) {
        if (address.indexOf('/') >= 0) {
          throw value.error(GoQuote.quote(address) + " is not a valid hostname");
        }
      }
    }
    if (!hasNoTargets(discovery)) {
      value.later("sending alerts (field alertmanagers)");
    }
    return names ->
        new AlertmanagerConfig(
            client,
            sigv4,
            scheme,
            pathPrefix,
            timeout,
            discovery,
            rules.stream().map(rule -> rule.complete(names)).toList(),
            alertRules.stream().map(rule -> rule.complete(names)).toList());
  }

  boolean hasNoTargets() {
    return hasNoTargets(discovery);
  }

  /** The file that Prometheus is delivered with has an Alertmanager without targets. */
  private static boolean hasNoTargets(List<DiscoveryConfig> discovery) {
    return discovery.stream().allMatch(StaticConfig.class::isInstance)
        && DiscoveryKeys.staticAddresses(discovery).isEmpty();
  }

  void write(YamlWriter.Map out) {
    http.write(out);
    if (sigv4 != null) {
      out.map("sigv4", sigv4::write);
    }
    out.text("scheme", scheme);
    out.text("path_prefix", pathPrefix);
    Durations.write(out, "timeout", timeout);
    out.put("api_version", API_VERSION);
    out.maps("relabel_configs", relabelling, RelabelConfig::write);
    out.maps("alert_relabel_configs", alertRelabelling, RelabelConfig::write);
    DiscoveryKeys.write(out, discovery);
  }
}
