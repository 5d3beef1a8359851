package io.narthex.discovery.aws;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;

/**
 * Where to look for instances of Amazon Lightsail.
 *
 * @param access where and as whom to ask
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param http how to speak HTTP to it
 */
public record LightsailConfig(
    AwsAccess access, Duration refreshInterval, int port, HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "lightsail_sd_configs";

  /** Reads one configuration. */
  public static LightsailConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "aws.plain");
    AwsAccess access = AwsAccess.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    HttpClientConfig client = http.complete();
    return new LightsailConfig(access, refreshInterval, port, client);
  }

  @Override
  public boolean works() {
    return false;
  }

  @Override
  public String mechanism() {
    return "lightsail";
  }

  @Override
  public void write(YamlWriter.Map out) {
    access.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    http.write(out);
  }
}
