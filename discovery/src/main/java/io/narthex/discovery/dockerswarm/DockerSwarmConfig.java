package io.narthex.discovery.dockerswarm;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.refresh.Refreshing;
import io.narthex.discovery.section.Choice;
import io.narthex.discovery.section.Filter;
import io.narthex.discovery.section.Section;
import io.narthex.model.duration.Durations;
import io.narthex.net.client.HttpClientConfig;
import io.narthex.net.url.Url;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where to look for services, tasks or nodes of a Docker Swarm.
 *
 * @param http how to speak HTTP to it
 * @param host the daemon, as a URL
 * @param role what is looked for
 * @param port the port of every target
 * @param filters which of them
 * @param refreshInterval time between two looks
 */
public record DockerSwarmConfig(
    HttpClientConfig http,
    String host,
    Role role,
    int port,
    List<Filter> filters,
    Duration refreshInterval)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "dockerswarm_sd_configs";

  /** What dockerswarm can be asked for. */
  public enum Role implements Choice {
    SERVICES("services"),
    TASKS("tasks"),
    NODES("nodes");

    private final String text;

    Role(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }

    static Role decode(YamlValue value) {
      return Choice.decode(
          value, values(), name -> "invalid role " + name + ", expected tasks, services, or nodes");
    }
  }

  public DockerSwarmConfig {
    filters = List.copyOf(filters);
  }

  /** Reads one configuration. */
  public static DockerSwarmConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "moby.plain");
    HttpClientConfig.Draft http = HttpClientConfig.read(map);
    String host = map.text("host", "");
    @Nullable Role role = map.optional("role", Role::decode);
    int port = map.whole("port", 80);
    List<Filter> filters = Filter.read(map, "filters");
    Duration refreshInterval =
        map.value("refresh_interval", Duration.ofSeconds(60), Durations::decode);
    map.finish();
    if (host.isEmpty()) {
      throw map.self().error("host missing");
    }
    Url.parse(map.self(), host);
    if (role == null) {
      throw map.self().error("role missing (one of: tasks, services, nodes)");
    }
    HttpClientConfig client = http.complete();
    return new DockerSwarmConfig(client, host, role, port, filters, refreshInterval);
  }

  @Override
  public String mechanism() {
    return "dockerswarm";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new Refreshing(mechanism(), refreshInterval, context, () -> new Swarm(this, context));
  }

  @Override
  public void write(YamlWriter.Map out) {
    http.write(out);
    out.put("host", host);
    out.put("role", role.text());
    out.whole("port", port);
    Filter.write(out, "filters", filters);
    out.put("refresh_interval", Durations.print(refreshInterval));
  }
}
