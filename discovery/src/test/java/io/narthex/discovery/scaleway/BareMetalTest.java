package io.narthex.discovery.scaleway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.StubAcceptance;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import java.io.IOException;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * The answers: Scaleway's Elastic Metal API reference, "List Elastic Metal servers", "List offers",
 * "List available OSes".
 */
final class BareMetalTest extends StubAcceptance {

  private static final String PATH = "/baremetal/v1/zones/fr-par-2/";
  private static final String SERVER =
      """
      {"id": "e33cb8b5", "organization_id": "org", "project_id": "prj", "name": "my-server",
       "description": "", "status": "ready", "offer_id": "offer-1", "offer_name": "EM-A210R",
       "tags": ["a", "b"], "zone": "fr-par-2", "domain": "example.com", "boot_type": "normal",
       "install": {"os_id": "os-1", "hostname": "my-server", "ssh_key_ids": [],
         "status": "completed"},
       "ips": [{"id": "1", "address": "2001:db8::5", "version": "IPv6"},
               {"id": "2", "address": "192.0.2.5", "version": "IPv4"},
               {"id": "3", "address": "192.0.2.66", "version": "IPv4"},
               {"id": "4", "address": "2001:db8::66", "version": "IPv6"}]}
      """;

  private String filters = "";

  @Override
  protected String section(String url) {
    return "scaleway_sd_configs: [{role: baremetal, port: 9100, zone: fr-par-2,"
        + " access_key: SCWXXXXXXXXXXXXXXXXX, secret_key: 11111111-1111-1111-1111-111111111111,"
        + " project_id: 11111111-1111-1111-1111-111111111112"
        + filters
        + ", api_url: '"
        + url
        + "'}]";
  }

  private static Stub.Answer list(String name, int total, String items) {
    return Stub.Answer.json("{\"total_count\": " + total + ", \"" + name + "\": [" + items + "]}");
  }

  /** Two to a page. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      int page = asked.path().matches(".*[?&]page=2(&.*)?") ? 2 : 1;
      return switch (asked.path().substring(PATH.length(), asked.path().indexOf('?'))) {
        case "servers" ->
            list(
                "servers",
                targets,
                IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
                    .mapToObj(i -> SERVER.replace("192.0.2.5", "192.0.2." + i))
                    .collect(Collectors.joining(",")));
        case "offers" ->
            list(
                "offers",
                2,
                page == 1
                    ? "{\"id\": \"offer-0\", \"name\": \"other\"}"
                    : "{\"id\": \"offer-1\", \"name\": \"EM-A210R\"}");
        case "os" ->
            list(
                "os",
                2,
                "{\"id\": \"os-0\", \"name\": \"other\", \"version\": \"1\"},"
                    + "{\"id\": \"os-1\", \"name\": \"Ubuntu\", \"version\": \"22.04 LTS\"}");
        default -> Stub.Answer.status(404, asked.path());
      };
    });
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws IOException {
    try (BareMetal servers = new BareMetal((ScalewayConfig) config(section(stub.url())), context)) {
      return servers.refresh();
    }
  }

  @Test
  void labels() throws Exception {
    filters = ", name_filter: my name, tags_filter: [a, b]";
    serve(1);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "scaleway",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "192.0.2.1:9100",
                        "__meta_scaleway_baremetal_id", "e33cb8b5",
                        "__meta_scaleway_baremetal_name", "my-server",
                        "__meta_scaleway_baremetal_os_name", "Ubuntu",
                        "__meta_scaleway_baremetal_os_version", "22.04 LTS",
                        "__meta_scaleway_baremetal_project_id", "prj",
                        "__meta_scaleway_baremetal_public_ipv4", "192.0.2.1",
                        "__meta_scaleway_baremetal_public_ipv6", "2001:db8::5",
                        "__meta_scaleway_baremetal_status", "ready",
                        "__meta_scaleway_baremetal_tags", ",a,b,",
                        "__meta_scaleway_baremetal_type", "EM-A210R",
                        "__meta_scaleway_baremetal_zone", "fr-par-2"))));
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            PATH + "servers?page_size=100&name=my+name&tags=a&tags=b&page=1",
            PATH + "offers?page_size=100&page=1",
            PATH + "offers?page_size=100&page=2",
            PATH + "os?page_size=100&page=1");
  }

  private void serveOnly(String server) {
    stub.answer(
        asked -> list("servers", 1, asked.path().startsWith(PATH + "servers") ? server : ""));
  }

  @Test
  void withoutIpv4TheAddressIsThatOfIpv6() throws Exception {
    serveOnly("{\"ips\": [{\"address\": \"2001:db8::5\", \"version\": \"IPv6\"}]}");
    assertThat(refresh().getFirst().targets())
        .containsExactly(
            Labels.of(
                "__address__", "[2001:db8::5]:9100",
                "__meta_scaleway_baremetal_public_ipv6", "2001:db8::5"));
  }

  @Test
  void wrongAnswers() {
    serveOnly("{\"ips\": [{\"address\": \"x\", \"version\": \"IPv5\"}]}");
    assertThatThrownBy(this::refresh).hasMessage("unknown IP version: IPv5");
    stub.answer(asked ->
        asked.path().startsWith(PATH + "os")
            ? Stub.Answer.status(500, "")
            : list("servers", 0, ""));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining(PATH + "os?page_size=100&page=1: server returned HTTP status 500");
  }
}
