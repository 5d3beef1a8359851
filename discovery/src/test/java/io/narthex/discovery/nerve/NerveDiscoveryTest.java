package io.narthex.discovery.nerve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.zookeeper.ZooKeeperAcceptance;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What Nerve writes: its README, "Reporter", and {@code lib/nerve/reporter/base.rb}. How the tree
 * of ZooKeeper is followed is tested here for serversets too.
 */
final class NerveDiscoveryTest extends ZooKeeperAcceptance {

  @Override
  protected String key() {
    return "nerve_sd_configs";
  }

  @Override
  protected String member(int number) {
    return member("host" + number);
  }

  private static String member(String host) {
    return "{\"host\":\"" + host + "\",\"port\":9100,\"name\":\"web\",\"weight\":1}";
  }

  @Test
  void labelsOfAnInstance() throws Exception {
    String data = "{\"host\":\"10.0.0.1\",\"port\":10987,\"name\":\"i-abc\"}";
    assertThat(NerveMember.labels("/nerve/a/m_0000000001", data.getBytes(StandardCharsets.UTF_8)))
        .isEqualTo(
            Labels.of(
                "__address__",
                "10.0.0.1:10987",
                "__meta_nerve_endpoint_host",
                "10.0.0.1",
                "__meta_nerve_endpoint_name",
                "i-abc",
                "__meta_nerve_endpoint_port",
                "10987",
                "__meta_nerve_path",
                "/nerve/a/m_0000000001"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          ''                            | unexpected end of JSON input
          10.0.0.1                      | no valid JSON
          []                            | the JSON value is an array, expected an object
          {"host": 1}                   | host is a number, expected a text
          {"host": "a", "port": "80"}   | port is a text, expected a number
          {"host": "a", "port": 80.5}   | port is a number, expected a whole number
          """)
  void whatIsNoInstance(String data, String message) {
    assertThatThrownBy(() -> NerveMember.labels("/p", data.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining(message);
  }

  @Test
  void findsInAnyShapeWhatPrometheusFinds() throws Exception {
    zoo.set("/a/b/c/one", "{\"HOST\": \"one\", \"Port\": 1, \"more\": [1]}");
    zoo.set("/a/b/two", "{\"host\": \"2001:db8::1\", \"port\": 2, \"name\": \"n\"}");
    zoo.set("/a/b", "{\"host\": \"parent\", \"port\": 3, \"name\": null}");
    zoo.set("/a/three", "null");
    zoo.set("/a/four", "{\"host\": \"x\", \"port\": \"80\"}");
    zoo.set("/a/five", "no JSON");
    zoo.set("/other/six", "{\"host\": \"six\", \"port\": -6}");
    compare(
        section("/a, /other/six"),
        Set.of("one:1", "[2001:db8::1]:2", "parent:3", ":0", "six:-6"),
        5);
  }

  private Map<String, TargetGroup> follow(String paths) {
    return start(open(section(paths)).open(context));
  }

  @Test
  void followsNodesAtAnyDepth() throws Exception {
    zoo.set("/a/b/c/d", member("one"));
    Map<String, TargetGroup> groups = follow("/a, /z");
    await(groups, Set.of("one:9100"));
    assertThat(groups).containsOnlyKeys("/a/b/c/d");
    zoo.set("/a/x/y", member("two"));
    zoo.set("/a/b/c/d/e/f", member("three"));
    zoo.set("/z/z", member("four"));
    await(groups, Set.of("one:9100", "two:9100", "three:9100", "four:9100"));
    zoo.delete("/a/b/c");
    await(groups, Set.of("two:9100", "four:9100"));
    zoo.set("/a/b/c/d", member("five"));
    await(groups, Set.of("two:9100", "four:9100", "five:9100"));
    assertThat(watched()).isEqualTo(8);
  }

  /** How many nodes are watched. */
  private double watched() {
    return registry.scrape().stream()
        .filter(m -> m.getMetadata().getName().equals("prometheus_treecache_watcher_goroutines"))
        .mapToDouble(m -> ((GaugeSnapshot) m).getDataPoints().getFirst().getValue())
        .sum();
  }

  @Test
  void followsWhatNodesHold() throws Exception {
    zoo.set("/a/b", member("one"));
    Map<String, TargetGroup> groups = follow("/a");
    await(groups, Set.of("one:9100"));
    for (String host : new String[] {"two", "three", "four"}) {
      zoo.set("/a/b", member(host));
      await(groups, Set.of(host + ":9100"));
    }
    zoo.set("/a/b", "broken");
    await(groups, Set.of());
    zoo.set("/a/b", member("five"));
    await(groups, Set.of("five:9100"));
  }

  @Test
  void aNodeThatIsReplacedAgainAndAgainIsNotLost() throws Exception {
    zoo.set("/a/b/c", member("first"));
    Map<String, TargetGroup> groups = follow("/a");
    await(groups, Set.of("first:9100"));
    for (int i = 0; i < 100; i++) {
      zoo.delete("/a/b");
      zoo.set("/a/b/c", member("host" + i));
      zoo.set("/a/d" + i, "");
    }
    await(groups, Set.of("host99:9100"));
  }

  @Test
  void aPathThatIsNotThereIsAFailureUntilItComes() throws Exception {
    Map<String, TargetGroup> groups = follow("/a/b");
    awaitFailure();
    zoo.set("/a/b/c", member("one"));
    await(groups, Set.of("one:9100"));
    double before = count(failureMetric());
    zoo.delete("/a");
    await(groups, Set.of());
    // The target went first, and the path after it.
    awaitFailure(before);
    zoo.set("/a/b", member("two"));
    await(groups, Set.of("two:9100"));
  }

  @Test
  void whatHappenedWhileTheConnectionWasLostIsSeen() throws Exception {
    zoo.set("/a/b", member("one"));
    zoo.set("/a/c", member("two"));
    Map<String, TargetGroup> groups = follow("/a");
    await(groups, Set.of("one:9100", "two:9100"));
    for (int i = 0; i < 5; i++) {
      zoo.disconnect();
      zoo.set("/a/d" + i, member("three"));
      zoo.set("/a/b", member("one" + i));
      await(groups, Set.of("one" + i + ":9100", "two:9100", "three:9100"));
    }
    zoo.disconnect();
    zoo.delete("/a/c");
    await(groups, Set.of("one4:9100", "three:9100"));
  }

  @Test
  void anotherServerIsAskedWhereOneIsAway() throws Exception {
    serve(2);
    String section =
        "nerve_sd_configs: [{servers: ['127.0.0.1:1', '[::1]:1', '127.0.0.1:x', 'a:b:c', '"
            + zoo.address()
            + "'], paths: [/services]}]";
    Map<String, TargetGroup> groups = start(open(section).open(context));
    await(groups, first());
    assertThat(count(failureMetric())).isZero();
  }

  /** A session of the shortest time that the server grants, twice its tick. */
  @Test
  void aSessionInWhichNothingHappensIsKept() throws Exception {
    serve(2);
    String section =
        "nerve_sd_configs: [{servers: ['"
            + zoo.address()
            + "'], paths: [/services], timeout: 200ms}]";
    Map<String, TargetGroup> groups = start(open(section).open(context));
    await(groups, first());
    long packets = zoo.packets();
    while (zoo.packets() < packets + 10) {
      Thread.sleep(10);
    }
    assertThat(count(failureMetric())).isZero();
    serve(3);
    await(groups, Set.of(address(1), address(2), address(3)));
  }

  @Test
  void theConnectionEndsWithTheSearch() throws Exception {
    serve(1);
    int others = zoo.connections();
    CountDownLatch found = new CountDownLatch(1);
    Thread search =
        Thread.ofVirtual()
            .start(() -> {
              try {
                open(section()).open(context).run(update -> found.countDown());
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    found.await();
    assertThat(zoo.connections()).isEqualTo(others + 1);
    search.interrupt();
    search.join();
    while (zoo.connections() > others) {
      Thread.sleep(10);
    }
    assertThat(watched()).isZero();
  }
}
