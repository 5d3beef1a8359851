package io.narthex.discovery.consul;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.Discovery;
import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * The answers have the form of Consul's API documentation: "Blocking queries", "List services" of
 * the catalog, "List service instances for service" of health, "Read configuration" of the agent.
 */
final class ConsulDiscoveryTest extends StubAcceptance {

  /** What is in the catalog: changed under the lock of the test. */
  private int targets;

  private long index = 10;

  /** How long the agent holds an answer back; it may be released before. */
  private long holdMillis = 20;

  private volatile String agent = "{\"Config\": {\"Datacenter\": \"dc1\"}}";

  @Override
  protected String section(String url) {
    return section(url, "");
  }

  private static String section(String url, String more) {
    return "consul_sd_configs: [{server: '" + url.substring("http://".length()) + "'" + more + "}]";
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Debian's Prometheus is built without Consul";
  }

  @Override
  protected String failureMetric() {
    return "prometheus_sd_consul_rpc_failures";
  }

  @Override
  protected synchronized void serve(int number) {
    targets = number;
    index++;
    notifyAll();
    stub.answer(this::answer);
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":8000";
  }

  /** Two services: the third target is a service of its own. */
  private Stub.Answer answer(Stub.Asked asked) {
    String path = asked.path();
    if (path.startsWith("/v1/agent/self")) {
      return Stub.Answer.json(agent);
    }
    int number;
    long now;
    synchronized (this) {
      long end = System.nanoTime() + holdMillis * 1_000_000;
      while (path.contains("index=" + index + "&") && System.nanoTime() < end) {
        try {
          wait(Math.max(1, (end - System.nanoTime()) / 1_000_000));
        } catch (InterruptedException e) {
          // The stub ends.
          return Stub.Answer.status(500, "ended");
        }
      }
      number = targets;
      now = index;
    }
    List<String> services = new ArrayList<>();
    if (number > 0) {
      services.add("\"web\": [\"prod\"]");
    }
    if (number > 2) {
      services.add("\"db\": []");
    }
    String catalog = "{" + String.join(",", services) + "}";
    String body =
        path.startsWith("/v1/catalog/services")
            ? catalog
            : path.startsWith("/v1/health/service/web")
                ? instances(1, Math.min(2, number))
                : instances(3, number);
    return indexed(body, now);
  }

