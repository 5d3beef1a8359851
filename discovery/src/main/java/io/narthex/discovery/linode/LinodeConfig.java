package io.narthex.discovery.linode;

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
 * Where to look for instances of Linode.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param tagSeparator stands between the tags of an instance in its label
 * @param region the region, empty for all
 */
public record LinodeConfig(
    HttpClientConfig http, Duration refreshInterval, int port, String tagSeparator, String region)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "linode_sd_configs";

  /** Reads one configuration. */
  public static LinodeConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "linode.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    String tagSeparator = map.text("tag_separator", ",");
    String region = map.text("region", "");
    map.finish();
    HttpClientConfig client = http.complete();
    return new LinodeConfig(client, refreshInterval, port, tagSeparator, region);
  }

  @Override
  public String mechanism() {
    return "linode";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Linodes(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
    out.text("tag_separator", tagSeparator);
    out.text("region", region);
  }
}
