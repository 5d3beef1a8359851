package io.narthex.discovery.aws;

import io.narthex.base.text.GoQuote;
import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Choice;
import io.narthex.discovery.section.Filter;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where to look for what one of Amazon's services runs.
 *
 * @param role the service
 * @param access where and as whom to ask
 * @param refreshInterval time between two looks
 * @param port the port of every target but those of ElastiCache, which have their own
 * @param requestConcurrency requests at the same time
 * @param filters of EC2 and RDS
 * @param clusters of ECS, ElastiCache, MSK and RDS
 * @param http how to speak HTTP to it
 */
public record AwsConfig(
    Role role,
    AwsAccess access,
    Duration refreshInterval,
    int port,
    int requestConcurrency,
    List<Filter> filters,
    List<String> clusters,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "aws_sd_configs";

  /** What aws can be asked for. */
  public enum Role implements Choice {
    EC2("ec2"),
    ECS("ecs"),
    ELASTICACHE("elasticache"),
    LIGHTSAIL("lightsail"),
    MSK("msk"),
    RDS("rds");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Role decode(YamlValue value) {
      return Choice.decode(value, values(), name -> "unknown AWS SD role " + GoQuote.quote(name));
    }
  }

  public AwsConfig {
    filters = List.copyOf(filters);
    clusters = List.copyOf(clusters);
  }

  /** Reads one configuration. */
  public static AwsConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "aws.plain");
    @Nullable Role role = map.optional("role", Role::decode);
    AwsAccess access = AwsAccess.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    int requestConcurrency = map.whole("request_concurrency", 10);
    List<Filter> filters = Filter.read(map, "filters");
    List<String> clusters = map.texts("clusters");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    if (role == null) {
      throw map.self().error("unknown AWS SD role \"\"");
    }
    if (requestConcurrency <= 0) {
      throw map.error(
          "request_concurrency",
          "aws_sd: request_concurrency must be positive, got " + requestConcurrency);
    }
    Filter.requireValues(map, filters, "Filter values cannot be empty");
    HttpClientConfig client = http.complete();
    return new AwsConfig(
        role, access, refreshInterval, port, requestConcurrency, filters, clusters, client);
  }

  @Override
  public String mechanism() {
    return "aws";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  private Source source(DiscoveryContext context) throws IOException {
    return switch (role) {
      case EC2 -> new Ec2Config(access, refreshInterval, port, filters, http).source(context);
      case LIGHTSAIL -> new LightsailConfig(access, refreshInterval, port, http).source(context);
      case RDS ->
          new RdsConfig(access, clusters, filters, port, refreshInterval, requestConcurrency, http)
              .source(context);
      case ECS -> clusters(ClusterConfig.Service.ECS).source(context);
      case ELASTICACHE -> clusters(ClusterConfig.Service.ELASTICACHE).source(context);
      case MSK -> clusters(ClusterConfig.Service.MSK).source(context);
    };
  }

  private ClusterConfig clusters(ClusterConfig.Service service) {
    return new ClusterConfig(
        service, access, clusters, port, refreshInterval, requestConcurrency, http);
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.put("role", role.text());
    access.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.unsigned("port", port);
    out.unsigned("request_concurrency", requestConcurrency);
    Filter.write(out, "filters", filters);
    out.texts("clusters", clusters);
    http.write(out);
  }
}
