package io.narthex.discovery.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class OpeningTest {

  private final FakeClock clock = new FakeClock(0);
  private final PrometheusRegistry registry = new PrometheusRegistry();
  private final DiscoveryContext context =
      new DiscoveryContext(clock, new DiscoveryMetrics(registry, "scrape"), "test");

  private double broken() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_failed_configs"))
        .mapToDouble(metric -> ((GaugeSnapshot) metric).getDataPoints().getFirst().getValue())
        .sum();
  }

  @Test
  void whatCannotBeOpenedIsTriedAgain() throws Exception {
    AtomicInteger attempts = new AtomicInteger();
    Discovery search = sink -> {};
    CompletableFuture<String> opened = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(() -> {
          try {
            opened.complete(
                Opening.open(
                    search,
                    "test",
                    Duration.ofSeconds(30),
                    context,
                    () -> {
                      if (attempts.incrementAndGet() < 3) {
                        throw new IOException("no certificate");
                      }
                      return "open";
                    }));
          } catch (InterruptedException e) {
            opened.completeExceptionally(e);
          }
        });
    clock.awaitSleeps(1);
    assertThat(broken()).isEqualTo(1);
    clock.advance(Duration.ofSeconds(30));
    clock.awaitSleeps(2);
    clock.advance(Duration.ofSeconds(30));
    assertThat(opened.get(10, TimeUnit.SECONDS)).isEqualTo("open");
    assertThat(attempts).hasValue(3);
    assertThat(broken()).isZero();
  }
}