  private static String instances(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i ->
            """
            {"Node": {"Node": "n%d", "Address": "10.0.0.%d"},
             "Service": {"ID": "s%d", "Tags": ["prod"], "Port": 8000}, "Checks": []}
            """
                .formatted(i, i, i))
        .collect(Collectors.joining(",", "[", "]"));
  }

  private static Stub.Answer indexed(String body, long index) {
    return new Stub.Answer(
        200, "application/json", body, Map.of("X-Consul-Index", Long.toString(index)));
  }

  /** Lets time pass until a question of this kind was asked. */
  private String awaitAsked(Predicate<String> wanted) throws InterruptedException {
    for (int i = 0; i < 2_000; i++) {
      for (Stub.Asked asked : stub.asked()) {
        if (wanted.test(asked.path())) {
          return asked.path();
        }
      }
      clock.advance(Duration.ofMinutes(1));
      Thread.sleep(5);
    }
    throw new AssertionError(
        "not asked for: " + stub.asked().stream().map(Stub.Asked::path).toList());
  }

  private double failures() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals(failureMetric()))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void everyLabel() throws Exception {
    String entry =
        """
        [{
          "Node": {
            "ID": "40e4a748-2192-161a-0510-9bf59fe950b5",
            "Node": "foobar",
            "Address": "10.1.10.12",
            "Datacenter": "dc1",
            "TaggedAddresses": {"lan": "10.1.10.12", "wan-v4": "192.0.2.12"},
            "Meta": {"instance-type": "t2.medium"}
          },
          "Service": {
            "ID": "redis1",
            "Service": "redis",
            "Tags": ["primary", "v1"],
            "Address": "2001:db8::7",
            "TaggedAddresses": {"lan": {"address": "10.1.10.13", "port": 8000}},
            "Meta": {"redis.version": "4.0"},
            "Port": 8000,
            "Weights": {"Passing": 10, "Warning": 1},
            "Namespace": "ns1",
            "Partition": "p1"
          },
          "Checks": [{
            "Node": "foobar",
            "CheckID": "service:redis",
            "Name": "Service 'redis' check",
            "Status": "passing",
            "ServiceID": "redis1",
            "ServiceTags": ["primary"]
          }, {
            "Node": "foobar",
            "CheckID": "serfHealth",
            "Status": "passing"
          }]
        }, {
          "Node": {"Node": "other", "Address": "10.1.10.14"},
          "Service": {"ID": "redis2", "Tags": null, "Address": "", "Port": 6379},
          "Checks": []
        }]
        """;
    stub.answer(asked ->
        asked.path().startsWith("/v1/agent")
            ? Stub.Answer.json(agent)
            : indexed(asked.path().startsWith("/v1/catalog") ? "{\"redis\": []}" : entry, 7));
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of("[2001:db8::7]:8000", "10.1.10.14:6379"));
    assertThat(groups.get("redis"))
        .isEqualTo(
            new TargetGroup(
                "redis",
                Labels.of("__meta_consul_dc", "dc1", "__meta_consul_service", "redis"),
                List.of(
                    Labels.of(
                        Map.ofEntries(
                            Map.entry("__address__", "[2001:db8::7]:8000"),
                            Map.entry("__meta_consul_address", "10.1.10.12"),
                            Map.entry("__meta_consul_health", "passing"),
                            Map.entry("__meta_consul_metadata_instance_type", "t2.medium"),
                            Map.entry("__meta_consul_namespace", "ns1"),
                            Map.entry("__meta_consul_node", "foobar"),
                            Map.entry("__meta_consul_partition", "p1"),
                            Map.entry("__meta_consul_service_address", "2001:db8::7"),
                            Map.entry("__meta_consul_service_id", "redis1"),
                            Map.entry("__meta_consul_service_metadata_redis_version", "4.0"),
                            Map.entry("__meta_consul_service_port", "8000"),
                            Map.entry("__meta_consul_tagged_address_lan", "10.1.10.12"),
                            Map.entry("__meta_consul_tagged_address_wan_v4", "192.0.2.12"),
                            Map.entry("__meta_consul_tags", ",primary,v1,"))),
                    Labels.of(
                        Map.ofEntries(
                            Map.entry("__address__", "10.1.10.14:6379"),
                            Map.entry("__meta_consul_address", "10.1.10.14"),
                            Map.entry("__meta_consul_health", "passing"),
                            Map.entry("__meta_consul_node", "other"),
                            Map.entry("__meta_consul_service_id", "redis2"),
                            Map.entry("__meta_consul_service_port", "6379"),
                            Map.entry("__meta_consul_tags", ",,"))))));
  }

  @Test
  void servicesThatAreNamedNeedNoCatalog() throws Exception {
    serve(3);
    Map<String, TargetGroup> groups =
        start(config(section(stub.url(), ", services: [db]")).open(context));
    await(groups, Set.of(address(3)));
    assertThat(stub.asked()).noneSatisfy(asked -> assertThat(asked.path()).contains("catalog"));
    serve(0);
    await(groups, Set.of());
    serve(3);
    await(groups, Set.of(address(3)));
  }

  @Test
  void onlyServicesWithAllTagsAreWatched() throws Exception {
    serve(3);
    Map<String, TargetGroup> groups =
        start(config(section(stub.url(), ", tags: [prod]")).open(context));
    await(groups, Set.of(address(1), address(2)));
    assertThat(stub.asked()).noneSatisfy(asked -> assertThat(asked.path()).contains("/db"));
  }

  /** The filter is one of the catalog: it narrows down the names. */
  @Test
  void aFilterNeedsTheCatalog() throws Exception {
    serve(2);
    Map<String, TargetGroup> groups =
        start(config(section(stub.url(), ", services: [web, db], filter: f")).open(context));
    await(groups, Set.of(address(1), address(2)));
    assertThat(stub.asked()).noneSatisfy(asked -> assertThat(asked.path()).contains("/db"));
    serve(3);
    await(groups, Set.of(address(1), address(2), address(3)));
  }

  @Test
  void anAnswerThatIsHeldBackIsTakenWhenItComes() throws Exception {
    synchronized (this) {
      holdMillis = 60_000;
    }
    serve(2);
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1), address(2)));
    awaitAsked(path -> path.contains("/web?index=11"));
    awaitAsked(path -> path.contains("/services?index=11"));
    serve(3);
    await(groups, Set.of(address(1), address(2), address(3)));
  }

  @Test
  void endsWhileAnswersAreHeldBack() throws Exception {
    synchronized (this) {
      holdMillis = 60_000;
    }
    serve(3);
    List<List<TargetGroup>> updates = new CopyOnWriteArrayList<>();
    Discovery discovery = config(section(stub.url())).open(context);
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                discovery.run(updates::add);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    awaitAsked(path -> path.contains("/web?index=11"));
    awaitAsked(path -> path.contains("/db?index=11"));
    awaitAsked(path -> path.contains("/services?index=11"));
    thread.interrupt();
    assertThat(thread.join(Duration.ofSeconds(10))).isTrue();
    int told = updates.size();
    serve(1);
    clock.advance(Duration.ofHours(1));
    Thread.sleep(50);
    assertThat(updates).hasSize(told);
    assertThat(failures()).isZero();
  }

  /** As after the servers were restored: the next question is answered at once. */
  @Test
  void anIndexThatGoesBackIsForgotten() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    stub.answer(question -> {
      if (!question.path().contains("/health/")) {
        return question.path().contains("self")
            ? Stub.Answer.json(agent)
            : indexed("{\"web\": []}", 1);
      }
      return asked.incrementAndGet() == 1
          ? indexed(instances(1, 1), 10)
          : indexed(instances(2, 2), 3);
    });
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1)));
    await(groups, Set.of(address(2)));
    awaitAsked(path -> path.contains("/web?index=3"));
    List<String> questions =
        stub.asked().stream().map(Stub.Asked::path).filter(path -> path.contains("/web?")).toList();
    assertThat(questions.get(0)).doesNotContain("index=");
    assertThat(questions.get(1)).contains("index=10&");
    assertThat(questions.get(2)).doesNotContain("index=");
    assertThat(questions.get(3)).contains("index=3&");
  }

  /** Without an index nobody knows whether an answer is new. */
  @Test
  void answersWithoutAnIndexAreTaken() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    stub.answer(question ->
        Stub.Answer.json(
            question.path().contains("self")
                ? agent
                : question.path().contains("/catalog/")
                    ? "{\"web\": []}"
                    : asked.incrementAndGet() < 3 ? instances(1, 1) : instances(1, 2)));
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1)));
    await(groups, Set.of(address(1), address(2)));
  }

  @Test
  void anAnswerThatCannotBeUnderstoodIsAskedForAgain() throws Exception {
    AtomicInteger asked = new AtomicInteger();
    stub.answer(question ->
        question.path().contains("self")
            ? Stub.Answer.json(agent)
            : indexed(
                question.path().contains("/catalog/")
                    ? "{\"web\": []}"
                    : asked.incrementAndGet() < 3 ? "[{\"Node\": 1}]" : instances(1, 1),
                5));
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1)));
    assertThat(failures()).isEqualTo(2);
  }

  @Test
  void theDatacenterIsAskedForUntilItIsTold() throws Exception {
    serve(2);
    agent = "{\"Config\": {\"NodeName\": \"n\"}}";
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    clock.awaitSleepers(1);
    assertThat(failures()).isEqualTo(1);
    agent = "{\"Config\": {\"Datacenter\": \"dc9\"}}";
    await(groups, Set.of(address(1), address(2)));
    assertThat(groups.values())
        .allSatisfy(group -> assertThat(group.labels().get("__meta_consul_dc")).isEqualTo("dc9"));
  }

  @Test
  void callsAreCounted() throws Exception {
    serve(2);
    Map<String, TargetGroup> groups = start(config(section(stub.url())).open(context));
    await(groups, Set.of(address(1), address(2)));
    List<String> called =
        registry.scrape().stream()
            .filter(metric ->
                metric.getMetadata().getName().equals("prometheus_sd_consul_rpc_duration_seconds"))
            .flatMap(metric -> ((SummarySnapshot) metric).getDataPoints().stream())
            .filter(point -> point.getCount() > 0)
            .map(point -> point.getLabels().get("endpoint") + "/" + point.getLabels().get("call"))
            .toList();
    assertThat(called).containsExactlyInAnyOrder("catalog/services", "catalog/service");
  }
}
