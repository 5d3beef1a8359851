package io.narthex.discovery.serverset;

import io.narthex.base.yaml.YamlMap;
import io.narthex.base.yaml.YamlValue;
import io.narthex.base.yaml.YamlWriter;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.section.Section;
import io.narthex.discovery.zookeeper.ZooKeeperDiscovery;
import io.narthex.model.duration.Durations;
import java.time.Duration;
import java.util.List;

/**
 * Where to look for server sets of Finagle in ZooKeeper.
 *
 * @param servers the ZooKeeper servers
 * @param paths where to look, each from the root
 * @param timeout how long a session outlives its connection
 */
public record ServersetConfig(List<String> servers, List<String> paths, Duration timeout)
    implements DiscoveryConfig {

  /** The key in configuration files. */
  public static final String KEY = "serverset_sd_configs";

  public ServersetConfig {
    servers = List.copyOf(servers);
    paths = List.copyOf(paths);
  }

  /** Reads one configuration. */
  public static ServersetConfig decode(YamlValue value) {
    YamlMap map = Section.open(value, KEY, "zookeeper.plain");
    List<String> servers = map.texts("servers");
    List<String> paths = map.texts("paths");
    Duration timeout = map.value("timeout", Duration.ofSeconds(10), Durations::decode);
    map.finish();
    if (servers.isEmpty()) {
      throw map.self().error("serverset SD config must contain at least one Zookeeper server");
    }
    if (paths.isEmpty()) {
      throw map.self().error("serverset SD config must contain at least one path");
    }
    for (String path : paths) {
      if (!path.startsWith("/")) {
        throw map.error("paths", "serverset SD config paths must begin with '/': " + path);
      }
    }
    return new ServersetConfig(servers, paths, timeout);
  }

  @Override
  public String mechanism() {
    return "serverset";
  }

  @Override
  public Discovery open(DiscoveryContext context) {
    return new ZooKeeperDiscovery(
        mechanism(), servers, paths, timeout, ServersetMember::labels, context);
  }

  @Override
  public void write(YamlWriter.Map out) {
    out.textsOrNone("servers", servers);
    out.textsOrNone("paths", paths);
    Durations.write(out, "timeout", timeout);
  }
}
