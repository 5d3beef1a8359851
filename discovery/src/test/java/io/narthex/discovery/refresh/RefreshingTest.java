package io.narthex.discovery.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** What the search does with answers that are none; the rest is in the acceptance suites. */
final class RefreshingTest {

  private final FakeClock clock = new FakeClock(0);
  private final DiscoveryContext context =
      new DiscoveryContext(
          clock, new DiscoveryMetrics(new PrometheusRegistry(), "scrape"), "test", "job");

  @Test
  void goesOnAfterAnAnswerWithSomethingThatIsNoUrl() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    TargetGroup group =
        new TargetGroup("a", Labels.EMPTY, List.of(Labels.of("__address__", "b:1")));
    Source source =
        () -> {
          if (asked.incrementAndGet() == 1) {
            throw new IllegalArgumentException("unsupported protocol scheme");
          }
          return List.of(group);
        };
    LinkedBlockingQueue<List<TargetGroup>> updates = new LinkedBlockingQueue<>();
    Refreshing search = new Refreshing("test", Duration.ofMinutes(1), context, () -> source);
    Thread running =
        Thread.ofVirtual()
            .start(() -> {
              try {
                search.run(updates::add);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    List<TargetGroup> update = null;
    for (int i = 0; i < 1_000 && update == null; i++) {
      clock.advance(Duration.ofMinutes(1));
      update = updates.poll(10, TimeUnit.MILLISECONDS);
    }
    assertThat(update).containsExactly(group);
    running.interrupt();
    running.join();
  }

  @Test
  void pagesDoNotRepeat() throws Exception {
    Pages pages = new Pages();
    assertThat(pages.next("")).isEmpty();
    assertThat(pages.next("a")).isEqualTo("a");
    assertThatThrownBy(() -> pages.next("a"))
        .isInstanceOf(IOException.class)
        .hasMessage("the pages of the answer go round in a circle, back to a");
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> pages.next("b")).isInstanceOf(InterruptedException.class);
  }
}
