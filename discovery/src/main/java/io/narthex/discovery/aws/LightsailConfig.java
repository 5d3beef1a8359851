package io.narthex.discovery.aws;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.io.IOException;
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
  public String mechanism() {
    return "lightsail";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  /** What is asked, and who answers. */
  Source source(DiscoveryContext context) throws IOException {
    return new LightsailInstances(access.client(AwsService.LIGHTSAIL, http, 1, context), port);
  }

  @Override
  public void write(YamlWriter.Map out) {
    access.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    http.write(out);
  }
}
