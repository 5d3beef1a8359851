package io.narthex.discovery.kubernetes;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.DiscoveryContext;
import io.narthex.discovery.DiscoveryMetrics;
import io.narthex.discovery.PeerTargets;
import io.narthex.discovery.TargetGroup;
import io.narthex.testkit.FakeClock;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every role with all its labels, and how what is attached follows what it is attached from. Names
 * of labels: Prometheus' documentation of {@code kubernetes_sd_config}.
 */
final class KubernetesRolesTest {

  private final FakeClock clock = new FakeClock(0);
  private final DiscoveryContext context =
      new DiscoveryContext(clock, new DiscoveryMetrics(new PrometheusRegistry(), "scrape"), "test");
  private final KubeStub stub = new KubeStub();
  private @Nullable Watched open;

  @BeforeEach
  void world() {
    KubeTexts.shop(stub);
  }

  @AfterEach
  void close() throws Exception {
    if (open != null) {
      open.close();
    }
    stub.close();
  }

  private Watched open(String role, String more) {
    String section = "{role: " + role + ", api_server: '" + stub.url() + "'" + more + "}";
    Watched watched = new Watched(KubernetesDiscoveryTest.read(section).open(context), clock);
    open = watched;
    return watched;
  }

  /** Labels a line each, without what all names begin with. */
  private static Map<String, String> labels(String text) {
    return Arrays.stream(text.strip().split("\n"))
        .map(line -> line.strip().split("=", 2))
        .collect(
            Collectors.toMap(
                parts ->
                    parts[0].equals("instance") || parts[0].startsWith("__")
                        ? parts[0]
                        : "__meta_kubernetes_" + parts[0],
                parts -> parts[1],
                (a, b) -> b,
                TreeMap::new));
  }

  private static final String WEB_POD =
      """
      namespace=shop
      pod_name=web-1
      pod_ip=10.1.0.1
      pod_ready=true
      pod_phase=Running
      pod_node_name=n1
      pod_host_ip=10.0.0.1
      pod_uid=u1
      pod_controller_kind=ReplicaSet
      pod_controller_name=web-5d
      pod_label_app_kubernetes_io_name=web
      pod_labelpresent_app_kubernetes_io_name=true
      pod_labelpresent_empty=true
      pod_annotation_note=a "b"
      pod_annotationpresent_note=true
      """;

  private static final String APP =
      """
      pod_container_name=app
      pod_container_image=app:1
      pod_container_init=false
      pod_container_port_name=http
      pod_container_port_number=8080
      pod_container_port_protocol=TCP
      """;

  private static final String WEB_SERVICE =
      """
      namespace=shop
      service_name=web
      service_label_app=web
      service_labelpresent_app=true
      service_annotation_prometheus_io_scrape=true
      service_annotationpresent_prometheus_io_scrape=true
      """;

  private static final String NODE =
      """
      node_name=n1
      node_label_zone_a=z1
      node_labelpresent_zone_a=true
      node_labelpresent_empty=true
      node_annotation_no_te=x
      node_annotationpresent_no_te=true
      """;

  private static final String NAMESPACE =
      """
      namespace_label_team=a
      namespace_labelpresent_team=true
      namespace_annotation_on_call=b
      namespace_annotationpresent_on_call=true
      """;

  @Test
  void node() throws Exception {
    Watched watched = open("node", "");
    assertThat(watched.target("10.0.0.1:10250"))
        .isEqualTo(
            labels(
                NODE
                    + """
                    __address__=10.0.0.1:10250
                    instance=n1
                    node_provider_id=aws:///i-1
                    node_condition_ready=true
                    node_condition_diskpressure=unknown
                    node_address_Hostname=n1.local
                    node_address_ExternalIP=1.2.3.4
                    node_address_InternalIP=10.0.0.1
                    """));
    assertThat(watched.groups().keySet()).containsExactly("node/n1", "node/n2");
    stub.put("nodes", KubeTexts.named("n2", "{}"));
    watched.await(Set.of("10.0.0.1:10250"));
  }

