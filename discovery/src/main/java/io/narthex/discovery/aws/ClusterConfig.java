package io.narthex.discovery.aws;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.aws.api.AwsClient;
import io.narthex.discovery.aws.api.AwsService;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for members of clusters: tasks of Amazon ECS, nodes of ElastiCache, brokers of MSK.
 *
 * @param service which of them
 * @param access where and as whom to ask
 * @param clusters the clusters, empty for all
 * @param port the port of every target but those of ElastiCache, which have their own
 * @param refreshInterval time between two looks
 * @param requestConcurrency requests at the same time
 * @param http how to speak HTTP to it
 */
public record ClusterConfig(
    Service service,
    AwsAccess access,
    List<String> clusters,
    int port,
    Duration refreshInterval,
    int requestConcurrency,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** What has clusters. */
  public enum Service {
    ECS("ecs", AwsService.ECS, 20),
    ELASTICACHE("elasticache", AwsService.ELASTICACHE, 10),
    MSK("msk", AwsService.KAFKA, 10);

    private final String text;
    private final AwsService service;
    private final int requestConcurrency; // unless the file says another

    Service(String text, AwsService service, int requestConcurrency) {
      this.text = text;
      this.service = service;
      this.requestConcurrency = requestConcurrency;
    }

    /** The key in configuration files. */
    public String key() {
      return text + "_sd_configs";
    }

    /** Reads one configuration. */
    public ClusterConfig decode(YamlValue value) {
      return ClusterConfig.decode(this, value);
    }
  }

  public ClusterConfig {
    clusters = List.copyOf(clusters);
  }

  private static ClusterConfig decode(Service service, YamlValue value) {
    YamlMap map = Section.open(value, service.key(), "aws.plain");
    AwsAccess access = AwsAccess.read(map);
    List<String> clusters = map.texts("clusters");
    int port = map.whole("port", 80);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int requestConcurrency = map.whole("request_concurrency", service.requestConcurrency);
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (requestConcurrency <= 0) {
      throw map.error(
          "request_concurrency",
          service.text + "_sd: request_concurrency must be positive, got " + requestConcurrency);
    }
    HttpClientConfig client = http.complete();
    return new ClusterConfig(
        service, access, clusters, port, refreshInterval, requestConcurrency, client);
  }

  @Override
  public String mechanism() {
    return service.text;
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  /** What is asked, and who answers. */
  Source source(DiscoveryContext context) throws IOException {
    AwsClient client = access.client(service.service, http, requestConcurrency, context);
    return switch (service) {
      case ECS -> new EcsTasks(client, clusters, port);
      case ELASTICACHE -> new ElastiCacheNodes(client, clusters);
      case MSK -> new MskNodes(client, clusters, port);
    };
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
