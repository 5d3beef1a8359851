package io.narthex.discovery.aws;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for brokers of Amazon MSK.
 *
 * @param access where and as whom to ask
 * @param clusters the clusters, empty for all
 * @param port the port of every target
 * @param refreshInterval time between two looks
 * @param requestConcurrency requests at the same time
 * @param http how to speak HTTP to it
 */
public record MskConfig(
    AwsAccess access,
    List<String> clusters,
    int port,
    Duration refreshInterval,
    int requestConcurrency,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "msk_sd_configs";

  public MskConfig {
    clusters = List.copyOf(clusters);
  }

  /** Reads one configuration. */
  public static MskConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "aws.plain");
    AwsAccess access = AwsAccess.read(map);
    List<String> clusters = map.texts("clusters");
    int port = map.whole("port", 80);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int requestConcurrency = map.whole("request_concurrency", 10);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (requestConcurrency <= 0) {
      throw map.error(
          "request_concurrency",
          "msk_sd: request_concurrency must be positive, got " + requestConcurrency);
    }
    HttpClientConfig client = http.complete();
    return new MskConfig(access, clusters, port, refreshInterval, requestConcurrency, client);
  }

  @Override
  public String mechanism() {
    return "msk";
  }

  @Override
  public void write(YamlWriter.Map out) {
    access.write(out);
    out.texts("clusters", clusters);
    out.whole("port", port);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.unsigned("request_concurrency", requestConcurrency);
    http.write(out);
  }
}
