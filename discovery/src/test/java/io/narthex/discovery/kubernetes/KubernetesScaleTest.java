package io.narthex.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryManager;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.PeerTargets;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.LabelsBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A large cluster that does not rest: 5,000 pods, 500 changes a minute, and an API server that
 * hangs up, forgets and says so. Every change must be among the targets within the reload interval
 * and a second. Short in the ordinary tests, at full length with {@code ./dev prove
 * kubernetes-discovery}.
 */
final class KubernetesScaleTest {

  private static final int PODS = 5_000;
  private static final int CHANGES_A_MINUTE = 500;
  private static final boolean FULL = System.getenv("NARTHEX_PROVE") != null;
  private static final long LENGTH = TimeUnit.SECONDS.toNanos(FULL ? 300 : 6);
  private static final long BETWEEN_DISTURBANCES =
      TimeUnit.MILLISECONDS.toNanos(FULL ? 13_000 : 1_300);
  private static final long BOUND = TimeUnit.SECONDS.toNanos(1);

  /** What an object carries that no label needs. */
  private static final String MANAGED =
      "\"managedFields\":[%s{\"manager\":\"kubelet\"}],"
          .formatted(
              "{\"manager\":\"m\",\"operation\":\"Update\",\"fieldsV1\":{\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{}}}}},"
                  .repeat(30));

  /** A change that is not seen yet. */
  private record Change(String source, @Nullable String address, long since) {}

  private final KubeStub stub = new KubeStub();

  /** The address of each group, as it should be. */
  private final Map<String, String> expected = new HashMap<>();

  private final List<Change> open = new ArrayList<>();
  private final List<Long> delays = new ArrayList<>();
  private List<TargetGroup> delivered = List.of();
  private int addresses;

  /** Prints a figure, on a line of its own whatever others print. */
  private static void says(String format, Object... values) {
    System.out.printf("%n> %s%n", String.format(format, values));
  }

  /** Takes the targets and looks which changes are among them. */
  private synchronized void targets(Map<String, List<TargetGroup>> byJob) {
    long now = System.nanoTime();
    delivered = byJob.getOrDefault("job", List.of());
    Map<String, String> seen = new HashMap<>();
    for (TargetGroup group : delivered) {
      seen.put(group.source(), group.targets().getFirst().getOrEmpty(TargetGroup.ADDRESS));
    }
    for (Iterator<Change> changes = open.iterator(); changes.hasNext(); ) {
      Change change = changes.next();
      String address = seen.get(change.source);
      if (change.address == null ? address == null : change.address.equals(address)) {
        delays.add(now - change.since);
        changes.remove();
      }
    }
  }

  private String nextAddress() {
    int i = addresses++;
    return "10.%d.%d.%d".formatted(i >> 16 & 255, i >> 8 & 255, i & 255);
  }

  private void put(String name, boolean noted) {
    String ip = nextAddress();
    if (noted) {
      note("pod/ns/" + name, ip + ":80");
    }
    expected.put("pod/ns/" + name, ip + ":80");
    String labels =
        "{\"app\":\"web\",\"pod-template-hash\":\"5d8f7c9b6d\",\"team\":\"checkout\",\"name\":\"%s\"}"
            .formatted(name);
    stub.put(
        "pods", KubeTexts.pod("ns", name, ip, "node-" + name.hashCode() % 100, labels, MANAGED));
  }

  private void delete(String name) {
    note("pod/ns/" + name, null);
    expected.remove("pod/ns/" + name);
    stub.delete("pods", "ns", name);
  }

  private synchronized void note(String source, @Nullable String address) {
    open.add(new Change(source, address, System.nanoTime()));
  }

  /** Each pod at most once, so that no change hides another. */
  private void change(int number) {
    switch (number % 5) {
      case 0 -> put("new" + number, true);
      case 1 -> delete("p" + number % PODS);
      default -> put("p" + number % PODS, true);
    }
  }

  private void disturb(int number) {
    switch (number % 4) {
      case 0 -> stub.bookmark();
      case 1 -> stub.disconnect();
      case 2 -> stub.expire();
      default -> {
        stub.forget();
        stub.disconnect();
      }
    }
  }

