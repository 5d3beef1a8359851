package io.narthex.scrape;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.hash.Hashes;
import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryManager;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.net.connect.Resolver;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.failure.FailureLogs;
import io.narthex.storage.Appendable;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All jobs, their targets and their scraping. Give it a configuration by {@link #apply}, and what
 * is discovered by {@link #targets} (it is the listener of a {@link DiscoveryManager}), in either
 * order, again and again. Thread-safe.
 */
public final class ScrapeManager implements DiscoveryManager.Listener, AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ScrapeManager.class);

  private final ScrapePool.Shared shared;
  private final Set<ScrapeLoop> running = ConcurrentHashMap.newKeySet();
  private final FailureLogs failures;
  private final Object changing = new Object();
  private volatile Map<String, ScrapePool> pools = Map.of();
  private Map<String, List<TargetGroup>> found = Map.of();
  private boolean closed;

  /**
   * Starts without jobs.
   *
   * @param storage where samples go
   * @param registry where its own metrics are registered
   */
  public ScrapeManager(
      Appendable storage, Clock clock, ScrapeOptions options, PrometheusRegistry registry) {
    this(storage, clock, options, registry, Resolver.system());
  }

  ScrapeManager(
      Appendable storage,
      Clock clock,
      ScrapeOptions options,
      PrometheusRegistry registry,
      Resolver resolver) {
    this.failures = new FailureLogs(clock);
    int cores = Math.max(1, Runtime.getRuntime().availableProcessors());
    this.shared =
        new ScrapePool.Shared(
            storage,
            new Workers(cores, options.bodyMemory(), options.metadataRecords(), clock),
            clock,
            new ScrapeMetrics(registry, this::activeTargets),
            options,
            resolver,
            failures,
            new ScrapePool.Loops() {
              @Override
              public void begun(ScrapeLoop loop) {
                running.add(loop);
              }

              @Override
              public void over(ScrapeLoop loop) {
                running.remove(loop);
              }
            });
  }

  /**
   * The seed that spreads the scrapes of replicas with other names or other external labels.
   *
   * @param hostname the machine's full name
   */
  public static long offsetSeed(String hostname, Labels externalLabels) {
    byte[] text = Utf8.bytes(hostname + externalLabels);
    return Hashes.fnv1a64(text, 0, text.length);
  }

  /**
   * Puts a configuration into force. Jobs that have not changed are left alone; all that can be put
   * into force is, even if one job cannot.
   *
   * @param configs the jobs, each name once
   * @throws IllegalArgumentException if a job asks for what is not supported yet, or names a file
   *     that cannot be read; the message names the job
   * @throws UncheckedIOException if a file for failed scrapes cannot be opened; then nothing has
   *     changed
   */
  public void apply(Collection<ScrapeConfig> configs) {
    List<String> problems = new ArrayList<>();
    synchronized (changing) {
      if (closed) {
        return;
      }
      FailureLogs.Next logs = openLogs(configs);
      Map<String, ScrapePool> next = new TreeMap<>();
      for (ScrapeConfig config : configs) {
        ScrapePool pool = pools.get(config.jobName());
        try {
          if (pool == null) {
            pool = create(config);
          } else {
            pool.reload(config);
          }
        } catch (IOException | IllegalArgumentException e) {
          LOG.atError()
              .addKeyValue("scrape_pool", config.jobName())
              .addKeyValue("err", e.getMessage())
              .log("error reloading target set");
          problems.add("scrape pool " + config.jobName() + ": " + e.getMessage());
        }
        if (pool != null) {
          next.put(config.jobName(), pool);
        }
      }
      pools.forEach((job, pool) -> {
        if (!next.containsKey(job)) {
          pool.remove();
        }
      });
      pools = next;
      failures.use(logs);
    }
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
  }

  private FailureLogs.Next openLogs(Collection<ScrapeConfig> configs) {
    try {
      return failures.open(configs.stream().map(ScrapeConfig::failureLogFile).toList());
    } catch (IOException e) {
      throw new UncheckedIOException(e.getMessage(), e);
    }
  }

  private ScrapePool create(ScrapeConfig config) throws IOException {
    shared.metrics().pools.inc();
    ScrapePool pool;
    try {
      pool = new ScrapePool(config, shared);
    } catch (IOException | IllegalArgumentException e) {
      shared.metrics().poolsFailed.inc();
      throw e;
    }
    List<TargetGroup> groups = found.get(config.jobName());
    if (groups != null) {
      pool.sync(groups);
    }
    return pool;
  }

  /** Takes the target groups of all jobs. */
  @Override
  public void targets(Map<String, List<TargetGroup>> byJob) {
    synchronized (changing) {
      if (closed) {
        return;
      }
      found = Map.copyOf(byJob);
      pools.forEach((job, pool) -> pool.sync(byJob.getOrDefault(job, List.of())));
    }
  }

  /** The names of the jobs, sorted. */
  public List<String> scrapePools() {
    return List.copyOf(pools.keySet());
  }

  /** The configuration of each job. */
  public Map<String, ScrapeConfig> configs() {
    return pools.entrySet().stream()
        .collect(
            Collectors.toMap(
                Map.Entry::getKey, e -> e.getValue().config(), (a, b) -> a, TreeMap::new));
  }

  /** The targets that are scraped, by job, sorted by job. */
  public Map<String, List<Target>> activeTargets() {
    return byJob(ScrapePool::active);
  }

  /** The targets that relabelling dropped, by job, as many as are kept. */
  public Map<String, List<DroppedTarget>> droppedTargets() {
    return byJob(ScrapePool::dropped);
  }

  /** What was found and cannot be a target, by job, as many as are kept. */
  public Map<String, List<FaultyTarget>> faultyTargets() {
    return byJob(ScrapePool::faulty);
  }

  /** How many targets relabelling dropped, by job. */
  public Map<String, Integer> droppedTargetCounts() {
    return byJob(ScrapePool::droppedCount);
  }

  private <T> Map<String, T> byJob(Function<ScrapePool, T> of) {
    Map<String, T> all = new TreeMap<>();
    pools.forEach((job, pool) -> all.put(job, of.apply(pool)));
    return all;
  }

  /** Stops all scraping, running fetches included. When it returns nothing is written any more. */
  @Override
  public void close() {
    synchronized (changing) {
      closed = true;
    }
    List<ScrapeLoop> last = List.copyOf(running);
    last.forEach(loop -> loop.stop(ScrapeLoop.End.SHUTDOWN));
    boolean interrupted = false;
    for (ScrapeLoop loop : last) {
      try {
        loop.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    failures.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
