package io.narthex.discovery.zookeeper;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlMap;
import io.narthex.discovery.BackEndAcceptance;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Mechanisms whose targets are nodes of ZooKeeper, with a real one. */
public abstract class ZooKeeperAcceptance extends BackEndAcceptance {

  private static final String PATH = "/services/web";

  @TempDir private Path folder;
  protected LiveZooKeeper zoo;

  /** The key of the section. */
  protected abstract String key();

  /** What the node of a target holds. */
  protected abstract String member(int number);

  @BeforeEach
  final void startZooKeeper() throws Exception {
    zoo = new LiveZooKeeper(folder);
  }

  @AfterEach
  final void stopZooKeeper() throws Exception {
    zoo.close();
  }

  @Override
  protected String section() {
    return section(PATH);
  }

  /** A section with these paths. */
  protected final String section(String paths) {
    return key() + ": [{servers: ['" + zoo.address() + "'], paths: [" + paths + "]}]";
  }

  @Override
  protected DiscoveryConfig open(String section) {
    return Yaml.decode(
            section,
            value -> {
              YamlMap map = value.map("test");
              List<DiscoveryConfig> read = DiscoveryKeys.read(map);
              map.finish();
              return read;
            })
        .getFirst();
  }

  @Override
  protected void serve(int targets) throws Exception {
    zoo.set(PATH, "");
    for (String name : zoo.children(PATH)) {
      if (Integer.parseInt(name.substring("member_".length())) > targets) {
        zoo.delete(PATH + "/" + name);
      }
    }
    for (int i = 1; i <= targets; i++) {
      zoo.set(PATH + "/member_" + i, member(i));
    }
  }

  @Override
  protected String address(int number) {
    return "host" + number + ":9100";
  }

  @Override
  protected void away() throws Exception {
    zoo.away();
  }

  @Override
  protected void back() throws Exception {
    zoo.back();
  }

  @Override
  protected String failureMetric() {
    return "prometheus_treecache_zookeeper_failures";
  }
}
