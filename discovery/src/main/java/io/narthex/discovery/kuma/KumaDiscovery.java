package io.narthex.discovery.kuma;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.metrics.MechanismMetrics;
import io.narthex.discovery.refresh.Opening;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits for new monitoring assignments, at most one fetch per interval. Not one of those that
 * refresh: upstream counts it by itself, and an answer may say that nothing is new.
 */
final class KumaDiscovery implements Discovery {

  private static final Logger LOG = LoggerFactory.getLogger(KumaDiscovery.class);

  private final KumaConfig config;
  private final DiscoveryContext context;

  KumaDiscovery(KumaConfig config, DiscoveryContext context) {
    this.config = config;
    this.context = context;
  }

  @Override
  public void run(Sink sink) throws InterruptedException {
    Duration interval = config.refreshInterval();
    try (MonitoringAssignments assignments =
        Opening.open(
            this,
            config.mechanism(),
            interval,
            context,
            () -> new MonitoringAssignments(config, context))) {
      while (true) {
        long begin = context.clock().nanos();
        poll(assignments, sink);
        context.clock().sleep(interval.minusNanos(context.clock().nanos() - begin));
      }
    }
  }

  private void poll(MonitoringAssignments assignments, Sink sink) throws InterruptedException {
    MechanismMetrics metrics = context.metrics().mechanisms();
    long begin = context.clock().nanos();
    try {
      List<Labels> targets = assignments.fetch();
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      if (targets == null) {
        metrics.kumaSkipped();
      } else {
        sink.update(List.of(new TargetGroup("kuma", Labels.EMPTY, targets)));
      }
    } catch (IOException e) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      metrics.kumaFailed();
      LOG.atError()
          .addKeyValue("discovery", config.mechanism())
          .addKeyValue("config", context.job())
          .addKeyValue("err", e.getMessage())
          .log("error parsing resources");
    } finally {
      metrics.kumaFetched((context.clock().nanos() - begin) / 1e9);
    }
  }
}
