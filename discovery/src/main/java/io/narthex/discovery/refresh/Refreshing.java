package io.narthex.discovery.refresh;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.metrics.RefreshMetrics;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A search that asks its source at once and then once per interval, and tells what changed. A
 * source that fails is asked again at the next turn, one that could not be opened is opened then.
 */
public final class Refreshing implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(Refreshing.class);

  private final String mechanism;
  private final Duration interval;
  private final DiscoveryContext context;
  private final Opening.Opener<Source> opener;

  /** What the last good answer held. */
  private Map<String, TargetGroup> last = Map.of();

  /** Whether the sink was told anything: an empty first answer is news as well. */
  private boolean told;

  /**
   * Makes it ready.
   *
   * @param mechanism its name in metrics and messages
   * @param interval from the beginning of one question to that of the next
   */
  public Refreshing(
      String mechanism,
      Duration interval,
      DiscoveryContext context,
      Opening.Opener<Source> opener) {
    this.mechanism = mechanism;
    this.interval = interval;
    this.context = context;
    this.opener = opener;
  }

  @Override
  public void run(Sink sink) throws InterruptedException {
    @Nullable Source source = null;
    try {
      while (true) {
        long begin = context.clock().nanos();
        if (source == null) {
          source = Opening.attempt(this, mechanism, context, opener);
        }
        if (source != null) {
          ask(source, sink);
        }
        Duration left = interval.minusNanos(context.clock().nanos() - begin);
        if (left.isPositive()) {
          context.clock().sleep(left);
        }
      }
    } finally {
      if (source != null) {
        source.close();
      }
    }
  }

  private void ask(Source source, Sink sink) throws InterruptedException {
    RefreshMetrics metrics = context.metrics().refresh();
    long begin = context.clock().nanos();
    try {
      List<TargetGroup> groups = source.refresh();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      tell(groups, sink);
    } catch (IOException | IllegalArgumentException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      metrics.failed(mechanism, context.job());
      LOG.atError()
          .addKeyValue("discovery", mechanism)
          .addKeyValue("config", context.job())
          .addKeyValue("err", e.getMessage())
          .log("Unable to refresh target groups");
    } finally {
      metrics.took(mechanism, context.job(), (context.clock().nanos() - begin) / 1e9);
    }
  }

  private void tell(List<TargetGroup> groups, Sink sink) {
    Map<String, TargetGroup> now = new LinkedHashMap<>();
    groups.forEach(group -> now.put(group.source(), group));
    List<TargetGroup> changes = new ArrayList<>();
    now.forEach((name, group) -> {
      if (!group.equals(last.get(name))) {
        changes.add(group);
      }
    });
    last.forEach((name, group) -> {
      if (!now.containsKey(name)) {
        changes.add(new TargetGroup(name, group.labels(), List.of()));
      }
    });
    last = now;
    if (!changes.isEmpty() || !told) {
      told = true;
      sink.update(changes);
    }
  }
}
