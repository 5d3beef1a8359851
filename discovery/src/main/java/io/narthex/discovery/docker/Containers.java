package io.narthex.discovery.docker;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.moby.Daemon;
import io.narthex.discovery.moby.Networks;
import io.narthex.discovery.refresh.Source;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Containers, each in its networks, or in those of the container whose network it shares. */
final class Containers implements Source {

  private static final String SHARED = "container:";

  private final DockerConfig config;
  private final Daemon daemon;

  Containers(DockerConfig config, DiscoveryContext context) throws IOException {
    this.config = config;
    this.daemon = new Daemon(config.host(), config.http(), config.refreshInterval(), context);
  }

  @Override
  public List<TargetGroup> refresh() throws IOException {
    List<JsonValue> containers;
    try {
      containers = daemon.list("/containers/json", config.filters());
    } catch (IOException e) {
      throw new IOException("error while listing containers: " + e.getMessage(), e);
    }
    ContainerLabels labels;
    try {
      labels = new ContainerLabels(config, new Networks(daemon, ContainerLabels.META));
    } catch (IOException e) {
      throw new IOException("error while computing network labels: " + e.getMessage(), e);
    }
    Map<String, JsonValue> byId = new HashMap<>();
    for (JsonValue container : containers) {
      byId.put(container.text("Id"), container);
    }
    List<Labels> targets = new ArrayList<>();
    for (JsonValue container : containers) {
      if (!container.get("Names").items().isEmpty()) {
        labels.addTargets(targets, container, endpoints(container, byId));
      }
    }
    return List.of(new TargetGroup("Docker", Labels.EMPTY, targets));
  }

  /** Where the container is attached: the networks by name, all or only the first. */
  private List<JsonValue> endpoints(JsonValue container, Map<String, JsonValue> byId)
      throws IOException {
    TreeMap<String, JsonValue> endpoints = attached(container);
    JsonValue at = container;
    Set<String> seen = new HashSet<>();
    while (endpoints.isEmpty()) {
      String mode = at.get("HostConfig").text("NetworkMode");
      JsonValue other = mode.startsWith(SHARED) ? byId.get(mode.substring(SHARED.length())) : null;
      if (other == null || !seen.add(mode)) {
        break;
      }
      at = other;
      endpoints = attached(at);
    }
    boolean onlyFirst = config.matchFirstNetwork() && !endpoints.isEmpty();
    return onlyFirst ? List.of(endpoints.firstEntry().getValue()) : List.copyOf(endpoints.values());
  }

  private static TreeMap<String, JsonValue> attached(JsonValue container) throws IOException {
    TreeMap<String, JsonValue> endpoints = new TreeMap<>();
    container
        .get("NetworkSettings")
        .get("Networks")
        .members()
        .forEach((name, endpoint) -> {
          if (!endpoint.isNull()) {
            endpoints.put(name, endpoint);
          }
        });
    return endpoints;
  }

  @Override
  public void close() {
    daemon.close();
  }
}
