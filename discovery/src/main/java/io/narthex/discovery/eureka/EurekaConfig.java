package io.narthex.discovery.eureka;

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
import io.narthex.net.url.Url;
import java.time.Duration;

/**
 * Where to look for instances registered at Eureka.
 *
 * @param server the server, as a URL
 * @param http how to speak HTTP to it
 * @param refreshInterval time between two looks
 */
public record EurekaConfig(String server, HttpClientConfig http, Duration refreshInterval)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "eureka_sd_configs";

  /** Reads one configuration. */
  public static EurekaConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "eureka.plain");
    String server = map.text("server", "");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(30), Durations::decode);
    map.finish();
    if (server.isEmpty()) {
      throw map.self().error("eureka_sd: empty or null eureka server");
    }
    Url url = Url.parse(map.self(), server);
    if (url.scheme().isEmpty() || url.host().isEmpty()) {
      throw map.self().error("eureka_sd: invalid eureka server URL");
    }
    HttpClientConfig client = http.complete();
    return new EurekaConfig(server, client, refreshInterval);
  }

  @Override
  public String mechanism() {
    return "eureka";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new Applications(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("server", server);
    http.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
  }
}
