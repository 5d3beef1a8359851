package io.narthex.rules.alerting;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.RelabelConfig;
import java.util.List;

/**
 * The alerting section.
 *
 * @param alertRelabelling rules for alerts before they are sent to anybody
 * @param alertmanagers who is sent alerts
 */
public record AlertingConfig(
    List<RelabelConfig> alertRelabelling, List<AlertmanagerConfig> alertmanagers) {

  /** Nobody. */
  public static final AlertingConfig NONE = new AlertingConfig(List.of(), List.of());

  public AlertingConfig {
    alertRelabelling = List.copyOf(alertRelabelling);
    alertmanagers = List.copyOf(alertmanagers);
  }

  /** A section that has been read; which names its rules may write is not yet known. */
  @FunctionalInterface
  public interface Draft {

    /**
     * Checks the rules and completes the section.
     *
     * @throws io.narthex.base.yaml.YamlException if one is broken
     */
    AlertingConfig complete(ValidationScheme scheme);
  }

  /** Reads the section. */
  public static Draft decode(YamlValue value) {
    YamlMap map = value.map("config.plain");
    List<RelabelConfig.Draft> rules =
        rules(map, "alert_relabel_configs", "empty or null alert relabeling rule");
    List<AlertmanagerConfig.Draft> alertmanagers =
        map.list("alertmanagers", "config.AlertmanagerConfigs", AlertmanagerConfig::decode);
    map.finish();
    return scheme ->
        new AlertingConfig(
            rules.stream().map(rule -> rule.complete(scheme)).toList(),
            alertmanagers.stream().map(each -> each.complete(scheme)).toList());
  }

  static List<RelabelConfig.Draft> rules(YamlMap map, String key, String ifNull) {
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

  /** Whether there is anybody who could be sent an alert. */
  public boolean asksForNothing() {
    return alertmanagers.stream().allMatch(AlertmanagerConfig::hasNoTargets);
  }

  /** Writes the section as upstream prints it. */
  public void write(YamlWriter.Map out) {
    out.maps("alert_relabel_configs", alertRelabelling, RelabelConfig::write);
    out.maps("alertmanagers", alertmanagers, AlertmanagerConfig::write);
  }
}
