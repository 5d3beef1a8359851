package io.narthex.discovery.vultr;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The answers: Vultr's API reference, "List Instances". */
final class InstancesTest extends VendorAcceptance {

  private static final String INSTANCE =
      """
      {"id": "4f0f12e5-1f84-404f-aa84-85f431ea5ec2", "os": "CentOS 8 Stream", "ram": 1024,
       "disk": 55, "main_ip": "149.28.234.27", "vcpu_count": 1, "region": "ewr",
       "plan": "vc2-1c-1gb", "date_created": "2020-07-21T02:59:55+00:00", "status": "active",
       "allowed_bandwidth": 1000, "netmask_v4": "255.255.254.0", "gateway_v4": "149.28.234.1",
       "power_status": "running", "server_status": "ok",
       "v6_network": "2001:19f0:5:28a7::", "v6_main_ip": "2001:19f0:5:28a7:5400:4ff:fe87:6e5b",
       "v6_network_size": 64, "label": "my_label", "internal_ip": "10.1.96.3", "kvm": "",
       "hostname": "np-vm", "os_id": 401, "app_id": 0, "image_id": "", "firewall_group_id": "",
       "features": ["ddos_protection", "ipv6"], "tags": ["a", "b"]}
      """;

  InstancesTest() {
    super("api.vultr.com");
  }

  @Override
  protected String vendorSection(String access) {
    return "vultr_sd_configs: [{port: 9100, authorization: {credentials: token}, " + access + "}]";
  }

  /** Two to a page. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      if (!asked.path().startsWith("/v2/instances")) {
        return Stub.Answer.status(404, asked.path());
      }
      int page = asked.path().contains("cursor=bmV4dA") ? 2 : 1;
      String next = page == 1 && targets > 2 ? "bmV4dA==" : "";
      String instances =
          IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
              .mapToObj(i -> INSTANCE.replace("149.28.234.27", "192.0.2." + i))
              .collect(Collectors.joining(","));
      return page(instances, next);
    });
  }

  private static Stub.Answer page(String instances, String next) {
    return Stub.Answer.json(
        "{\"instances\": ["
            + instances
            + "], \"meta\": {\"total\": 9, \"links\": {\"next\": \""
            + next
            + "\", \"prev\": \"\"}}}");
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (Instances instances = new Instances((VultrConfig) config(section()), context)) {
      return instances.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    stub.answer(asked -> page(INSTANCE, ""));
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "Vultr",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "149.28.234.27:9100",
                        "__meta_vultr_instance_allowed_bandwidth_gb", "1000",
                        "__meta_vultr_instance_disk_gb", "55",
                        "__meta_vultr_instance_features", ",ddos_protection,ipv6,",
                        "__meta_vultr_instance_hostname", "np-vm",
                        "__meta_vultr_instance_id", "4f0f12e5-1f84-404f-aa84-85f431ea5ec2",
                        "__meta_vultr_instance_internal_ip", "10.1.96.3",
                        "__meta_vultr_instance_label", "my_label",
                        "__meta_vultr_instance_main_ip", "149.28.234.27",
                        "__meta_vultr_instance_main_ipv6", "2001:19f0:5:28a7:5400:4ff:fe87:6e5b",
                        "__meta_vultr_instance_os", "CentOS 8 Stream",
                        "__meta_vultr_instance_os_id", "401",
                        "__meta_vultr_instance_plan", "vc2-1c-1gb",
                        "__meta_vultr_instance_ram_mb", "1024",
                        "__meta_vultr_instance_region", "ewr",
                        "__meta_vultr_instance_server_status", "ok",
                        "__meta_vultr_instance_tags", ",a,b,",
                        "__meta_vultr_instance_vcpu_count", "1"))));
  }

  @Test
  void asksPageAfterPageWithTheToken() throws Exception {
    serve(3);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/v2/instances?per_page=100", "/v2/instances?per_page=100&cursor=bmV4dA%3D%3D");
    assertThat(stub.asked())
        .extracting(asked -> asked.header("Authorization"))
        .containsOnly("Bearer token");
  }

  @Test
  void pagesThatRepeatAreAnError() {
    stub.answer(asked -> page(INSTANCE, "again"));
    assertThatThrownBy(this::refresh).hasMessageContaining("go round in a circle, back to again");
    assertThat(stub.asked()).hasSize(2);
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(401, "{\"error\":\"Invalid API token.\"}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("401 Unauthorized: {\"error\":\"Invalid API token.\"}");
    stub.answer(asked -> Stub.Answer.json("{\"instances\": {}}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("instances is an object, expected an array");
  }
}
