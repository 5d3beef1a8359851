package io.narthex.discovery.scaleway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.Conformance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers: a recorded one, and Scaleway's Instance API reference, "List all Instances". */
final class InstancesTest extends StubAcceptance {

  private static final String SECRET = "11111111-1111-1111-1111-111111111111";
  private static final String PATH = "/instance/v1/zones/fr-par-1/servers";

  private String secret = "secret_key: " + SECRET;
  private String filters = "";

  @Override
  protected String section(String url) {
    return "scaleway_sd_configs: [{role: instance, port: 9100, access_key: SCWXXXXXXXXXXXXXXXXX,"
        + " project_id: 11111111-1111-1111-1111-111111111112, "
        + secret
        + filters
        + ", api_url: '"
        + url
        + "'}]";
  }

  /** Two to a page; how many there are stands in a header. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      if (!asked.path().startsWith(PATH + "?")) {
        return Stub.Answer.status(404, asked.path());
      }
      int page = asked.path().matches(".*[?&]page=2(&.*)?") ? 2 : 1;
      String servers =
          IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
              .mapToObj(i ->
                  "{\"id\": \""
                      + i
                      + "\", \"zone\": \"fr-par-1\", \"tags\": [\"a\", \"b\"],"
                      + " \"private_ip\": \"10.0.0."
                      + i
                      + "\"}")
              .collect(Collectors.joining(","));
      return new Stub.Answer(
          200,
          "application/json",
          "{\"servers\": [" + servers + "]}",
          Map.of("X-Total-Count", "" + targets));
    });
  }

  @Override
  protected String address(int number) {
    return "10.0.0." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws IOException {
    try (Instances instances =
        new Instances((ScalewayConfig) config(section(stub.url())), context)) {
      return instances.refresh();
    }
  }

  @Test
  void recordedAnswer() throws Exception {
    String recorded =
        Files.readString(Conformance.path("service-discovery/scaleway/instance.json"));
    stub.answer(asked -> Stub.Answer.json(recorded));
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().source()).isEqualTo("scaleway");
    List<Labels> targets = groups.getFirst().targets();
    assertThat(targets)
        .extracting(target -> target.get("__address__"))
        .containsExactly(
            "10.70.60.57:9100", "10.193.162.9:9100", "51.158.183.115:9100", "163.172.136.10:9100");
    assertThat(targets.get(2))
        .isEqualTo(
            Labels.of(
                "__address__", "51.158.183.115:9100",
                "__meta_scaleway_instance_boot_type", "local",
                "__meta_scaleway_instance_hostname", "routed-dualstack",
                "__meta_scaleway_instance_id", "4904366a-7e26-4b65-b97b-6392c761247a",
                "__meta_scaleway_instance_image_arch", "x86_64",
                "__meta_scaleway_instance_image_id", "3e0a5b84-1d69-4993-8fa4-0d7df52d5160",
                "__meta_scaleway_instance_image_name", "Ubuntu 22.04 Jammy Jellyfish",
                "__meta_scaleway_instance_location_cluster_id", "19",
                "__meta_scaleway_instance_location_hypervisor_id", "1201",
                "__meta_scaleway_instance_location_node_id", "24",
                "__meta_scaleway_instance_name", "routed-dualstack",
                "__meta_scaleway_instance_organization_id", "20b3d507-96ac-454c-a795-bc731b46b12f",
                "__meta_scaleway_instance_project_id", "20b3d507-96ac-454c-a795-bc731b46b12f",
                "__meta_scaleway_instance_public_ipv4", "51.158.183.115",
                "__meta_scaleway_instance_public_ipv4_addresses", ",51.158.183.115,",
                "__meta_scaleway_instance_public_ipv6_addresses",
                    ",2001:bc8:1640:1568:dc00:ff:fe21:91b,",
                "__meta_scaleway_instance_region", "nl-ams",
                "__meta_scaleway_instance_security_group_id",
                    "984414da-9fc2-49c0-a925-fed6266fe092",
                "__meta_scaleway_instance_security_group_name", "Default security group",
                "__meta_scaleway_instance_status", "running",
                "__meta_scaleway_instance_type", "DEV1-S",
                "__meta_scaleway_instance_zone", "nl-ams-1"));
    assertThat(targets.getFirst().get("__meta_scaleway_instance_private_ipv4"))
        .isEqualTo("10.70.60.57");
    assertThat(targets.getFirst().get("__meta_scaleway_instance_public_ipv6"))
        .isEqualTo("2001:bc8:630:1e1c::1");
    assertPrometheusFinds(section(stub.url()), groups);
  }

  @Test
  void addressesByPreference() throws Exception {
    String ips =
        "[{\"family\": \"inet6\", \"address\": \"2001:db8::1\"},"
            + " {\"family\": \"inet\", \"address\": \"192.0.2.7\"}]";
    String onlyIpv6 = "[{\"family\": \"inet6\", \"address\": \"2001:db8::2\"}]";
    String old = "\"public_ip\": {\"address\": \"192.0.2.8\"}";
    String oldIpv6 = "\"ipv6\": {\"address\": \"2001:db8::3\"}";
    stub.answer(asked ->
        Stub.Answer.json(
            "{\"servers\": ["
                + String.join(
                    ",",
                    "{\"id\": \"none\", \"tags\": [\"x\"]}",
                    "{\"id\": \"1\", \"public_ips\": " + onlyIpv6 + "}",
                    "{\"id\": \"2\", \"public_ips\": " + ips + "}",
                    "{\"id\": \"3\", \"public_ips\": " + ips + ", " + oldIpv6 + "}",
                    "{\"id\": \"4\", " + oldIpv6 + ", " + old + "}",
                    "{\"id\": \"5\", " + old + ", \"private_ip\": \"10.1.1.1\"}")
                + "]}"));
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().targets())
        .extracting(target -> target.get("__address__"))
        .containsExactly(
            "[2001:db8::2]:9100",
            "192.0.2.7:9100",
            "[2001:db8::3]:9100",
            "192.0.2.8:9100",
            "10.1.1.1:9100");
    // Prometheus 3.5.3 has no target where there are only addresses of the newer kind.
  }

  @Test
  void asksPageAfterPageWithFiltersAndSecret() throws Exception {
    filters = ", name_filter: my name, tags_filter: [a, b]";
    serve(3);
    assertThat(refresh().getFirst().targets())
        .extracting(target -> target.get("__meta_scaleway_instance_tags"))
        .containsExactly(",a,b,", ",a,b,", ",a,b,");
    String query = PATH + "?per_page=100&name=my+name&tags=a%2Cb&page=";
    assertThat(stub.asked()).extracting(Stub.Asked::path).containsExactly(query + "1", query + "2");
    assertThat(stub.asked()).extracting(asked -> asked.header("X-Auth-Token")).containsOnly(SECRET);
  }

  @Test
  void theFileWithTheSecretIsReadForEachTurn(@TempDir Path folder) throws Exception {
    Path file = folder.resolve("secret");
    secret = "secret_key_file: " + file;
    serve(1);
    Files.writeString(file, "first\n");
    try (Instances instances =
        new Instances((ScalewayConfig) config(section(stub.url())), context)) {
      instances.refresh();
      Files.writeString(file, "second\n");
      instances.refresh();
      Files.delete(file);
      assertThatThrownBy(instances::refresh)
          .hasMessageContaining("unable to read auth token file " + file);
    }
    assertThat(stub.asked())
        .extracting(asked -> asked.header("X-Auth-Token"))
        .containsExactly("first", "second");
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("unable to read auth token file " + file);
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(403, "{\"type\": \"denied_authentication\"}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("403 Forbidden: {\"type\": \"denied_authentication\"}");
    stub.answer(asked -> Stub.Answer.json("{\"servers\": [{\"tags\": {}}]}"));
    assertThatThrownBy(this::refresh).hasMessage("servers[0].tags is an object, expected an array");
    stub.answer(asked ->
        new Stub.Answer(
            200, "application/json", "{\"servers\": [1]}", Map.of("X-Total-Count", "many")));
    assertThatThrownBy(this::refresh).hasMessage("X-Total-Count is no number: \"many\"");
  }
}