  @Test
  void service() throws Exception {
    Watched watched = open("service", "");
    assertThat(watched.target("web.shop.svc:80"))
        .isEqualTo(
            labels(
                WEB_SERVICE
                    + """
                    __address__=web.shop.svc:80
                    service_type=ClusterIP
                    service_cluster_ip=10.96.0.7
                    service_port_name=http
                    service_port_number=80
                    service_port_protocol=TCP
                    """));
    assertThat(watched.target("front.shop.svc:443"))
        .isEqualTo(
            labels(
                """
                __address__=front.shop.svc:443
                namespace=shop
                service_name=front
                service_type=LoadBalancer
                service_cluster_ip=10.96.0.8
                service_loadbalancer_ip=5.6.7.8
                service_port_number=443
                service_port_protocol=TCP
                """));
    assertThat(watched.target("far.shop.svc:1"))
        .containsEntry("__meta_kubernetes_service_external_name", "far.example")
        .doesNotContainKey("__meta_kubernetes_service_cluster_ip");
    assertThat(watched.groups().keySet())
        .containsExactly("svc/shop/far", "svc/shop/front", "svc/shop/web");
  }

  @Test
  void pod() throws Exception {
    Watched watched = open("pod", "");
    assertThat(watched.target("10.1.0.1:8080"))
        .isEqualTo(
            labels(
                WEB_POD
                    + APP
                    + """
                    __address__=10.1.0.1:8080
                    pod_container_id=containerd://a
                    """));
    assertThat(watched.target("10.1.0.1"))
        .isEqualTo(
            labels(
                WEB_POD
                    + """
                    __address__=10.1.0.1
                    pod_container_name=side
                    pod_container_id=containerd://s
                    pod_container_image=side:2
                    pod_container_init=false
                    """));
    assertThat(watched.target("10.1.0.1:15000"))
        .containsEntry("__meta_kubernetes_pod_container_init", "true")
        .containsEntry("__meta_kubernetes_pod_container_id", "containerd://p");
    assertThat(watched.addresses())
        .containsExactlyInAnyOrder(
            "10.1.0.1:8080", "10.1.0.1:9090", "10.1.0.1", "10.1.0.1:15000", "[fd00::2]:81");
    stub.put(
        "pods",
        """
        {"metadata":{"name":"six","namespace":"shop"},"spec":{"containers":[{"name":"c"}]},
         "status":{"podIP":"fd00::3"}}
        """);
    assertThat(watched.target("[fd00::3]")).containsEntry("__meta_kubernetes_pod_ready", "unknown");
  }

  @Test
  void endpoints() throws Exception {
    Watched watched = open("endpoints", "");
    String group =
        WEB_SERVICE
            + """
            endpoints_name=web
            endpoints_label_l=1
            endpoints_labelpresent_l=true
            endpoints_annotation_a=2
            endpoints_annotationpresent_a=true
            """;
    assertThat(watched.target("10.1.0.1:8080"))
        .isEqualTo(
            labels(
                group
                    + WEB_POD
                    + APP
                    + """
                    __address__=10.1.0.1:8080
                    endpoint_port_name=http
                    endpoint_port_protocol=TCP
                    endpoint_ready=true
                    endpoint_hostname=w1
                    endpoint_node_name=n1
                    endpoint_address_target_kind=Pod
                    endpoint_address_target_name=web-1
                    """));
    assertThat(watched.target("10.1.0.9:8080"))
        .isEqualTo(
            labels(
                group
                    + """
                    __address__=10.1.0.9:8080
                    endpoint_port_name=http
                    endpoint_port_protocol=TCP
                    endpoint_ready=false
                    endpoint_address_target_kind=Node
                    endpoint_address_target_name=n1
                    """));
    // Ports of the pod that the service does not name.
    assertThat(watched.target("10.1.0.1:9090"))
        .isEqualTo(
            labels(
                group
                    + WEB_POD
                    + """
                    __address__=10.1.0.1:9090
                    pod_container_name=app
                    pod_container_image=app:1
                    pod_container_init=false
                    pod_container_port_name=metrics
                    pod_container_port_number=9090
                    pod_container_port_protocol=TCP
                    """));
    assertThat(watched.addresses())
        .containsExactlyInAnyOrder(
            "10.1.0.1:8080",
            "10.1.0.9:8080",
            "[fd00::9]:8080",
            "10.1.0.1:9090",
            "10.1.0.1:15000",
            "9.9.9.9:7");
  }

