package io.narthex.discovery.outscale;

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
 * Where to look for virtual machines of Outscale.
 *
 * @param endpoint the API, empty for the region's
 * @param region the region
 * @param accessKey the access key
 * @param secretKey its secret
 * @param secretKeyFile the file with it
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param http how to speak HTTP to it
 */
public record OutscaleConfig(
    String endpoint,
    String region,
    String accessKey,
    String secretKey,
    String secretKeyFile,
    Duration refreshInterval,
    int port,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "outscale_sd_configs";

  /** Reads one configuration. */
  public static OutscaleConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "outscale.plain");
    String endpoint = map.text("endpoint", "");
    String region = map.text("region", "eu-west-2");
    String accessKey = map.text("access_key", "");
    String secretKey = map.text("secret_key", "config.Secret", "");
    String secretKeyFile = map.file("secret_key_file");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (region.isEmpty()) {
      throw map.self().error("outscale SD configuration requires a region");
    }
    if (accessKey.isEmpty()) {
      throw map.self().error("outscale SD configuration requires access_key");
    }
    Section.exactlyOne(map, secretKey, "secret_key", secretKeyFile, "secret_key_file");
    HttpClientConfig client = http.complete();
    return new OutscaleConfig(
        endpoint, region, accessKey, secretKey, secretKeyFile, refreshInterval, port, client);
  }

  @Override
  public String mechanism() {
    return "outscale";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Machines(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.text("endpoint", endpoint);
    out.put("region", region);
    out.put("access_key", accessKey);
    out.secret("secret_key", secretKey);
    out.text("secret_key_file", secretKeyFile);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    http.write(out);
  }
}
