package io.narthex.discovery.ionos;

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
 * Where to look for servers of a data centre of IONOS.
 *
 * @param datacenterId the data centre
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 */
public record IonosConfig(
    String datacenterId, HttpClientConfig http, Duration refreshInterval, int port)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "ionos_sd_configs";

  /** Reads one configuration. */
  public static IonosConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "ionos.plain");
    String datacenterId = map.text("datacenter_id", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    map.finish();
    if (datacenterId.isEmpty()) {
      throw map.self().error("datacenter id can't be empty");
    }
    HttpClientConfig client = http.complete();
    return new IonosConfig(datacenterId, client, refreshInterval, port);
  }

  @Override
  public String mechanism() {
    return "ionos";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Servers(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("datacenter_id", datacenterId);
    http.write(out);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.whole("port", port);
  }
}