  @Test
  void endpointSlice() throws Exception {
    Watched watched = open("endpointslice", "");
    String group =
        WEB_SERVICE
            + """
            endpointslice_name=web-abc
            endpointslice_address_type=IPv4
            endpointslice_label_kubernetes_io_service_name=web
            endpointslice_labelpresent_kubernetes_io_service_name=true
            endpointslice_annotation_a=2
            endpointslice_annotationpresent_a=true
            endpointslice_port=8080
            endpointslice_port_name=http
            endpointslice_port_protocol=TCP
            endpointslice_port_app_protocol=h2c
            """;
    assertThat(watched.target("10.1.0.1:8080"))
        .isEqualTo(
            labels(
                group
                    + WEB_POD
                    + APP
                    + """
                    __address__=10.1.0.1:8080
                    endpointslice_endpoint_conditions_ready=true
                    endpointslice_endpoint_conditions_serving=true
                    endpointslice_endpoint_conditions_terminating=false
                    endpointslice_endpoint_hostname=w1
                    endpointslice_endpoint_node_name=n1
                    endpointslice_endpoint_zone=z1
                    endpointslice_address_target_kind=Pod
                    endpointslice_address_target_name=web-1
                    endpointslice_endpoint_topology_kubernetes_io_hostname=n1
                    endpointslice_endpoint_topology_present_kubernetes_io_hostname=true
                    """));
    assertThat(watched.target("h.example"))
        .isEqualTo(
            labels(
                """
                __address__=h.example
                namespace=shop
                endpointslice_name=any
                endpointslice_address_type=FQDN
                endpointslice_port_name=all
                """));
    assertThat(watched.addresses())
        .containsExactlyInAnyOrder(
            "10.1.0.1:8080", "10.1.0.9:8080", "10.1.0.1:9090", "10.1.0.1:15000", "h.example");
  }

  /** A service of two kinds of addresses has a slice of each, with the same endpoints. */
  @Test
  void endpointSlicesOfTheOtherKindOfAddresses() throws Exception {
    Watched watched = open("endpointslice", "");
    watched.target("10.1.0.1:8080");
    stub.put(
        "services",
        """
        {"metadata":{"name":"web","namespace":"shop"},
         "spec":{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv6","IPv4"]}}
        """);
    watched.await(Set.of("h.example"));
    stub.put(
        "services",
        """
        {"metadata":{"name":"web","namespace":"shop"},
         "spec":{"ipFamilyPolicy":"PreferDualStack","ipFamilies":["IPv4","IPv6"]}}
        """);
    watched.target("10.1.0.1:8080");
  }

  @Test
  void ingress() throws Exception {
    Watched watched = open("ingress", "");
    watched.target("plain.example");
    String group =
        """
        namespace=shop
        ingress_name=in
        ingress_class_name=nginx
        ingress_label_l=1
        ingress_labelpresent_l=true
        ingress_annotation_a=2
        ingress_annotationpresent_a=true
        """;
    Set<Map<String, String>> expected = new HashSet<>();
    for (String target :
        new String[] {
          "https www.shop.example /a",
          "https www.shop.example /",
          "http a.www.shop.example /b",
          "https plain.example /"
        }) {
      String[] parts = target.split(" ");
      expected.add(
          labels(
              group
                  + """
                  __address__=%s
                  ingress_host=%s
                  ingress_scheme=%s
                  ingress_path=%s
                  """
                      .formatted(parts[1], parts[1], parts[0], parts[2])));
    }
    assertThat(watched.targets()).isEqualTo(expected);
  }

  @Test
  void podsWithAllThatCanBeAttached() throws Exception {
    String all = "node: true, namespace: true, deployment: true, job: true, cronjob: true";
    Watched watched = open("pod", ", attach_metadata: {" + all + "}");
    assertThat(watched.target("10.1.0.1:8080"))
        .isEqualTo(
            labels(
                WEB_POD
                    + APP
                    + NODE
                    + NAMESPACE
                    + """
                    __address__=10.1.0.1:8080
                    pod_container_id=containerd://a
                    pod_deployment_name=web
                    """));
    assertThat(watched.target("[fd00::2]:81"))
        .containsEntry("__meta_kubernetes_pod_job_name", "backup-1")
        .containsEntry("__meta_kubernetes_pod_cronjob_name", "backup");
    // Each of them changes what it is attached to, and nothing else.
    stub.put("nodes", KubeTexts.named("n1", "{\"zone/a\":\"z2\"}"));
    watched.await(w -> has(w, "10.1.0.1:8080", "node_label_zone_a", "z2"));
    stub.put("namespaces", KubeTexts.named("shop", "{\"team\":\"b\"}"));
    watched.await(w -> has(w, "10.1.0.1:8080", "namespace_label_team", "b"));
    stub.put("replicasets", KubeTexts.owned("shop", "web-5d", "Deployment", "web2"));
    watched.await(w -> has(w, "10.1.0.1:8080", "pod_deployment_name", "web2"));
    assertThat(watched.updates().getLast()).containsExactly("pod/shop/web-1");
    stub.delete("jobs", "shop", "backup-1");
    watched.await(w -> !w.targetNow("[fd00::2]:81").containsKey("__meta_kubernetes_pod_job_name"));
    // A node that is not there was not selected.
    stub.delete("nodes", "", "n1");
    watched.await(Set.of());
  }

