package io.narthex.discovery.vultr;

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
 * Where to look for instances of Vultr.
 *
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 */
public record VultrConfig(HttpClientConfig http, Duration refreshInterval, int port)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "vultr_sd_configs";

  /** Reads one configuration. */
  public static VultrConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "vultr.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    map.finish();
    HttpClientConfig client = http.complete();
    return new VultrConfig(client, refreshInterval, port);
  }

  @Override
  public String mechanism() {
    return "vultr";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new Instances(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
  }
}
