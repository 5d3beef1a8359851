package io.narthex.discovery;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlMap;
import io.narthex.discovery.config.DiscoveryKeys;
import io.narthex.model.labels.LabelsBuilder;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * What every mechanism keeps whose back end is asked over HTTP: besides {@link
 * DiscoveryAcceptance}, that a back end that fails or is away takes nothing from what was found,
 * and that Prometheus finds the same there.
 */
public abstract class StubAcceptance extends DiscoveryAcceptance {

  protected final Stub stub = new Stub();

  /**
   * The section as it stands in a job of a configuration file, asking the stub.
   *
   * @param url the stub's, without a slash at the end
   */
  protected abstract String section(String url);

  /** Lets the stub answer with this many targets, numbered from 1; 0 is none. */
  protected abstract void serve(int targets);

  /** The address of a target. */
  protected abstract String address(int number);

  /**
   * The section for Prometheus 3.5.3, or null where it cannot be pointed at the stub: the reason is
   * to be told in {@link #whyNoPeer}.
   */
  protected @Nullable String peerSection(String url) {
    return section(url);
  }

  /**
   * Which Prometheus is compared with. Debian leaves some mechanisms out of its 3.5.3 that are in
   * its 2.42 ({@code prometheus242}).
   */
  protected String peer() {
    return "prometheus35";
  }

  /** What Prometheus finds in its environment. */
  protected Map<String, String> peerEnvironment() throws Exception {
    return Map.of();
  }

  /** Why Prometheus cannot be compared with. */
  protected String whyNoPeer() {
    return "";
  }

  /** The counter, without {@code _total}, that counts questions without a good answer. */
  protected String failureMetric() {
    return "prometheus_sd_refresh_failures";
  }

  /** Labels that Prometheus 3.5.3 does not have, or has in another way. */
  protected Set<String> newerLabels() {
    return Set.of();
  }

  @AfterEach
  final void closeStub() {
    stub.close();
  }

  @Override
  protected final DiscoveryConfig config() {
    serve(2);
    return config(section(stub.url()));
  }

  /** Reads a section. */
  protected static DiscoveryConfig config(String section) {
    List<DiscoveryConfig> configs =
        Yaml.decode(
            section,
            value -> {
              YamlMap map = value.map("test");
              List<DiscoveryConfig> read = DiscoveryKeys.read(map);
              map.finish();
              return read;
            });
    assertThat(configs).hasSize(1);
    return configs.getFirst();
  }

  private Set<String> numbered(int targets) {
    return IntStream.rangeClosed(1, targets).mapToObj(this::address).collect(Collectors.toSet());
  }

  @Override
  protected final Set<String> first() {
    return numbered(2);
  }

  @Override
  protected final Set<String> change() {
    serve(3);
    return numbered(3);
  }

  @Override
  protected final boolean clear() {
    serve(0);
    return true;
  }

  /** How many questions failed so far. */
  private double failures() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals(failureMetric()))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  private void awaitFailure() throws InterruptedException {
    double before = failures();
    for (int i = 0; i < 1_000 && failures() == before; i++) {
      clock.advance(Duration.ofMinutes(1));
      Thread.sleep(10);
    }
    assertThat(failures()).isGreaterThan(before);
  }

  @Test
  final void keepsWhatWasFoundWhileTheBackEndFails() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, numbered(2));
    stub.broken(true);
    awaitFailure();
    assertThat(addresses(groups)).isEqualTo(numbered(2));
    serve(3);
    stub.broken(false);
    await(groups, numbered(3));
  }

  @Test
  final void keepsWhatWasFoundWhileTheBackEndIsAway() throws Exception {
    Map<String, TargetGroup> groups = start(open(config()));
    await(groups, numbered(2));
    stub.away();
    awaitFailure();
    assertThat(addresses(groups)).isEqualTo(numbered(2));
    serve(3);
    stub.back();
    await(groups, numbered(3));
  }

  @Test
  final void findsWhatPrometheusFinds() throws Exception {
    String section = peerSection(stub.url());
    Assumptions.assumeTrue(section != null, () -> "not comparable: " + whyNoPeer());
    serve(3);
    Set<Map<String, String>> theirs = PeerTargets.find(section, 3, peer(), peerEnvironment());
    Map<String, TargetGroup> groups = start(open(config(section(stub.url()))));
    await(groups, numbered(3));
    assertThat(targets(groups)).isEqualTo(theirs);
  }

  private Set<Map<String, String>> targets(Map<String, TargetGroup> groups) {
    return targets(groups.values());
  }

  /** Checks that Prometheus finds the same with a section, apart from {@link #newerLabels}. */
  protected final void assertPrometheusFinds(String section, List<TargetGroup> ours)
      throws Exception {
    Set<Map<String, String>> targets = targets(ours);
    assertThat(targets).isNotEmpty();
    assertThat(PeerTargets.find(section, targets.size())).isEqualTo(targets);
  }

  private Set<Map<String, String>> targets(Collection<TargetGroup> groups) {
    Set<Map<String, String>> targets = new HashSet<>();
    for (TargetGroup group : groups) {
      group
          .targets()
          .forEach(target -> {
            LabelsBuilder all = new LabelsBuilder().from(group.labels());
            target.forEach(all::set);
            Map<String, String> labels = new TreeMap<>();
            all.build().forEach(labels::put);
            labels.keySet().removeAll(newerLabels());
            targets.add(labels);
          });
    }
    return targets;
  }
}
