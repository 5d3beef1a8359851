package io.narthex.discovery.ovhcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import org.junit.jupiter.api.Test;

final class VpsServersTest extends OvhCloudAcceptance {

  VpsServersTest() {
    super("vps", "/vps", "abc", "vps", "vps_details");
  }

  @Test
  void recordedAnswers() throws Exception {
    serveRecorded();
    List<TargetGroup> groups = refresh();
    assertThat(groups)
        .containsExactly(
            new TargetGroup(
                "ovhcloud_vps",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "192.0.2.1",
                        "instance", "abc",
                        "__meta_ovhcloud_vps_offer", "VPS abc",
                        "__meta_ovhcloud_vps_datacenter", "[]",
                        "__meta_ovhcloud_vps_model_vcore", "1",
                        "__meta_ovhcloud_vps_maximum_additional_ip", "16",
                        "__meta_ovhcloud_vps_version", "2019v1",
                        "__meta_ovhcloud_vps_model_name", "vps-value-1-2-40",
                        "__meta_ovhcloud_vps_disk", "40",
                        "__meta_ovhcloud_vps_memory", "2048",
                        "__meta_ovhcloud_vps_zone", "zone",
                        "__meta_ovhcloud_vps_display_name", "abc",
                        "__meta_ovhcloud_vps_cluster", "cluster_test",
                        "__meta_ovhcloud_vps_state", "running",
                        "__meta_ovhcloud_vps_name", "abc",
                        "__meta_ovhcloud_vps_netboot_mode", "local",
                        "__meta_ovhcloud_vps_memory_limit", "2048",
                        "__meta_ovhcloud_vps_offer_type", "ssd",
                        "__meta_ovhcloud_vps_vcore", "1",
                        "__meta_ovhcloud_vps_ipv4", "192.0.2.1"))));
    assertPrometheusFinds(section(stub.url()), groups);
  }
}
