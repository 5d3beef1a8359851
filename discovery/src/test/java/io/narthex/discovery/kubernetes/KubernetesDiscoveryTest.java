package io.narthex.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.base.yaml.YamlMap;
import io.narthex.discovery.DiscoveryAcceptance;
import io.narthex.discovery.DiscoveryConfig;
import io.narthex.discovery.config.DiscoveryKeys;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import io.prometheus.metrics.model.snapshots.SummarySnapshot;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is kept in spite of everything an API server may do: pages, bookmarks, forgetting, hanging
 * up, being away. How the API says it: Kubernetes documentation, "Kubernetes API Concepts".
 */
final class KubernetesDiscoveryTest extends DiscoveryAcceptance {

  private final KubeStub stub = new KubeStub();
  private @Nullable Watched open;

  @AfterEach
  void close() throws Exception {
    if (open != null) {
      open.close();
    }
    stub.close();
  }

  static KubernetesConfig read(String section) {
    List<DiscoveryConfig> configs =
        Yaml.decode(
            "kubernetes_sd_configs: [" + section + "]",
            value -> {
              YamlMap map = value.map("test");
              List<DiscoveryConfig> read = DiscoveryKeys.read(map);
              map.finish();
              return read;
            });
    return (KubernetesConfig) configs.getFirst();
  }

  private KubernetesConfig read(String role, String more) {
    return read("{role: " + role + ", api_server: '" + stub.url() + "'" + more + "}");
  }

  private void serve(int pods) {
    for (int i = 1; i <= pods; i++) {
      stub.put("pods", KubeTexts.pod("ns", "p" + i, "10.0.0." + i));
    }
  }

