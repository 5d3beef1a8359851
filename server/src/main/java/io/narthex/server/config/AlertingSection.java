package io.narthex.server.config;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import io.narthex.discovery.fixed.StaticConfig;
import io.narthex.model.duration.Durations;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * The alerting section, of which so much is read as is needed to tell whether it asks for anything:
 * the file that Prometheus is delivered with has an Alertmanager without targets.
 */
final class AlertingSection {

  private AlertingSection() {}

  static List<RelabelConfig.Draft> decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    List<RelabelConfig.Draft> rules =
        new ArrayList<>(rules(map, "alert_relabel_configs", "empty or null alert relabeling rule"));
    map.list("alertmanagers", "config.AlertmanagerConfigs", AlertingSection::alertmanager)
        .forEach(rules::addAll);
    map.finish();
    return rules;
  }

  private static List<RelabelConfig.Draft> rules(YamlMap map, String key, String ifNull) {
    return map.list(
        key,
        "[]*relabel.Config",
        rule -> {
          if (rule.isNull()) {
            throw rule.error(ifNull);
          }
          return RelabelConfig.decode(rule);
        });
  }

  private static List<RelabelConfig.Draft> alertmanager(YamlValue value) {
    YamlMap map = value.map("config.AlertmanagerConfig");
    map.value("timeout", Duration.ofSeconds(10), Durations::decode);
    String version = map.text("api_version", "v2");
    map.text("path_prefix", "");
    map.text("scheme", "http");
    map.notYet("sigv4");
    List<RelabelConfig.Draft> targetRules =
        rules(map, "relabel_configs", "empty or null Alertmanager target relabeling rule");
    List<RelabelConfig.Draft> rules = new ArrayList<>(targetRules);
    rules.addAll(
        rules(map, "alert_relabel_configs", "empty or null Alertmanager alert relabeling rule"));
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    List<DiscoveryConfig> discovery = DiscoveryKeys.read(map);
    map.finish();
    if (!version.equals("v2")) {
      throw map.error(
          "api_version", "expected Alertmanager api version to be one of [v2] but got " + version);
    }
    http.complete();
    for (String address : DiscoveryKeys.staticAddresses(discovery)) {
      if (targetRules.isEmpty() && address.indexOf('/') >= 0) {
        throw value.error(GoQuote.quote(address) + " is not a valid hostname");
      }
    }
    boolean asksForNothing =
        discovery.stream().allMatch(StaticConfig.class::isInstance)
            && DiscoveryKeys.staticAddresses(discovery).isEmpty();
    if (!asksForNothing) {
      throw value.error("sending alerts (field alertmanagers) is not supported by Narthex yet");
    }
    return rules;
  }

  /** Checks the rules, once the names they may write are known. */
  static void check(List<RelabelConfig.Draft> rules, ValidationScheme scheme) {
    rules.forEach(rule -> rule.complete(scheme));
  }
}
