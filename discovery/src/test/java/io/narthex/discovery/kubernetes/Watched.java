package io.narthex.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.LabelsBuilder;
import io.narthex.testkit.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A search that runs, and what it has told so far. */
final class Watched implements AutoCloseable {

  private final FakeClock clock;
  private final Map<String, TargetGroup> groups = new TreeMap<>();
  private final List<List<String>> updates = new ArrayList<>();
  private final Thread thread;

  Watched(Discovery discovery, FakeClock clock) {
    this.clock = clock;
    this.thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                discovery.run(this::update);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private synchronized void update(List<TargetGroup> changes) {
    updates.add(changes.stream().map(TargetGroup::source).toList());
    for (TargetGroup group : changes) {
      if (group.targets().isEmpty()) {
        groups.remove(group.source());
      } else {
        groups.put(group.source(), group);
      }
    }
  }

  /** The names of the groups of each update. */
  synchronized List<List<String>> updates() {
    return List.copyOf(updates);
  }

  synchronized Map<String, TargetGroup> groups() {
    return new TreeMap<>(groups);
  }

  /** All labels of each target. */
  Set<Map<String, String>> targets() {
    Set<Map<String, String>> targets = new HashSet<>();
    groups().values().forEach(group -> targets.addAll(targets(group)));
    return targets;
  }

  private static Set<Map<String, String>> targets(TargetGroup group) {
    Set<Map<String, String>> targets = new HashSet<>();
    group
        .targets()
        .forEach(target -> {
          LabelsBuilder all = new LabelsBuilder().from(group.labels());
          target.forEach(all::set);
          Map<String, String> labels = new TreeMap<>();
          all.build().forEach(labels::put);
          targets.add(labels);
        });
    return targets;
  }

  /** The addresses of all targets. */
  Set<String> addresses() {
    Set<String> addresses = new HashSet<>();
    targets().forEach(target -> addresses.add(target.get(TargetGroup.ADDRESS)));
    return addresses;
  }

  /** The target of this address; waits until there is one. */
  Map<String, String> target(String address) throws InterruptedException {
    await(watched -> watched.addresses().contains(address));
    return targetNow(address);
  }

  /** The target of this address; empty if there is none. */
  Map<String, String> targetNow(String address) {
    return targets().stream()
        .filter(target -> address.equals(target.get(TargetGroup.ADDRESS)))
        .findFirst()
        .orElse(Map.of());
  }

  void await(Set<String> addresses) throws InterruptedException {
    await(watched -> watched.addresses().equals(addresses));
  }

  /** Waits for what is expected, letting time pass. */
  void await(Predicate<Watched> expected) throws InterruptedException {
    for (int i = 0; i < 2_000 && !expected.test(this); i++) {
      clock.advance(Duration.ofMinutes(1));
      Thread.sleep(5);
    }
    assertThat(expected.test(this)).as("%s", groups()).isTrue();
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
