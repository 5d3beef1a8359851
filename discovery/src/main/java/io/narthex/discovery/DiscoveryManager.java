package io.narthex.discovery;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs the searches of all jobs. Jobs with equal configurations share one search. What was found is
 * handed on as a whole, at once in the beginning and later at most once per interval, so that a
 * restless discovery does not keep everybody busy. Thread-safe.
 */
public final class DiscoveryManager implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(DiscoveryManager.class);

  /** Takes the targets of all jobs. Called by one thread at a time. */
  @FunctionalInterface
  public interface Listener {

    /** Takes the groups of every configured job; a job without any has an empty list. */
    void targets(Map<String, List<TargetGroup>> byJob);
  }

  private static final class Search {
    final DiscoveryConfig config;

    /** Which job wanted it first. */
    final String job;

    final Map<String, TargetGroup> groups = new LinkedHashMap<>();
    @Nullable Thread thread;

    Search(DiscoveryConfig config, String job) {
      this.config = config;
      this.job = job;
    }
  }

  private final DiscoveryContext context;
  private final Duration interval;
  private final Listener listener;
  private final Map<DiscoveryConfig, Search> searches = new HashMap<>();
  private Map<String, List<DiscoveryConfig>> jobs = Map.of();
  private boolean changed;

  /** While a configuration is being put into force nothing is handed on: it would be half of it. */
  private int applying;

  private boolean closed;
  private final Thread sender;

  /**
   * Starts without jobs.
   *
   * @param interval the least time between two deliveries; 5 s upstream
   */
  public DiscoveryManager(DiscoveryContext context, Duration interval, Listener listener) {
    this.context = context;
    this.interval = interval;
    this.listener = listener;
    this.sender = Thread.ofVirtual().name("discovery").start(this::send);
  }

  /**
   * Puts a configuration into force: searches that stay keep what they found, new ones begin, the
   * others end.
   */
  public void apply(Map<String, List<DiscoveryConfig>> byJob) {
    List<Search> begun = new ArrayList<>();
    Map<DiscoveryConfig, String> wanted = new LinkedHashMap<>();
    byJob.forEach((job, configs) -> configs.forEach(config -> wanted.putIfAbsent(config, job)));
    List<Search> ended = new ArrayList<>();
    synchronized (this) {
      if (closed) {
        return;
      }
      searches
          .values()
          .removeIf(search -> {
            boolean ends = !wanted.containsKey(search.config);
            if (ends) {
              ended.add(search);
            }
            return ends;
          });
      wanted.forEach((config, job) -> {
        if (!searches.containsKey(config)) {
          Search search = new Search(config, job);
          searches.put(config, search);
          begun.add(search);
        }
      });
      forgetTargets();
      jobs = new TreeMap<>(byJob);
      applying++;
    }
    try {
      begin(begun, ended);
    } finally {
      synchronized (this) {
        applying--;
        changed = true;
        notifyAll();
      }
    }
  }

  private void begin(List<Search> begun, List<Search> ended) {
    ended.forEach(DiscoveryManager::stop);
    for (Search search : begun) {
      Discovery discovery = search.config.open(context.forJob(search.job));
      update(search, discovery.known());
      Thread thread =
          Thread.ofVirtual()
              .name("discovery-" + search.config.mechanism())
              .unstarted(() -> run(search, discovery));
      synchronized (this) {
        // Whoever closed the manager meanwhile, or brought another configuration, did not see it.
        if (searches.get(search.config) == search) {
          search.thread = thread;
          thread.start();
        }
      }
    }
  }

  private void run(Search search, Discovery discovery) {
    try {
      discovery.run(groups -> update(search, groups));
    } catch (InterruptedException e) {
      LOG.atDebug().addKeyValue("provider", search.config.mechanism()).log("Discovery stopped");
    } finally {
      context.metrics().ended(discovery);
    }
  }

  private synchronized void update(Search search, List<TargetGroup> groups) {
    context.metrics().receivedUpdates.labelValues(context.metrics().name()).inc();
    if (searches.get(search.config) != search) {
      return;
    }
    for (TargetGroup group : groups) {
      if (group.targets().isEmpty()) {
        search.groups.remove(group.source());
      } else {
        search.groups.put(group.source(), group);
      }
    }
    changed = true;
    notifyAll();
  }

  private void send() {
    try {
      while (true) {
        Map<String, List<TargetGroup>> targets;
        synchronized (this) {
          while (!changed || applying > 0) {
            wait();
          }
          changed = false;
          targets = collect();
        }
        deliver(targets);
        context.clock().sleep(interval);
      }
    } catch (InterruptedException e) {
      LOG.debug("Discovery manager stopped");
    }
  }

  private void deliver(Map<String, List<TargetGroup>> targets) {
    try {
      listener.targets(targets);
      DiscoveryMetrics metrics = context.metrics();
      metrics.sentUpdates.labelValues(metrics.name()).inc();
      double now = context.clock().millis() / 1e3;
      targets.keySet().forEach(job -> metrics.lastUpdate.labelValues(metrics.name(), job).set(now));
    } catch (RuntimeException e) {
      context.metrics().delayed();
      LOG.atError().setCause(e).log("Targets were not taken; the next update brings them again");
    }
  }

  private Map<String, List<TargetGroup>> collect() {
    Map<String, List<TargetGroup>> all = new TreeMap<>();
    jobs.forEach((job, configs) -> {
      List<TargetGroup> groups = new ArrayList<>();
      for (DiscoveryConfig config : new HashSet<>(configs)) {
        Search search = searches.get(config);
        if (search != null) {
          groups.addAll(search.groups.values());
        }
      }
      int targets = groups.stream().mapToInt(group -> group.targets().size()).sum();
      context.metrics().discoveredTargets.labelValues(context.metrics().name(), job).set(targets);
      all.put(job, List.copyOf(groups));
    });
    return all;
  }

  private void forgetTargets() {
    for (String job : jobs.keySet()) {
      context.metrics().discoveredTargets.remove(context.metrics().name(), job);
      context.metrics().lastUpdate.remove(context.metrics().name(), job);
    }
  }

  private static void stop(Search search) {
    Thread thread = search.thread;
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Ends all searches; nothing is delivered any more when this returns. */
  @Override
  public void close() {
    List<Search> running;
    synchronized (this) {
      closed = true;
      running = List.copyOf(searches.values());
      searches.clear();
    }
    sender.interrupt();
    running.forEach(DiscoveryManager::stop);
    boolean interrupted = false;
    List<Thread> threads = new ArrayList<>();
    threads.add(sender);
    for (Search search : running) {
      if (search.thread != null) {
        threads.add(search.thread);
      }
    }
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
