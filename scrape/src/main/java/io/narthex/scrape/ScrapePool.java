package io.narthex.scrape;

import io.narthex.base.time.Clock;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.exposition.ScrapeProtocol;
import io.narthex.model.labels.ValidationScheme;
import io.narthex.model.relabel.Relabelling;
import io.narthex.net.connect.Resolver;
import io.narthex.net.scrape.ScrapeClient;
import io.narthex.scrape.append.HistogramScraping;
import io.narthex.scrape.append.SampleLimits;
import io.narthex.scrape.append.SampleRules;
import io.narthex.scrape.append.SampleTimes;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.failure.FailureLogs;
import io.narthex.storage.Appendable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The targets of one job and their loops. One thread at a time changes it (the manager sees to
 * that); what it says of its targets may be read by any.
 */
final class ScrapePool {

  private static final Logger LOG = LoggerFactory.getLogger(ScrapePool.class);

  /** What all pools share. */
  record Shared(
      Appendable storage,
      Workers workers,
      Clock clock,
      ScrapeMetrics metrics,
      ScrapeOptions options,
      Resolver resolver,
      FailureLogs failures,
      Loops loops) {}

  /** Who is told of each loop. */
  interface Loops {
    void begun(ScrapeLoop loop);

    void over(ScrapeLoop loop);
  }

  private final Shared shared;
  private ScrapeConfig config;
  private TargetFactory factory;
  private LoopSettings settings;
  private List<TargetGroup> groups = List.of();
  private final Map<Target.Key, ScrapeLoop> loops = new LinkedHashMap<>();
  private volatile List<Target> active = List.of();
  private volatile List<DroppedTarget> dropped = List.of();
  private volatile List<FaultyTarget> faulty = List.of();
  private volatile int droppedCount;

  /**
   * @throws IllegalArgumentException if the configuration asks for what is not supported yet
   * @throws IOException if a file that it names cannot be read
   */
  ScrapePool(ScrapeConfig config, Shared shared) throws IOException {
    this.shared = shared;
    this.config = config;
    this.settings = settings(config);
    this.factory = new TargetFactory(config);
    limitMetric();
  }

  private LoopSettings settings(ScrapeConfig config) throws IOException {
    ScrapeClient client =
        new ScrapeClient(
            config.http(),
            ScrapeProtocol.accept(protocols(config), config.escaping().text()),
            config.enableCompression(),
            shared.options.userAgent(),
            shared.resolver,
            shared.clock,
            shared.workers.bodies());
    Relabelling relabelling = Relabelling.of(config.metricRelabelling());
    SampleRules rules =
        new SampleRules(
            config.honorLabels(),
            relabelling::dropping,
            config.validation() == ValidationScheme.LEGACY,
            shared.options.typeAndUnit(),
            new SampleLimits(
                config.limits().samples(),
                config.limits().labels(),
                config.limits().labelNameLength(),
                config.limits().labelValueLength()),
            new SampleTimes(config.honorTimestamps(), config.trackTimestampsStaleness()),
            shared.options.starts(),
            new HistogramScraping(
                config.histograms().scrapeNative(),
                config.histograms().alwaysScrapeClassic(),
                config.histograms().toCustomBuckets(),
                config.histograms().bucketLimit(),
                HistogramScraping.finestFor(config.histograms().minBucketFactor())));
    return new LoopSettings(
        client,
        rules,
        config.limits().bodySize(),
        config.fallbackProtocol(),
        shared.storage,
        shared.workers,
        shared.clock,
        shared.metrics,
        shared.options,
        config.extraMetrics(),
        config.metricRelabelling(),
        shared.failures,
        config.failureLogFile(),
        Thread.ofVirtual().name("scrape-" + config.jobName()).factory(),
        shared.loops::over);
  }

  /** What targets are asked for. Where starts are wanted the default is another. */
  private List<ScrapeProtocol> protocols(ScrapeConfig config) {
    boolean byDefault = config.protocols().equals(ScrapeProtocol.DEFAULT);
    return byDefault && shared.options.starts().wanted()
        ? ScrapeProtocol.PROTOBUF_FIRST
        : config.protocols();
  }

  private void limitMetric() {
    // Labels are interned by the storage, for all pools together, as in Prometheus' usual build.
    shared.metrics.poolSymbols.labelValues(config.jobName()).set(0);
    shared.metrics.poolTargetLimit.labelValues(config.jobName()).set(config.limits().targets());
  }

  ScrapeConfig config() {
    return config;
  }

