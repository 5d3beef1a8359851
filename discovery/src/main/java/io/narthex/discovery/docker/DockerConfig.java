package io.narthex.discovery.docker;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Filter;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for containers of a Docker daemon.
 *
 * @param http how to speak HTTP to it
 * @param host the daemon, as a URL
 * @param port the port of every target
 * @param filters which containers
 * @param hostNetworkingHost the host of containers in the host's network
 * @param refreshInterval time between two looks
 * @param matchFirstNetwork whether a container in several networks is one target
 */
public record DockerConfig(
    HttpClientConfig http,
    String host,
    int port,
    List<Filter> filters,
    String hostNetworkingHost,
    Duration refreshInterval,
    boolean matchFirstNetwork)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "docker_sd_configs";

  public DockerConfig {
    filters = List.copyOf(filters);
  }

  /** Reads one configuration. */
  public static DockerConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "moby.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    String host = map.text("host", "");
    int port = map.whole("port", 80);
    List<Filter> filters = Filter.read(map, "filters");
    String hostNetworkingHost = map.text("host_networking_host", "localhost");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    boolean matchFirstNetwork = map.bool("match_first_network", true);
    map.finish();
    if (host.isEmpty()) {
      throw map.self().error("host missing");
    }
    Url.parse(map.self(), host);
    HttpClientConfig client = http.complete();
    return new DockerConfig(
        client, host, port, filters, hostNetworkingHost, refreshInterval, matchFirstNetwork);
  }

  @Override
  public String mechanism() {
    return "docker";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(
        mechanism(), refreshInterval, context, () -> new Containers(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("host", host);
    out.whole("port", port);
    Filter.write(out, "filters", filters);
    out.put("host_networking_host", hostNetworkingHost);
    out.put("refresh_interval", Durations.print(refreshInterval));
    out.bool("match_first_network", matchFirstNetwork);
  }
}
