package io.narthex.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.LabelsBuilder;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What every mechanism keeps whose back end speaks another protocol than HTTP; what {@link
 * StubAcceptance} is for the others.
 */
public abstract class BackEndAcceptance extends DiscoveryAcceptance {

  /** The section as it stands in a job of a configuration file, asking the back end. */
  protected abstract String section();

  /** The search that the section asks for. */
  protected abstract DiscoveryConfig open(String section) throws Exception;

  /** Lets the back end know this many targets, numbered from 1; 0 is none. */
  protected abstract void serve(int targets) throws Exception;

  /** The address of a target. */
  protected abstract String address(int number);

  /** Takes the back end away. */
  protected abstract void away() throws Exception;

  /** Brings it back, at the same place and with what it knew. */
  protected abstract void back() throws Exception;

  /** The counter of failures, without {@code _total}. */
  protected abstract String failureMetric();

  /** What begins the command line of Prometheus. */
  protected List<String> peerLauncher() throws Exception {
    return List.of();
  }

  @Override
  protected final DiscoveryConfig config() throws Exception {
    serve(2);
    return open(section());
  }

  private Set<String> numbered(int targets) {
    return IntStream.rangeClosed(1, targets).mapToObj(this::address).collect(Collectors.toSet());
  }

  @Override
  protected final Set<String> first() {
    return numbered(2);
  }

  @Override
  protected final Set<String> change() throws Exception {
    serve(3);
    return numbered(3);
  }

  @Override
  protected final boolean clear() throws Exception {
    serve(0);
    return true;
  }

  /** The value of a metric without labels. */
  protected final double count(String metric) {
    return registry.scrape().stream()
        .filter(family -> family.getMetadata().getName().equals(metric))
        .flatMap(family -> ((CounterSnapshot) family).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  /** Lets time pass until something failed. */
  protected final void awaitFailure() throws InterruptedException {
    awaitFailure(count(failureMetric()));
  }

  /** Lets time pass until more has failed than before. */
  protected final void awaitFailure(double before) throws InterruptedException {
    for (int i = 0; i < 1_000 && count(failureMetric()) == before; i++) {
      clock.advance(Duration.ofMinutes(1));
      Thread.sleep(10);
    }
    assertThat(count(failureMetric())).isGreaterThan(before);
  }

  /** The labels of all targets. */
  protected static Set<Map<String, String>> targets(Map<String, TargetGroup> groups) {
    Set<Map<String, String>> targets = new HashSet<>();
    for (TargetGroup group : groups.values()) {
      group
          .targets()
          .forEach(target -> {
            LabelsBuilder all = new LabelsBuilder().from(group.labels());
            target.forEach(all::set);
            Map<String, String> labels = new TreeMap<>();
            all.build().forEach(labels::put);
            targets.add(labels);
          });
    }
    return targets;
  }

  /** What Prometheus finds. */
  protected final Set<Map<String, String>> peers(String section, int targets) throws Exception {
    return PeerTargets.find(section, targets, peerLauncher());
  }

  /** Starts a search, and compares what it finds in the end with what Prometheus finds. */
  protected final void compare(String section, Set<String> addresses, int targets)
      throws Exception {
    Set<Map<String, String>> theirs = peers(section, targets);
    Map<String, TargetGroup> groups = start(open(section).open(context));
    await(groups, addresses);
    assertThat(targets(groups)).isEqualTo(theirs);
  }

  @Test
  final void keepsWhatWasFoundWhileTheBackEndIsAway() throws Exception {
    Map<String, TargetGroup> groups = start(config().open(context));
    await(groups, numbered(2));
    away();
    awaitFailure();
    awaitFailure();
    assertThat(addresses(groups)).isEqualTo(numbered(2));
    back();
    serve(3);
    await(groups, numbered(3));
  }

  @Test
  final void findsWhatPrometheusFinds() throws Exception {
    serve(3);
    compare(section(), numbered(3), 3);
  }
}
