package io.narthex.discovery.dockerswarm;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.Daemon;
import io.narthex.discovery.moby.Networks;
import io.narthex.discovery.refresh.Source;
import io.narthex.discovery.section.Filter;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What a manager of the swarm tells: services, tasks or nodes. */
final class Swarm implements Source {

  static final String META = "__meta_dockerswarm_";

  private final DockerSwarmConfig config;
  private final Daemon daemon;

  Swarm(DockerSwarmConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.daemon = new Daemon(config.host(), config.http(), config.refreshInterval(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<Labels> targets =
        switch (config.role()) {
          case SERVICES -> services();
          case TASKS -> tasks();
          case NODES -> nodes();
        };
    return List.of(new TargetGroup("DockerSwarm", Labels.EMPTY, targets));
  }

  private List<Labels> services() throws IOException {
    List<JsonValue> services = list("/services", config.filters(), "services");
    Networks networks = networks();
    List<Labels> targets = new ArrayList<>();
    for (JsonValue service : services) {
      ServiceLabels.addTargets(targets, service, networks, config.port());
    }
    return targets;
  }

  private List<Labels> nodes() throws IOException {
    List<Labels> targets = new ArrayList<>();
    for (JsonValue node : list("/nodes", config.filters(), "nodes")) {
      targets.add(NodeLabels.target(node, config.port()));
    }
    return targets;
  }

  private List<Labels> tasks() throws IOException {
    List<JsonValue> tasks = list("/tasks", config.filters(), "tasks");
    Map<String, JsonValue> services = byId(list("/services", List.of(), "services"));
    Map<String, JsonValue> nodes = byId(list("/nodes", List.of(), "nodes"));
    TaskLabels labels = new TaskLabels(services, nodes, networks(), config.port());
    List<Labels> targets = new ArrayList<>();
    for (JsonValue task : tasks) {
      labels.addTargets(targets, task);
    }
    return targets;
  }

  private List<JsonValue> list(String path, List<Filter> filters, String what) throws IOException {
    try {
      return daemon.list(path, filters);
    } catch (IOException e) {
      throw new IOException("error while listing swarm " + what + ": " + e.getMessage(), e);
    }
  }

  private Networks networks() throws IOException {
    try {
      return new Networks(daemon, META);
    } catch (IOException e) {
      throw new IOException("error while computing swarm network labels: " + e.getMessage(), e);
    }
  }

  private static Map<String, JsonValue> byId(List<JsonValue> things) throws IOException {
    Map<String, JsonValue> byId = new HashMap<>();
    for (JsonValue thing : things) {
      byId.put(thing.text("ID"), thing);
    }
    return byId;
  }

  /** The address of one with the length of its network behind it. */
  static String address(String withLength) throws IOException {
    int slash = withLength.indexOf('/');
    if (slash <= 0) {
      throw new IOException(
          "error while parsing address " + withLength + ": invalid CIDR address: " + withLength);
    }
    return withLength.substring(0, slash);
  }

  @Override
  public void close() {
    daemon.close();
  }
}
