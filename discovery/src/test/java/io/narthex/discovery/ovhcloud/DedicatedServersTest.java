package io.narthex.discovery.ovhcloud;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.util.List;
import org.junit.jupiter.api.Test;

final class DedicatedServersTest extends OvhCloudAcceptance {

  DedicatedServersTest() {
    super(
        "dedicated_server",
        "/dedicated/server",
        "abcde",
        "dedicated_servers",
        "dedicated_servers_details");
  }

  @Test
  void recordedAnswers() throws Exception {
    serveRecorded();
    List<TargetGroup> groups = refresh();
    assertThat(groups)
        .containsExactly(
            new TargetGroup(
                "ovhcloud_dedicated_server",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "1.2.3.4",
                        "instance", "abcde",
                        "__meta_ovhcloud_dedicated_server_commercial_range", "Advance-1 Gen 2",
                        "__meta_ovhcloud_dedicated_server_datacenter", "gra3",
                        "__meta_ovhcloud_dedicated_server_ipv4", "1.2.3.4",
                        "__meta_ovhcloud_dedicated_server_link_speed", "123",
                        "__meta_ovhcloud_dedicated_server_name", "abcde",
                        "__meta_ovhcloud_dedicated_server_no_intervention", "false",
                        "__meta_ovhcloud_dedicated_server_os", "debian11_64",
                        "__meta_ovhcloud_dedicated_server_rack", "TESTRACK",
                        "__meta_ovhcloud_dedicated_server_reverse", "abcde-rev",
                        "__meta_ovhcloud_dedicated_server_server_id", "1234",
                        "__meta_ovhcloud_dedicated_server_state", "test",
                        "__meta_ovhcloud_dedicated_server_support_level", "pro"))));
    assertPrometheusFinds(section(stub.url()), groups);
  }
}
