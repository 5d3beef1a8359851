package io.narthex.discovery;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every discovery mechanism keeps, whatever it asks. An implementation brings a world in which
 * targets come and go.
 */
public abstract class DiscoveryAcceptance {

  protected final FakeClock clock = new FakeClock(1_700_000_000_000L);
  protected final PrometheusRegistry registry = new PrometheusRegistry();
  protected final DiscoveryContext context =
      new DiscoveryContext(clock, new DiscoveryMetrics(registry, "scrape"), "test", "job");

  private final LinkedBlockingQueue<List<TargetGroup>> updates = new LinkedBlockingQueue<>();
  private @Nullable Thread running;

  /** A configuration that finds {@link #first}. */
  protected abstract DiscoveryConfig config() throws Exception;

  /** Opens it; for mechanisms that are told in another way than by keys where the world is. */
  protected Discovery open(DiscoveryConfig config) {
    return config.open(context);
  }

  /** The addresses in the world at the start; not empty. */
  protected abstract Set<String> first();

  /** Changes the world; the addresses afterwards, or null where nothing can ever change. */
  protected abstract @Nullable Set<String> change() throws Exception;

  /** Takes everything out of the world; false where nothing can ever change. */
  protected abstract boolean clear() throws Exception;

  @AfterEach
  final void stop() throws InterruptedException {
    if (running != null) {
      running.interrupt();
      running.join();
    }
  }

  /** Starts a search; what it knows at once. */
  protected final Map<String, TargetGroup> start(Discovery discovery) {
    Map<String, TargetGroup> groups = new TreeMap<>();
    merge(groups, discovery.known());
    running =
        Thread.ofVirtual()
            .start(() -> {
              try {
                discovery.run(updates::add);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    return groups;
  }

  private static void merge(Map<String, TargetGroup> groups, List<TargetGroup> update) {
    for (TargetGroup group : update) {
      if (group.targets().isEmpty()) {
        groups.remove(group.source());
      } else {
        groups.put(group.source(), group);
      }
    }
  }

  /** The addresses of all targets. */
  protected static Set<String> addresses(Map<String, TargetGroup> groups) {
    Set<String> addresses = new HashSet<>();
    groups
        .values()
        .forEach(group ->
            group
                .targets()
                .forEach(target -> addresses.add(target.getOrEmpty(TargetGroup.ADDRESS))));
    return addresses;
  }

  /** Waits for the updates that lead to these addresses, letting time pass. */
  protected final void await(Map<String, TargetGroup> groups, Set<String> expected)
      throws InterruptedException {
    for (int i = 0; i < 1_000 && !addresses(groups).equals(expected); i++) {
      clock.advance(Duration.ofMinutes(1));
      List<TargetGroup> update = updates.poll(10, TimeUnit.MILLISECONDS);
      if (update != null) {
        merge(groups, update);
      }
    }
    assertThat(addresses(groups)).isEqualTo(expected);
  }

  @Test
  final void findsWhatIsThere() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, first());
  }

  @Test
  final void followsChanges() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, first());
    Set<String> after = change();
    if (after != null) {
      await(groups, after);
    }
  }

  @Test
  final void removesWhatIsGone() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, first());
    if (clear()) {
      await(groups, Set.of());
    }
  }

  @Test
  final void sourcesAreDistinct() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, first());
    groups.forEach((source, group) -> assertThat(group.source()).isEqualTo(source));
    assertThat(groups.values().stream().mapToInt(group -> group.targets().size()).sum())
        .isEqualTo(first().size());
  }

  @Test
  final void endsWhenItIsToldTo() throws Exception {
    start(open(config()));
    stop();
    assertThat(requireNonNull(running).isAlive()).isFalse();
  }

  @Test
  final void equalConfigurationsAreEqual() throws Exception {
    assertThat(config()).isEqualTo(config());
  }
}