  private synchronized boolean isDone() {
    return open.isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {5, 1})
  void targetsAreRightInTime(int seconds) throws Exception {
    for (int i = 0; i < PODS; i++) {
      put("p" + i, false);
    }
    stub.forget();
    long before = used();
    DiscoveryContext context =
        new DiscoveryContext(
            Clock.SYSTEM, new DiscoveryMetrics(new PrometheusRegistry(), "scrape"), "test");
    KubernetesConfig config =
        KubernetesDiscoveryTest.read("{role: pod, api_server: '" + stub.url() + "'}");
    DiscoveryManager manager =
        new DiscoveryManager(context, Duration.ofSeconds(seconds), this::targets);
    int changes;
    List<TargetGroup> found;
    try {
      manager.apply(Map.of("job", List.of(config)));
      awaitTargets();
      changes = run();
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds) + 2 * BOUND;
      while (!isDone() && System.nanoTime() < end) {
        Thread.sleep(20);
      }
      awaitTargets();
      synchronized (this) {
        found = delivered;
      }
      // What the server remembers of the past is not ours.
      stub.forget();
      says(
          "at %d s: memory for %d pods (%.1f MB as JSON): %.1f MB",
          seconds, expected.size(), stub.bytes("pods") / 1e6, (used() - before) / 1e6);
    } finally {
      manager.close();
    }
    check(seconds, changes);
    if (FULL) {
      comparePrometheus(config, found);
    }
    stub.close();
  }

  private int run() throws InterruptedException {
    long begin = System.nanoTime();
    int changes = 0;
    int disturbances = 0;
    for (long now = 0; now < LENGTH; now = System.nanoTime() - begin) {
      if (now >= changes * TimeUnit.MINUTES.toNanos(1) / CHANGES_A_MINUTE) {
        change(changes++);
      } else if (now >= (disturbances + 1) * BETWEEN_DISTURBANCES) {
        disturb(disturbances++);
      } else {
        Thread.sleep(5);
      }
    }
    return changes;
  }

  private void awaitTargets() throws InterruptedException {
    for (int i = 0; i < 1_500 && !addressesNow().equals(expected); i++) {
      Thread.sleep(20);
    }
    assertThat(addressesNow()).isEqualTo(expected);
  }

  private synchronized Map<String, String> addressesNow() {
    Map<String, String> now = new HashMap<>();
    for (TargetGroup group : delivered) {
      now.put(group.source(), group.targets().getFirst().getOrEmpty(TargetGroup.ADDRESS));
    }
    return now;
  }

  private static long used() throws InterruptedException {
    for (int i = 0; i < 3; i++) {
      System.gc();
      Thread.sleep(50);
    }
    Runtime runtime = Runtime.getRuntime();
    return runtime.totalMemory() - runtime.freeMemory();
  }

  private synchronized void check(int seconds, int changes) {
    long[] sorted = delays.stream().mapToLong(Long::longValue).sorted().toArray();
    says(
        "at %d s: %d changes of %d pods in %d s, all seen after %.2f s (median), %.2f s (99 %%),"
            + " %.2f s (longest)",
        seconds,
        changes,
        PODS,
        TimeUnit.NANOSECONDS.toSeconds(LENGTH),
        sorted[sorted.length / 2] / 1e9,
        sorted[sorted.length * 99 / 100] / 1e9,
        sorted[sorted.length - 1] / 1e9);
    assertThat(open).as("changes that were never seen").isEmpty();
    assertThat(sorted).hasSize(changes);
    assertThat(Arrays.stream(sorted).max().orElseThrow())
        .isLessThanOrEqualTo(TimeUnit.SECONDS.toNanos(seconds) + BOUND);
  }

  private void comparePrometheus(KubernetesConfig config, List<TargetGroup> found)
      throws Exception {
    Set<Map<String, String>> ours = new HashSet<>();
    for (TargetGroup group : found) {
      LabelsBuilder all = new LabelsBuilder().from(group.labels());
      group.targets().getFirst().forEach(all::set);
      Map<String, String> labels = new TreeMap<>();
      all.build().forEach(labels::put);
      ours.add(labels);
    }
    assertThat(ours).hasSize(expected.size());
    String section =
        "kubernetes_sd_configs: [{role: pod, api_server: '" + config.apiServer() + "'}]";
    assertThat(PeerTargets.find(section, ours.size())).isEqualTo(ours);
    says("Prometheus 3.5.3 has the same %d targets with the same labels", ours.size());
  }
}