  private static Set<String> addresses(int from, int to) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> "10.0.0." + i + ":80")
        .collect(Collectors.toSet());
  }

  private Watched open(String more) {
    Watched watched = new Watched(read("pod", more).open(context), clock);
    open = watched;
    return watched;
  }

  /** Runs, with this many pods found and watched. */
  private Watched running(int pods) throws InterruptedException {
    serve(pods);
    Watched watched = open("");
    watched.await(addresses(1, pods));
    watched.await(w -> stub.watching() == 1);
    return watched;
  }

  @Override
  protected DiscoveryConfig config() {
    serve(2);
    return read("pod", "");
  }

  @Override
  protected Set<String> first() {
    return addresses(1, 2);
  }

  @Override
  protected Set<String> change() {
    serve(3);
    return addresses(1, 3);
  }

  @Override
  protected boolean clear() {
    stub.delete("pods", "ns", "p1");
    stub.delete("pods", "ns", "p2");
    return true;
  }

  /** The value of the one point with these labels, and how many values it stands for. */
  private double metric(String name, String... labels) {
    for (MetricSnapshot metric : registry.scrape()) {
      if (metric.getMetadata().getName().equals("prometheus_sd_kubernetes_" + name)) {
        for (var point : metric.getDataPoints()) {
          Map<String, String> all = new HashMap<>();
          point.getLabels().forEach(label -> all.put(label.getName(), label.getValue()));
          if (List.of(labels).stream().allMatch(all::containsValue)) {
            return switch (point) {
              case CounterSnapshot.CounterDataPointSnapshot counter -> counter.getValue();
              case GaugeSnapshot.GaugeDataPointSnapshot gauge -> gauge.getValue();
              case SummarySnapshot.SummaryDataPointSnapshot summary -> summary.getCount();
              default -> throw new AssertionError(point);
            };
          }
        }
      }
    }
    throw new AssertionError(name + " " + List.of(labels));
  }

  @Test
  void asksAsTheApiWantsIt() throws Exception {
    running(1);
    KubeStub.Asked list = stub.asked("pods", false).getFirst();
    assertThat(list.path()).isEqualTo("/api/v1/pods");
    assertThat(list.query()).isEqualTo(Map.of("limit", "500", "resourceVersion", "0"));
    assertThat(list.headers()).containsEntry("accept", "application/json");
    assertThat(list.headers()).containsEntry("user-agent", "test");
    KubeStub.Asked watch = stub.asked("pods", true).getFirst();
    assertThat(watch.query())
        .containsEntry("watch", "true")
        .containsEntry("allowWatchBookmarks", "true")
        .containsEntry("resourceVersion", "1001");
    assertThat(Integer.parseInt(watch.query().get("timeoutSeconds"))).isBetween(120, 240);
  }

  @Test
  void aPathInFrontOfTheApiAndATokenAreSent() throws Exception {
    serve(1);
    open =
        new Watched(
            read("{role: pod, api_server: '" + stub.url() + "/k8s/c1/', bearer_token: secret}")
                .open(context),
            clock);
    open.await(addresses(1, 1));
    assertThat(stub.asked().getFirst().path()).isEqualTo("/k8s/c1/api/v1/pods");
    assertThat(stub.asked().getFirst().headers()).containsEntry("authorization", "Bearer secret");
  }

  @Test
  void onlyGroupsThatChangedAreTold() throws Exception {
    Watched watched = running(3);
    assertThat(watched.updates()).hasSize(1);
    // What no label shows is no change; the second object follows the first on the same watch.
    stub.put(
        "pods",
        KubeTexts.pod("ns", "p1", "10.0.0.1", "n1", "{\"app\":\"web\"}", "\"generation\":5,"));
    stub.put("pods", KubeTexts.pod("ns", "p2", "10.0.0.22"));
    watched.await(w -> w.addresses().contains("10.0.0.22:80"));
    assertThat(watched.updates().get(0))
        .containsExactlyInAnyOrder("pod/ns/p1", "pod/ns/p2", "pod/ns/p3");
    assertThat(watched.updates().subList(1, watched.updates().size()))
        .containsExactly(List.of("pod/ns/p2"));
    stub.delete("pods", "ns", "p3");
    watched.await(Set.of("10.0.0.1:80", "10.0.0.22:80"));
    assertThat(watched.updates().getLast()).containsExactly("pod/ns/p3");
  }

  @Test
  void anEmptyClusterIsToldToo() throws Exception {
    Watched watched = open("");
    watched.await(w -> !w.updates().isEmpty());
    assertThat(watched.updates()).containsExactly(List.of());
  }

  @Test
  void longListsComeInPages() throws Exception {
    stub.pages(2);
    running(5);
    assertThat(stub.asked("pods", false))
        .extracting(asked -> asked.query().getOrDefault("continue", ""))
        .containsExactly("", "2", "4");
    // The version belongs to the first page; the others name it by their token.
    assertThat(stub.asked("pods", false).get(1).query()).doesNotContainKey("resourceVersion");
  }

  @Test
  void pagesThatAreForgottenAreAskedForAtOnce() throws Exception {
    stub.pages(2);
    stub.pagesExpire(true);
    running(5);
    assertThat(stub.asked("pods", false).getLast().query()).doesNotContainKey("limit");
  }

  @Test
  void pagesThatRepeatAreAnError() throws Exception {
    stub.pages(2);
    stub.pagesRepeat(true);
    serve(5);
    Watched watched = open("");
    watched.await(w -> metric("failures") > 0);
    assertThat(watched.updates()).isEmpty();
    stub.pagesRepeat(false);
    watched.await(addresses(1, 5));
  }

  @Test
  void goesOnWhereAWatchEnded() throws Exception {
    Watched watched = running(2);
    long seen = stub.put("pods", KubeTexts.pod("ns", "p3", "10.0.0.3"));
    watched.await(addresses(1, 3));
    stub.endWatches();
    stub.put("pods", KubeTexts.pod("ns", "p4", "10.0.0.4"));
    watched.await(addresses(1, 4));
    assertThat(stub.asked("pods", false)).hasSize(1);
    assertThat(stub.asked("pods", true).get(1).query())
        .containsEntry("resourceVersion", Long.toString(seen));
  }

  @Test
  void goesOnWhereItWasCutOff() throws Exception {
    Watched watched = running(2);
    stub.disconnect();
    stub.put("pods", KubeTexts.pod("ns", "p3", "10.0.0.3"));
    watched.await(addresses(1, 3));
    watched.await(w -> stub.watching() == 1);
    stub.say("{\"type\":\"ADDED\",\"object\":{\"metadata\":{\"name\":\"ha");
    stub.disconnect();
    stub.delete("pods", "ns", "p1");
    watched.await(addresses(2, 3));
    assertThat(stub.asked("pods", false)).hasSize(1);
    assertThat(metric("failures")).isZero();
  }

  @Test
  void bookmarksMoveWhereItGoesOn() throws Exception {
    Watched watched = running(1);
    // Much happens that this watch does not see, and is then forgotten.
    stub.put("nodes", KubeTexts.named("n1", "{}"));
    stub.forget();
    stub.bookmark();
    stub.endWatches();
    watched.await(w -> stub.asked("pods", true).size() == 2 && stub.watching() == 1);
    stub.put("pods", KubeTexts.pod("ns", "p2", "10.0.0.2"));
    watched.await(addresses(1, 2));
    assertThat(stub.asked("pods", false)).hasSize(1);
  }

  @Test
  void listsAnewWhatIsGone() throws Exception {
    Watched watched = running(3);
    stub.disconnect();
    stub.delete("pods", "ns", "p1");
    stub.put("pods", KubeTexts.pod("ns", "p4", "10.0.0.4"));
    stub.forget();
    watched.await(addresses(2, 4));
    assertThat(stub.asked("pods", false)).hasSize(2);
    assertThat(stub.asked("pods", false).getLast().query()).doesNotContainKey("resourceVersion");
    assertThat(watched.updates().getLast()).containsExactlyInAnyOrder("pod/ns/p1", "pod/ns/p4");
    assertThat(metric("failures")).isZero();
  }

  @Test
  void listsAnewWhenAWatchSaysItIsGone() throws Exception {
    Watched watched = running(3);
    stub.expire();
    stub.delete("pods", "ns", "p3");
    watched.await(addresses(1, 2));
    watched.await(w -> stub.watching() == 1);
    stub.put("pods", KubeTexts.pod("ns", "p3", "10.0.0.3"));
    watched.await(addresses(1, 3));
    assertThat(stub.asked("pods", false)).hasSize(2);
    assertThat(metric("failures")).isZero();
  }

  @Test
  void eventsThatAreNoneLeadToAList() throws Exception {
    Watched watched = running(1);
    for (int i = 0; i < 3; i++) {
      int before = stub.asked("pods", true).size();
      stub.say("{\"type\":\"NEWS\",\"object\":{}}\n");
      stub.endWatches();
      watched.await(w -> stub.asked("pods", true).size() > before && stub.watching() == 1);
    }
    assertThat(stub.asked("pods", false)).hasSize(2);
    assertThat(watched.addresses()).isEqualTo(addresses(1, 1));
  }

  @Test
  void keepsWhatWasFoundWhileTheServerIsAway() throws Exception {
    Watched watched = running(2);
    stub.away();
    watched.await(w -> metric("failures") >= 3);
    assertThat(watched.addresses()).isEqualTo(addresses(1, 2));
    serve(3);
    stub.back();
    watched.await(addresses(1, 3));
    // Nothing was forgotten meanwhile, so nothing had to be listed.
    assertThat(stub.asked("pods", false)).hasSize(1);
  }

  @Test
  void keepsWhatWasFoundWhileTheServerIsBroken() throws Exception {
    Watched watched = running(2);
    stub.broken(true);
    stub.endWatches();
    watched.await(w -> metric("failures") >= 3);
    assertThat(watched.addresses()).isEqualTo(addresses(1, 2));
    assertThat(metric("http_request", "500")).isGreaterThanOrEqualTo(3);
    serve(3);
    stub.broken(false);
    watched.await(addresses(1, 3));
  }

  @Test
  void aServerThatComesLaterIsFound() throws Exception {
    serve(1);
    stub.away();
    Watched watched = open("");
    watched.await(w -> metric("failures") >= 2);
    stub.back();
    watched.await(addresses(1, 1));
  }

  @Test
  void selectorsAreTheServers() throws Exception {
    serve(2);
    stub.put("pods", KubeTexts.pod("ns", "p3", "10.0.0.3", "n2", "{\"app\":\"db\"}", ""));
    Watched watched =
        open(", selectors: [{role: pod, label: 'app=db', field: 'spec.nodeName=n2'}]");
    watched.await(addresses(3, 3));
    for (KubeStub.Asked asked : stub.asked()) {
      assertThat(asked.query())
          .containsEntry("labelSelector", "app=db")
          .containsEntry("fieldSelector", "spec.nodeName=n2");
    }
    // It is not selected any more: for us it is gone.
    stub.put("pods", KubeTexts.pod("ns", "p3", "10.0.0.3", "n2", "{\"app\":\"web\"}", ""));
    watched.await(Set.of());
  }

  @Test
  void namespacesAreListedOneByOne() throws Exception {
    stub.put("pods", KubeTexts.pod("a", "p", "10.0.0.1"));
    stub.put("pods", KubeTexts.pod("b", "p", "10.0.0.2"));
    stub.put("pods", KubeTexts.pod("c", "p", "10.0.0.3"));
    Watched watched = open(", namespaces: {names: [a, b, a]}");
    watched.await(addresses(1, 2));
    Set<String> paths = new TreeSet<>();
    stub.asked("pods", false).forEach(asked -> paths.add(asked.path()));
    assertThat(paths).containsExactly("/api/v1/namespaces/a/pods", "/api/v1/namespaces/b/pods");
    watched.await(w -> stub.watching() == 2);
    stub.expire();
    stub.delete("pods", "a", "p");
    watched.await(addresses(2, 2));
  }

  /** One that may not be looked at does not hide the others. */
  @Test
  void namespacesAreKnownOneByOne() throws Exception {
    stub.put("endpoints", endpoints("a", "10.0.0.1"));
    stub.put("endpoints", endpoints("b", "10.0.0.2"));
    stub.refuse("/api/v1/namespaces/b/services");
    KubernetesConfig config = read("endpoints", ", namespaces: {names: [a, b]}");
    Watched watched = new Watched(config.open(context), clock);
    open = watched;
    watched.await(addresses(1, 1));
    watched.await(w -> metric("failures") >= 2);
    assertThat(watched.addresses()).isEqualTo(addresses(1, 1));
    stub.allow("/api/v1/namespaces/b/services");
    watched.await(addresses(1, 2));
  }

  private static String endpoints(String namespace, String ip) {
    return """
    {"metadata":{"name":"e","namespace":"%s"},
     "subsets":[{"ports":[{"port":80,"protocol":"TCP"}],"addresses":[{"ip":"%s"}]}]}
    """
        .formatted(namespace, ip);
  }

  @Test
  void withoutAClusterAroundItSaysSo() throws Exception {
    KubernetesDiscovery discovery =
        new KubernetesDiscovery(read("{role: pod}"), context, Map.of(), Path.of("/nowhere"));
    open = new Watched(discovery, clock);
    open.await(w -> failedConfigs() == 1);
  }

  private double failedConfigs() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_failed_configs"))
        .mapToDouble(metric -> ((GaugeSnapshot) metric).getDataPoints().getFirst().getValue())
        .sum();
  }

  @Test
  void aKubeconfigFileLeadsToTheServer(@TempDir Path folder) throws Exception {
    serve(1);
    Path file =
        Files.writeString(
            folder.resolve("config"),
            """
            current-context: c
            contexts: [{name: c, context: {cluster: k, user: u}}]
            clusters: [{name: k, cluster: {server: '%s'}}]
            users: [{name: u, user: {token: t1}}]
            """
                .formatted(stub.url()));
    open = new Watched(read("{role: pod, kubeconfig_file: " + file + "}").open(context), clock);
    open.await(addresses(1, 1));
    assertThat(stub.asked().getFirst().headers()).containsEntry("authorization", "Bearer t1");
  }

  @Test
  void countsWhatHappens() throws Exception {
    Watched watched = running(3);
    stub.put("pods", KubeTexts.pod("ns", "p1", "10.0.0.11"));
    stub.delete("pods", "ns", "p2");
    watched.await(Set.of("10.0.0.11:80", "10.0.0.3:80"));
    assertThat(metric("events", "pod", "add")).isEqualTo(3);
    assertThat(metric("events", "pod", "update")).isEqualTo(1);
    assertThat(metric("events", "pod", "delete")).isEqualTo(1);
    assertThat(metric("events", "ingress", "add")).isZero();
    assertThat(metric("http_request", "200")).isEqualTo(2);
    assertThat(metric("http_request_duration_seconds", "/api/v1/pods")).isEqualTo(1);
    assertThat(metric("workqueue_items", "pod")).isEqualTo(5);
    assertThat(metric("workqueue_depth", "pod")).isZero();
    assertThat(metric("workqueue_latency_seconds", "pod")).isEqualTo(5);
    assertThat(metric("workqueue_work_duration_seconds", "pod")).isEqualTo(5);
    assertThat(metric("workqueue_unfinished_work_seconds", "pod")).isZero();
    assertThat(metric("workqueue_longest_running_processor_seconds", "pod")).isZero();
  }
}
