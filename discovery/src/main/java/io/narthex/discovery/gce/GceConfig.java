package io.narthex.discovery.gce;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import java.time.Duration;

/**
 * Where to look for instances of Google Compute Engine.
 *
 * @param project the project
 * @param zone the zone
 * @param filter an expression of the API
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param tagSeparator stands between the tags of an instance in its label
 */
public record GceConfig(
    String project,
    String zone,
    String filter,
    Duration refreshInterval,
    int port,
    String tagSeparator)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "gce_sd_configs";

  /** Reads one configuration. */
  public static GceConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "gce.plain");
    String project = map.text("project", "");
    String zone = map.text("zone", "");
    String filter = map.text("filter", "");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    String tagSeparator = map.text("tag_separator", ",");
    map.finish();
    if (project.isEmpty()) {
      throw map.self().error("GCE SD configuration requires a project");
    }
    if (zone.isEmpty()) {
      throw map.self().error("GCE SD configuration requires a zone");
    }
    return new GceConfig(project, zone, filter, refreshInterval, port, tagSeparator);
  }

  @Override
  public String mechanism() {
    return "gce";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(),
        refreshInterval,
        context,
        () -> new GceInstances(this, context, GoogleAccess.find(System.getenv())));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("project", project);
    out.put("zone", zone);
    out.text("filter", filter);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    out.text("tag_separator", tagSeparator);
  }
}
