package io.narthex.discovery.ionos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.Conformance;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The answers: a recorded one, and IONOS' Cloud API reference, "List servers" of a data centre,
 * with {@code depth=3}.
 */
final class ServersTest extends VendorAcceptance {

  private static final String PATH =
      "/cloudapi/v6/datacenters/8feda53f-15f0-447f-badf-ebe32dad2fc0/servers";
  private static final String SERVER =
      """
      {"id": "b501942c", "type": "server", "metadata": {"state": "AVAILABLE"},
       "properties": {"name": "web", "cores": 1, "ram": 1024, "availabilityZone": "ZONE_2",
         "vmState": "RUNNING", "bootCdrom": {"id": "cd-id", "type": "image"},
         "bootVolume": {"id": "volume-id", "type": "volume"}, "cpuFamily": "INTEL_SKYLAKE",
         "type": "ENTERPRISE"},
       "entities": {
         "volumes": {"items": [{"id": "volume-id", "type": "volume",
           "properties": {"name": "root", "image": "image-id"}}]},
         "nics": {"items": [
           {"id": "n1", "properties": {"name": null, "ips": ["192.0.2.101", "192.0.2.102"]}},
           {"id": "n2", "properties": {"name": "my nic", "ips": ["10.0.0.1"]}},
           {"id": "n3", "properties": {"name": "my nic", "ips": ["192.0.2.1", "192.0.2.100"]}}
         ]}}}
      """;

  ServersTest() {
    super("api.ionos.com");
  }

  @Override
  protected String vendorSection(String access) {
    return "ionos_sd_configs: [{datacenter_id: 8feda53f-15f0-447f-badf-ebe32dad2fc0, port: 9100,"
        + " authorization: {credentials: token}, "
        + access
        + "}]";
  }

  @Override
  protected void serve(int targets) {
    serveOnly(
        IntStream.rangeClosed(1, targets)
            .mapToObj(i -> SERVER.replace("192.0.2.1\"", "192.0.2." + i + "\""))
            .collect(Collectors.joining(",")));
  }

  private void serveOnly(String servers) {
    serveAnswer(
        "{\"id\": \"8feda53f/servers\", \"type\": \"collection\", \"items\": [" + servers + "]}");
  }

  private void serveAnswer(String answer) {
    stub.answer(asked ->
        asked.path().startsWith(PATH + "?") && asked.path().contains("depth=3")
            ? Stub.Answer.json(answer)
            : Stub.Answer.status(404, asked.path()));
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (Servers servers = new Servers((IonosConfig) config(section()), context)) {
      return servers.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    serveOnly(SERVER);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "ionos",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "192.0.2.1:9100",
                        "__meta_ionos_server_availability_zone", "ZONE_2",
                        "__meta_ionos_server_boot_cdrom_id", "cd-id",
                        "__meta_ionos_server_boot_image_id", "image-id",
                        "__meta_ionos_server_boot_volume_id", "volume-id",
                        "__meta_ionos_server_cpu_family", "INTEL_SKYLAKE",
                        "__meta_ionos_server_id", "b501942c",
                        "__meta_ionos_server_ip",
                            ",192.0.2.1,192.0.2.100,10.0.0.1,192.0.2.101,192.0.2.102,",
                        "__meta_ionos_server_lifecycle", "AVAILABLE",
                        "__meta_ionos_server_name", "web",
                        "__meta_ionos_server_nic_ip_my_nic", ",192.0.2.1,192.0.2.100,10.0.0.1,",
                        "__meta_ionos_server_nic_ip_unnamed", ",192.0.2.101,192.0.2.102,",
                        "__meta_ionos_server_servers_id", "8feda53f/servers",
                        "__meta_ionos_server_state", "RUNNING",
                        "__meta_ionos_server_type", "ENTERPRISE"))));
    assertThat(stub.asked().getFirst().header("Authorization")).isEqualTo("Bearer token");
  }

  @Test
  void recordedAnswer() throws Exception {
    serveAnswer(Files.readString(Conformance.path("service-discovery/ionos/servers.json")));
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets())
        .extracting(target -> target.get("__address__"))
        .containsExactly("85.215.243.177:9100", "85.215.248.84:9100", "10.0.0.99:9100");
    assertThat(groups.getFirst().targets())
        .extracting(target -> target.get("__meta_ionos_server_servers_id"))
        .containsOnly("8feda53f-15f0-447f-badf-ebe32dad2fc0/servers");
    // Prometheus 3.5.3 ends with a nil pointer at a server without metadata.
  }

  @Test
  void asksPageAfterPage() throws Exception {
    String more = ", \"_links\": {\"next\": \"https://api.ionos.com/more\"}}";
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().endsWith("&offset=0")
                ? "{\"items\": [" + SERVER + "," + SERVER + "]" + more
                : "{\"items\": [" + SERVER + "], \"_links\": {}}"));
    assertThat(refresh().getFirst().targets()).hasSize(3);
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            PATH + "?depth=3&limit=1000&offset=0", PATH + "?depth=3&limit=1000&offset=2");
    stub.answer(asked -> Stub.Answer.json("{\"items\": []" + more));
    assertThatThrownBy(this::refresh).hasMessage("an empty page, and still more to come");
    stub.answer(asked -> Stub.Answer.json("{\"items\": [" + SERVER + "]" + more));
    assertThatThrownBy(this::refresh)
        .hasMessage("the pages of the answer go round in a circle, back to b501942c");
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(401, "{\"httpStatus\": 401}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining(
            "GET https://api.ionos.com"
                + PATH
                + "?depth=3&limit=1000&offset=0: server returned HTTP status 401 Unauthorized: {\"httpStatus\": 401}");
    stub.answer(asked -> Stub.Answer.json("{\"items\": [{\"entities\": 1}]}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("items[0].entities is a number, expected an object");
  }
}
