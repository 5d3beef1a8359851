package io.narthex.discovery.openstack;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Instances, with floating addresses and without. */
final class InstancesTest extends OpenStackAcceptance {

  private static final String LIST = "/compute/v2.1/servers/detail";

  InstancesTest() {
    super("instance");
  }

  private static String server(int i) {
    return """
    {"id": "id-%d", "name": "server%d", "status": "ACTIVE", "tenant_id": "fcad67a6189847c4aecfa3c81a05783b",
     "user_id": "9349aff8be7545ac9d2f1d00999a23cd", "created": "2014-09-25T13:04:49Z",
     "flavor": {"id": "4", "links": [{"href": "x", "rel": "bookmark"}]},
     "image": {"id": "f90f6034-2570-4974-8351-6b49732ef2eb", "links": []},
     "metadata": {"env.name": "prod", "empty": ""},
     "addresses": {
       "private": [
         {"OS-EXT-IPS-MAC:mac_addr": "fa:16:3e:9e:89:be", "version": 4, "addr": "10.0.0.%d", "OS-EXT-IPS:type": "fixed"},
         {"version": 4, "addr": "192.0.2.%d", "OS-EXT-IPS:type": "floating"}]},
     "links": []}
    """
        .formatted(i, i, i, i);
  }

  @Override
  protected void serve(int targets) {
    lists.put(LIST, "\"servers\": [" + elements(targets, InstancesTest::server) + "]");
    lists.put(
        "/network/v2.0/ports",
        "\"ports\": ["
            + elements(
                targets, i -> "{\"id\": \"port-" + i + "\", \"device_id\": \"id-" + i + "\"}")
            + "]");
    lists.put(
        "/network/v2.0/floatingips",
        "\"floatingips\": ["
            + elements(
                targets,
                i ->
                    """
                    {"id": "f%d", "port_id": "port-%d", "fixed_ip_address": "10.0.0.%d",
                     "floating_ip_address": "192.0.2.%d", "status": "ACTIVE"}
                    """
                        .formatted(i, i, i, i))
            + (targets == 0 ? "" : ",")
            + "{\"id\": \"free\", \"port_id\": null, \"fixed_ip_address\": null, \"floating_ip_address\": \"192.0.2.77\"}]");
    // Prometheus 2.42 asks Nova for the floating addresses.
    lists.put(
        "/compute/v2.1/os-floating-ips",
        "\"floating_ips\": ["
            + elements(
                targets,
                i ->
                    """
                    {"id": "f%d", "instance_id": "id-%d", "fixed_ip": "10.0.0.%d", "ip": "192.0.2.%d"}
                    """
                        .formatted(i, i, i, i))
            + "]");
    serve();
  }

  @Override
  protected Set<String> newerLabels() {
    return Set.of("__meta_openstack_instance_image");
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
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
                        "__address__", "10.0.0.1:9100",
                        "__meta_openstack_address_pool", "private",
                        "__meta_openstack_instance_flavor", "4",
                        "__meta_openstack_instance_id", "id-1",
                        "__meta_openstack_instance_image", "f90f6034-2570-4974-8351-6b49732ef2eb",
                        "__meta_openstack_instance_name", "server1",
                        "__meta_openstack_instance_status", "ACTIVE",
                        "__meta_openstack_private_ip", "10.0.0.1",
                        "__meta_openstack_project_id", "fcad67a6189847c4aecfa3c81a05783b",
                        "__meta_openstack_public_ip", "192.0.2.1",
                        "__meta_openstack_tag_env_name", "prod",
                        "__meta_openstack_user_id", "9349aff8be7545ac9d2f1d00999a23cd"))));
  }

  @Test
  void kindsOfInstances() throws Exception {
    serve(0);
    lists.put(
        LIST,
        """
        "servers": [
          {"id": "bare", "addresses": {}, "flavor": {"id": "1"}, "image": {"id": "i"}},
          {"id": "volume", "flavor": {"original_name": "m1.tiny"}, "image": "",
           "addresses": {"a": [{"addr": "10.0.0.5"}], "b": [{"addr": "fd00::5"}], "c": []}},
          {"id": "strange", "flavor": {"id": 7}, "addresses": {"a": [{"addr": "10.0.0.6"}]}}]
        """);
    assertThat(targets())
        .containsExactly(
            Labels.of(
                "__address__", "10.0.0.5:9100",
                "__meta_openstack_address_pool", "a",
                "__meta_openstack_instance_flavor", "m1.tiny",
                "__meta_openstack_instance_id", "volume",
                "__meta_openstack_private_ip", "10.0.0.5"),
            Labels.of(
                "__address__", "[fd00::5]:9100",
                "__meta_openstack_address_pool", "b",
                "__meta_openstack_instance_flavor", "m1.tiny",
                "__meta_openstack_instance_id", "volume",
                "__meta_openstack_private_ip", "fd00::5"));
  }

  @Test
  void allTenants() throws Exception {
    serve(2);
    lists.put(LIST + "?all_tenants=true", "\"servers\": [" + server(1) + "," + server(2) + "]");
    assertThat(refresh(section(stub.url(), "all_tenants: true")).getFirst().targets()).hasSize(2);
  }

  @Test
  void pages() throws Exception {
    serve(2);
    lists.put(
        LIST,
        "\"servers\": ["
            + server(1)
            + "], \"servers_links\": [{\"rel\": \"next\", \"href\": \""
            + stub.url()
            + LIST
            + "?marker=id-1\"}]");
    lists.put(LIST + "?marker=id-1", "\"servers\": [" + server(2) + "]");
    assertThat(targets()).hasSize(2);
  }

  @Test
  void halfAnAnswerIsNone() {
    serve(2);
    lists.remove("/network/v2.0/floatingips");
    assertThatThrownBy(this::targets).hasMessageContaining("/network/v2.0/floatingips");
  }
}
