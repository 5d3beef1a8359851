package io.narthex.discovery.consul;

import io.narthex.base.json.JsonValue;
import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.refresh.Opening;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/**
 * Watches services of Consul, each by a thread of its own: those that the catalog tells and the
 * section wants, or those that the section names. Each service is a group; one that is gone, or no
 * longer wanted, is told as an empty group after its thread has ended.
 *
 * <p>The catalog is not asked if it could not narrow down the names: then a service that is named
 * is found from the moment when it is registered.
 */
final class ConsulDiscovery implements Discovery {

  private final ConsulConfig config;
  private final DiscoveryContext context;
  private final Map<String, String> environment;

  /**
   * Makes it ready.
   *
   * @param environment of the process, where Consul's programs look as well
   */
  ConsulDiscovery(ConsulConfig config, DiscoveryContext context, Map<String, String> environment) {
    this.config = config;
    this.context = context;
    this.environment = Map.copyOf(environment);
  }

  @Override
  public void run(Sink sink) throws InterruptedException {
    try (ConsulApi api =
        Opening.open(
            this,
            config.mechanism(),
            Watch.PAUSE,
            context,
            () -> new ConsulApi(config, context, environment))) {
      String datacenter = datacenter(api);
      try (Watchers watchers = new Watchers()) {
        Search search = new Search(api, datacenter, watchers, sink);
        if (config.services().isEmpty() || !config.tags().isEmpty() || !config.filter().isEmpty()) {
          search.catalog().run();
        } else {
          search.adjust(new LinkedHashSet<>(config.services()));
          new CountDownLatch(1).await();
        }
      }
    }
  }

  private String datacenter(ConsulApi api) throws InterruptedException {
    if (!config.datacenter().isEmpty()) {
      return config.datacenter();
    }
    while (true) {
      try {
        return api.datacenter();
      } catch (IOException e) {
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        Watch.failed(context, "Error retrieving datacenter name", e);
      }
      context.clock().sleep(Watch.PAUSE);
    }
  }

  /** What is known while it runs; belongs to the thread that runs the discovery. */
  private final class Search {
    private final ConsulApi api;
    private final String datacenter;
    private final Watchers watchers;
    private final Sink sink;

    /** Whether the sink was told that there is nothing, which is news as well. */
    private boolean told;

    Search(ConsulApi api, String datacenter, Watchers watchers, Sink sink) {
      this.api = api;
      this.datacenter = datacenter;
      this.watchers = watchers;
      this.sink = sink;
    }

    Watch catalog() {
      return new Watch(
          context,
          config.refreshInterval(),
          "Error refreshing service list",
          api::services,
          services -> adjust(wanted(services)));
    }

    private Set<String> wanted(JsonValue services) throws IOException {
      Set<String> wanted = new LinkedHashSet<>();
      for (Map.Entry<String, JsonValue> service : services.members().entrySet()) {
        String name = service.getKey();
        boolean named = config.services().isEmpty() || config.services().contains(name);
        if (named && service.getValue().texts().containsAll(config.tags())) {
          wanted.add(name);
        }
      }
      return wanted;
    }

    /** Lets these services be watched and no others. */
    void adjust(Set<String> wanted) throws InterruptedException {
      Set<String> gone = new TreeSet<>(watchers.names());
      gone.removeAll(wanted);
      if (!gone.isEmpty()) {
        watchers.stop(gone);
        sink.update(
            gone.stream().map(name -> new TargetGroup(name, Labels.EMPTY, List.of())).toList());
      }
      Set<String> present = watchers.names();
      for (String name : wanted) {
        if (!present.contains(name)) {
          watchers.start(name, service(name)::run);
        }
      }
      if (wanted.isEmpty() && !told) {
        sink.update(List.of());
      }
      told = true;
    }

    private Watch service(String name) {
      Group group = new Group();
      return new Watch(
          context,
          config.refreshInterval(),
          "Error refreshing service " + name,
          index -> api.instances(name, index),
          entries ->
              group.tell(Instances.group(name, datacenter, config.tagSeparator(), entries), sink));
    }
  }

  /** The group of one service as the sink knows it; an index may change and nothing else. */
  private static final class Group {
    private @Nullable TargetGroup last;

    void tell(TargetGroup group, Sink sink) {
      if (!group.equals(last)) {
        last = group;
        sink.update(List.of(group));
      }
    }
  }
}
