package io.narthex.discovery.openstack;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Load balancers with a listener that shows metrics, and others. */
final class LoadBalancersTest extends OpenStackAcceptance {

  private static final String BALANCERS = "/load-balancer/v2.0/lbaas/loadbalancers";
  private static final String LISTENERS = "/load-balancer/v2.0/lbaas/listeners";

  LoadBalancersTest() {
    super("loadbalancer");
  }

  @Override
  protected @Nullable String peerSection(String url) {
    return null;
  }

  @Override
  protected String whyNoPeer() {
    return "Debian leaves it out of Prometheus 3.5.3, and 2.42 does not have this role";
  }

  private static String balancer(int i) {
    return """
    {"id": "lb-%d", "name": "balancer%d", "vip_address": "10.0.0.%d", "vip_port_id": "port-%d",
     "operating_status": "ONLINE", "provisioning_status": "ACTIVE", "availability_zone": "az1",
     "provider": "amphora", "project_id": "e3cd678b11784734bc366148aa37580e", "tags": ["a", "b"],
     "listeners": [{"id": "l"}], "created_at": "2017-02-28T00:41:44", "updated_at": "2017-02-28T00:43:30"}
    """
        .formatted(i, i, i, i);
  }

  private static String listener(int i, String protocol, int port) {
    return """
    {"id": "l%d", "protocol": "%s", "protocol_port": %d, "loadbalancers": [{"id": "lb-%d"}],
     "created_at": "2017-02-28T00:42:44", "updated_at": "2017-02-28T00:44:30"}
    """
        .formatted(i, protocol, port, i);
  }

  @Override
  protected void serve(int targets) {
    lists.put(
        BALANCERS, "\"loadbalancers\": [" + elements(targets, LoadBalancersTest::balancer) + "]");
    lists.put(
        LISTENERS,
        "\"listeners\": ["
            + elements(
                targets,
                i ->
                    listener(i, "HTTP", 80)
                        + ","
                        + listener(i, "PROMETHEUS", 8088)
                        + ","
                        + listener(i, "PROMETHEUS", 8089))
            + "]");
    lists.put(
        "/network/v2.0/floatingips",
        "\"floatingips\": [{\"port_id\": \"port-1\", \"floating_ip_address\": \"192.0.2.1\"}]");
    serve();
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":8088";
  }

  @Test
  void labels() throws Exception {
    serve(1);
    assertThat(refresh(section(stub.url())))
        .containsExactly(
            new TargetGroup(
                "OS_RegionOne",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "10.0.0.1:8088",
                        "__meta_openstack_loadbalancer_availability_zone", "az1",
                        "__meta_openstack_loadbalancer_floating_ip", "192.0.2.1",
                        "__meta_openstack_loadbalancer_id", "lb-1",
                        "__meta_openstack_loadbalancer_name", "balancer1",
                        "__meta_openstack_loadbalancer_operating_status", "ONLINE",
                        "__meta_openstack_loadbalancer_provider", "amphora",
                        "__meta_openstack_loadbalancer_provisioning_status", "ACTIVE",
                        "__meta_openstack_loadbalancer_tags", "a,b",
                        "__meta_openstack_loadbalancer_vip", "10.0.0.1",
                        "__meta_openstack_project_id", "e3cd678b11784734bc366148aa37580e"))));
  }

  @Test
  void balancersWithoutMetricsAreNoTargets() throws Exception {
    serve(3);
    lists.put(
        LISTENERS,
        "\"listeners\": [" + listener(2, "HTTP", 80) + "," + listener(3, "PROMETHEUS", 9) + "]");
    assertThat(targets())
        .extracting(labels -> labels.getOrEmpty("__address__"))
        .containsExactly("10.0.0.3:9");
  }
}
