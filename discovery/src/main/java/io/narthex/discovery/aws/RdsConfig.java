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
import io.narthex.discovery.section.Filter;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for databases of Amazon RDS.
 *
 * @param access where and as whom to ask
 * @param clusters the clusters they belong to, empty for all
 * @param filters which databases
 * @param port the port of every target
 * @param refreshInterval time between two looks
 * @param requestConcurrency requests at the same time
 * @param http how to speak HTTP to it
 */
public record RdsConfig(
    AwsAccess access,
    List<String> clusters,
    List<Filter> filters,
    int port,
    Duration refreshInterval,
    int requestConcurrency,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "rds_sd_configs";

  public RdsConfig {
    clusters = List.copyOf(clusters);
    filters = List.copyOf(filters);
  }

  /** Reads one configuration. */
  public static RdsConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "aws.plain");
    AwsAccess access = AwsAccess.read(map);
    List<String> clusters = map.texts("clusters");
    List<Filter> filters = Filter.read(map, "filters");
    int port = map.whole("port", 80);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int requestConcurrency = map.whole("request_concurrency", 10);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (requestConcurrency <= 0) {
      throw map.error(
          "request_concurrency",
          "rds_sd: request_concurrency must be positive, got " + requestConcurrency);
    }
    Filter.requireValues(map, filters, "RDS SD configuration filter values cannot be empty");
    HttpClientConfig client = http.complete();
    return new RdsConfig(
        access, clusters, filters, port, refreshInterval, requestConcurrency, client);
  }

  @Override
  public String mechanism() {
    return "rds";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  /** What is asked, and who answers. */
  Source source(DiscoveryContext context) throws IOException {
    return new RdsInstances(
        access.client(AwsService.RDS, http, requestConcurrency, context), clusters, filters, port);
  }

  @Override
  public void write(YamlWriter.Map out) {
    access.write(out);
    out.texts("clusters", clusters);
    Filter.write(out, "filters", filters);
    out.whole("port", port);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.unsigned("request_concurrency", requestConcurrency);
    http.write(out);
  }
}
