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
 * Where to look for instances of Amazon EC2.
 *
 * @param access where and as whom to ask
 * @param refreshInterval time between two looks
 * @param port the port of every target
 * @param filters which instances
 * @param http how to speak HTTP to it
 */
public record Ec2Config(
    AwsAccess access,
    Duration refreshInterval,
    int port,
    List<Filter> filters,
    HttpClientConfig http)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "ec2_sd_configs";

  public Ec2Config {
    filters = List.copyOf(filters);
  }

  /** Reads one configuration. */
  public static Ec2Config decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "aws.plain");
    AwsAccess access = AwsAccess.read(map);
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    int port = map.whole("port", 80);
    List<Filter> filters = Filter.read(map, "filters");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    map.finish();
    Filter.requireValues(map, filters, "EC2 SD configuration filter values cannot be empty");
    HttpClientConfig client = http.complete();
    return new Ec2Config(access, refreshInterval, port, filters, client);
  }

  @Override
  public String mechanism() {
    return "ec2";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> source(context));
  }

  /** What is asked, and who answers. */
  Source source(DiscoveryContext context) throws IOException {
    return new Ec2Instances(access.client(AwsService.EC2, http, 1, context), filters, port);
  }

  @Override
  public void write(YamlWriter.Map out) {
    access.write(out);
    Durations.write(out, "refresh_interval", refreshInterval);
    out.whole("port", port);
    Filter.write(out, "filters", filters);
    http.write(out);
  }
}
