package io.narthex.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.YamlWriter;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DiscoveryManagerTest {

  private final FakeClock clock = new FakeClock(0);
  private final BlockingQueue<Map<String, List<TargetGroup>>> deliveries =
      new LinkedBlockingQueue<>();
  private final DiscoveryManager manager =
      new DiscoveryManager(
          new DiscoveryContext(
              clock, new DiscoveryMetrics(new PrometheusRegistry(), "scrape"), "test"),
          Duration.ofSeconds(5),
          deliveries::add);

  @AfterEach
  void close() {
    manager.close();
  }

  /** A mechanism that finds one group at once and then what the test gives it. */
  private static final class Mechanism implements DiscoveryConfig {
    final BlockingQueue<List<TargetGroup>> found = new LinkedBlockingQueue<>();
    final AtomicInteger opened = new AtomicInteger();
    final AtomicInteger ended = new AtomicInteger();

    @Override
    public String mechanism() {
      return "test";
    }

    @Override
    public Discovery open(DiscoveryContext context) {
      opened.incrementAndGet();
      return new Discovery() {
        @Override
        public List<TargetGroup> known() {
          return List.of(group("known", "a:1"));
        }

        @Override
        public void run(Sink sink) throws InterruptedException {
          try {
            while (true) {
              sink.update(found.take());
            }
          } finally {
            ended.incrementAndGet();
          }
        }
      };
    }

    @Override
    public void write(YamlWriter.Map out) {
      out.put("test", "");
    }
  }

  private static TargetGroup group(String source, String... addresses) {
    return new TargetGroup(
        source,
        Labels.EMPTY,
        java.util.Arrays.stream(addresses).map(a -> Labels.of("__address__", a)).toList());
  }

  private Map<String, List<TargetGroup>> next() throws InterruptedException {
    Map<String, List<TargetGroup>> delivery = deliveries.poll(30, TimeUnit.SECONDS);
    assertThat(delivery).isNotNull();
    return delivery;
  }

  @Test
  void whatIsKnownComesAtOnceAndJobsWithoutTargetsToo() throws InterruptedException {
    manager.apply(Map.of("one", List.of(new Mechanism()), "none", List.of()));
    assertThat(next()).isEqualTo(Map.of("one", List.of(group("known", "a:1")), "none", List.of()));
  }

  @Test
  void theFirstDeliveryIsWhole() throws InterruptedException {
    Map<String, List<DiscoveryConfig>> jobs = new java.util.TreeMap<>();
    for (int i = 0; i < 50; i++) {
      jobs.put("job" + i, List.of(new Mechanism()));
    }
    manager.apply(jobs);
    assertThat(next()).hasSize(50).allSatisfy((job, groups) -> assertThat(groups).hasSize(1));
  }

  @Test
  void laterFindingsComeOncePerInterval() throws InterruptedException {
    Mechanism mechanism = new Mechanism();
    manager.apply(Map.of("job", List.of(mechanism)));
    next();
    clock.awaitSleepers(1);
    mechanism.found.add(List.of(group("x", "b:1")));
    mechanism.found.add(List.of(group("x", "c:1"), group("known")));
    while (!mechanism.found.isEmpty()) {
      Thread.onSpinWait();
    }
    assertThat(deliveries).isEmpty();
    clock.advance(Duration.ofSeconds(5));
    assertThat(next()).containsKey("job");
    // The last update may have come just behind the delivery.
    mechanism.found.add(List.of());
    clock.awaitSleepers(1);
    clock.advance(Duration.ofSeconds(5));
    assertThat(next()).isEqualTo(Map.of("job", List.of(group("x", "c:1"))));
  }

  @Test
  void equalConfigurationsShareOneSearchWhichSurvivesAReload() throws InterruptedException {
    Mechanism mechanism = new Mechanism();
    manager.apply(Map.of("one", List.of(mechanism), "two", List.of(mechanism)));
    assertThat(next())
        .isEqualTo(
            Map.of("one", List.of(group("known", "a:1")), "two", List.of(group("known", "a:1"))));
    clock.awaitSleepers(1);
    manager.apply(Map.of("three", List.of(mechanism)));
    clock.advance(Duration.ofSeconds(5));
    assertThat(next()).isEqualTo(Map.of("three", List.of(group("known", "a:1"))));
    assertThat(mechanism.opened).hasValue(1);
    assertThat(mechanism.ended).hasValue(0);
  }

  @Test
  void searchesThatAreNotWantedAnyMoreEnd() throws InterruptedException {
    Mechanism old = new Mechanism();
    manager.apply(Map.of("job", List.of(old)));
    next();
    clock.awaitSleepers(1);
    manager.apply(Map.of("job", List.of()));
    clock.advance(Duration.ofSeconds(5));
    assertThat(next()).isEqualTo(Map.of("job", List.of()));
    while (old.ended.get() == 0) {
      Thread.onSpinWait();
    }
  }

  @Test
  void nothingComesAfterTheClosing() throws InterruptedException {
    Mechanism mechanism = new Mechanism();
    manager.apply(Map.of("job", List.of(mechanism)));
    next();
    manager.close();
    assertThat(mechanism.ended).hasValue(1);
    manager.apply(Map.of("job", List.of(new Mechanism())));
    clock.advance(Duration.ofSeconds(5));
    assertThat(deliveries).isEmpty();
  }
}
