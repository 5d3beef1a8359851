package io.narthex.discovery.nomad;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;

/**
 * Where to look for services of Nomad.
 *
 * @param allowStale whether any server of the cluster may answer
 * @param http how to speak HTTP to it
 * @param namespace the namespace
 * @param refreshInterval time between two looks
 * @param region the region
 * @param server the agent, as a URL
 * @param tagSeparator stands between the tags of a service in its label
 */
public record NomadConfig(
    boolean allowStale,
    HttpClientConfig http,
    String namespace,
    Duration refreshInterval,
    String region,
    String server,
    String tagSeparator)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "nomad_sd_configs";

  /** Reads one configuration. */
  public static NomadConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "nomad.plain");
    boolean allowStale = map.bool("allow_stale", true);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    String namespace = map.text("namespace", "default");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    String region = map.text("region", "global");
    String server = map.text("server", "http://localhost:4646");
    String tagSeparator = map.text("tag_separator", ",");
    map.finish();
    if (server.isBlank()) {
      throw map.self().error("nomad SD configuration requires a server address");
    }
    HttpClientConfig client = http.complete();
    return new NomadConfig(
        allowStale, client, namespace, refreshInterval, region, server, tagSeparator);
  }

  @Override
  public String mechanism() {
    return "nomad";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Services(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.bool("allow_stale", allowStale);
    http.write(out);
    out.put("namespace", namespace);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.put("region", region);
    out.put("server", server);
    out.text("tag_separator", tagSeparator);
  }
}