  private static boolean has(Watched watched, String address, String label, String value) {
    return value.equals(watched.targetNow(address).get("__meta_kubernetes_" + label));
  }

  @Test
  void metadataAloneIsAskedForWhereMoreIsNotNeeded() throws Exception {
    open("pod", ", attach_metadata: {namespace: true, deployment: true}").target("10.1.0.1:8080");
    assertThat(stub.asked("replicasets", false).getFirst().headers().get("accept"))
        .isEqualTo(
            "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,application/json");
    assertThat(stub.asked("namespaces", false).getFirst().path()).isEqualTo("/api/v1/namespaces");
  }

  @ParameterizedTest
  @CsvSource({"endpoints", "endpointslice"})
  void backendsFollowWhatTheyAreMadeOf(String role) throws Exception {
    String all = "node: true, namespace: true, deployment: true";
    Watched watched = open(role, ", attach_metadata: {" + all + "}");
    Map<String, String> target = watched.target("10.1.0.1:8080");
    assertThat(target).containsAllEntriesOf(labels(WEB_POD + NODE + NAMESPACE + WEB_SERVICE));
    assertThat(target).containsEntry("__meta_kubernetes_pod_deployment_name", "web");
    assertThat(watched.target("10.1.0.9:8080")).containsAllEntriesOf(labels(NODE));
    stub.put("pods", KubeTexts.pod("shop", "web-1", "10.1.0.1"));
    watched.await(w -> has(w, "10.1.0.1:8080", "pod_label_app", "web"));
    stub.delete("pods", "shop", "web-1");
    watched.await(w -> !w.targetNow("10.1.0.1:8080").containsKey("__meta_kubernetes_pod_name"));
    stub.delete("services", "shop", "web");
    watched.await(w -> !w.targetNow("10.1.0.1:8080").containsKey("__meta_kubernetes_service_name"));
    stub.delete(
        role.equals("endpoints") ? "endpoints" : "endpointslices",
        "shop",
        role.equals("endpoints") ? "web" : "web-abc");
    watched.await(w -> !w.addresses().contains("10.1.0.9:8080"));
  }

  /** Labels that came after 3.5.3 are left out: {@code -} for none. */
  @ParameterizedTest(name = "{0} {1}")
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          node          |                               | node_condition_
          service       |                               | -
          pod           |                               | -
          pod           | , attach_metadata: {node: true} | -
          pod           | , namespaces: {names: [shop]} | -
          endpoints     |                               | -
          endpoints     | , attach_metadata: {node: true} | -
          endpointslice |                               | -
          endpointslice | , attach_metadata: {node: true} | -
          ingress       |                               | -
          """)
  void findsWhatPrometheusFinds(String role, @Nullable String more, String newer) throws Exception {
    String options = more == null ? "" : more;
    Watched watched = open(role, options);
    watched.await(w -> !w.targets().isEmpty());
    Set<Map<String, String>> ours = new HashSet<>();
    for (Map<String, String> target : watched.targets()) {
      target.keySet().removeIf(name -> name.startsWith("__meta_kubernetes_" + newer));
      ours.add(target);
    }
    String section =
        "kubernetes_sd_configs: [{role: "
            + role
            + ", api_server: '"
            + stub.url()
            + "'"
            + options
            + "}]";
    assertThat(PeerTargets.find(section, ours.size())).isEqualTo(ours);
    assertThat(ours).allSatisfy(target -> assertThat(target).containsKey(TargetGroup.ADDRESS));
  }
}