  /**
   * Goes on with another configuration. Loops are replaced, each when the running scrape of its
   * predecessor is over; targets that the new rules do not make any more are removed.
   *
   * @throws IllegalArgumentException as the constructor; the old configuration stays in force
   * @throws IOException as the constructor
   */
  void reload(ScrapeConfig next) throws IOException {
    if (next.equals(config)) {
      return;
    }
    long start = shared.clock.nanos();
    shared.metrics.reloads.inc();
    LoopSettings nextSettings;
    try {
      nextSettings = settings(next);
    } catch (IOException | IllegalArgumentException e) {
      shared.metrics.reloadsFailed.inc();
      throw e;
    }
    LoopSettings before = settings;
    config = next;
    settings = nextSettings;
    factory = new TargetFactory(next);
    limitMetric();
    update(true);
    before.client().close();
    shared
        .metrics
        .reloadLength
        .labelValues(ScrapeMetrics.goText(next.interval()))
        .observe((shared.clock.nanos() - start) / 1e9);
  }

  /** Makes the targets of these groups, starts the new ones and stops those that are gone. */
  void sync(List<TargetGroup> found) {
    long start = shared.clock.nanos();
    groups = List.copyOf(found);
    update(false);
    String job = config.jobName();
    double seconds = (shared.clock.nanos() - start) / 1e9;
    shared.metrics.syncLength.labelValues(job).observe(seconds);
    shared.metrics.syncLengthHistogram.labelValues(job).observe(seconds);
    shared.metrics.poolSyncs.labelValues(job).inc();
  }

  private void update(boolean replace) {
    TargetFactory.Made made = factory.make(groups);
    for (String failure : made.failures) {
      LOG.atError()
          .addKeyValue("scrape_pool", config.jobName())
          .addKeyValue("err", failure)
          .log("Creating target failed");
    }
    shared.metrics.syncFailed.labelValues(config.jobName()).inc(made.failures.size());
    Map<Target.Key, Target> wanted = new LinkedHashMap<>();
    for (Target target : made.targets) {
      wanted.putIfAbsent(target.key(), target);
    }
    loops
        .entrySet()
        .removeIf(entry -> {
          boolean gone = !wanted.containsKey(entry.getKey());
          if (gone) {
            entry.getValue().stop(ScrapeLoop.End.REMOVED);
          }
          return gone;
        });
    List<ScrapeLoop> begun = new ArrayList<>();
    wanted.forEach((key, target) -> {
      ScrapeLoop old = loops.get(key);
      if (old == null) {
        begun.add(new ScrapeLoop(target, settings, null, false));
      } else {
        old.target().discoveredLabels(target.discoveredLabels());
        if (replace) {
          begun.add(new ScrapeLoop(old.target(), settings, old, true));
        }
      }
    });
    for (ScrapeLoop loop : begun) {
      ScrapeLoop old = loops.put(loop.target().key(), loop);
      if (old != null) {
        old.stop(ScrapeLoop.End.REPLACED);
      }
    }
    publish(made);
    limitTargets();
    for (ScrapeLoop loop : begun) {
      shared.loops.begun(loop);
      loop.start();
    }
  }

  private void publish(TargetFactory.Made made) {
    active = loops.values().stream().map(ScrapeLoop::target).toList();
    dropped = List.copyOf(made.dropped);
    faulty = List.copyOf(made.faulty);
    droppedCount = made.droppedCount;
    shared.metrics.poolTargets.labelValues(config.jobName()).set(active.size());
  }

  private void limitTargets() {
    long limit = config.limits().targets();
    String error = "";
    if (limit > 0 && loops.size() > limit) {
      shared.metrics.exceededTargetLimit.inc();
      error =
          "target_limit exceeded (number of targets: " + loops.size() + ", limit: " + limit + ")";
    }
    for (ScrapeLoop loop : loops.values()) {
      loop.forcedError(error);
    }
  }

  /** Removes all targets, because the job is no longer there. */
  void remove() {
    loops.values().forEach(loop -> loop.stop(ScrapeLoop.End.REMOVED));
    loops.clear();
    settings.client().close();
    active = List.of();
    dropped = List.of();
    faulty = List.of();
    shared.metrics.forget(config.jobName());
  }

  List<Target> active() {
    return active;
  }

  List<DroppedTarget> dropped() {
    return dropped;
  }

  List<FaultyTarget> faulty() {
    return faulty;
  }

  int droppedCount() {
    return droppedCount;
  }
}
