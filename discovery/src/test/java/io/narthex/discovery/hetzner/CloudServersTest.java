package io.narthex.discovery.hetzner;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The answers: Hetzner Cloud's API reference, "Get all Servers" and "Get all Networks". */
final class CloudServersTest extends VendorAcceptance {

  private static final String SERVER =
      """
      {"id": 42, "name": "my-server", "status": "running",
       "public_net": {
         "ipv4": {"ip": "1.2.3.4", "blocked": false, "dns_ptr": "server01.example.com"},
         "ipv6": {"ip": "2001:db8::/64", "blocked": false, "dns_ptr": []}, "floating_ips": []},
       "private_net": [{"network": 4711, "ip": "10.0.0.2", "alias_ips": [], "mac_address": ""}],
       "server_type": {"id": 1, "name": "cx11", "description": "CX11", "cores": 1, "memory": 2.0,
         "disk": 25, "prices": [], "storage_type": "local", "cpu_type": "shared"},
       "datacenter": {"id": 1, "name": "fsn1-dc8", "description": "Falkenstein DC 8",
         "location": {"id": 1, "name": "fsn1", "city": "Falkenstein", "country": "DE",
           "network_zone": "eu-central"}, "server_types": {"supported": [], "available": []}},
       "image": {"id": 4711, "type": "system", "status": "available", "name": "ubuntu-20.04",
         "description": "Ubuntu 20.04 Standard 64 bit", "os_flavor": "ubuntu",
         "os_version": "20.04", "image_size": 2.3, "disk_size": 10},
       "labels": {"my-key": "my-value", "empty": ""}, "volumes": [], "load_balancers": []}
      """;
  private static final String NETWORKS =
      """
      {"networks": [{"id": 4711, "name": "my-net", "ip_range": "10.0.0.0/16", "subnets": [],
        "routes": [], "servers": [42], "labels": {}}],
       "meta": {"pagination": {"page": 1, "per_page": 50, "previous_page": null,
         "next_page": null, "last_page": 1, "total_entries": 1}}}
      """;

  CloudServersTest() {
    super("api.hetzner.cloud");
  }

  @Override
  protected String vendorSection(String access) {
    return "hetzner_sd_configs: [{role: hcloud, port: 9100, label_selector: 'env in (a,b)',"
        + " bearer_token: token, "
        + access
        + "}]";
  }

  @Override
  protected Set<String> newerLabels() {
    return Set.of("__meta_hetzner_hcloud_location", "__meta_hetzner_hcloud_location_network_zone");
  }

  /** Two to a page. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      if (asked.path().startsWith("/v1/networks?")) {
        return Stub.Answer.json(NETWORKS);
      }
      if (!asked.path().startsWith("/v1/servers?")) {
        return Stub.Answer.status(404, asked.path());
      }
      int page = asked.path().matches(".*[?&]page=2(&.*)?") ? 2 : 1;
      String next = page == 1 && targets > 2 ? "2" : "null";
      String servers =
          IntStream.rangeClosed(2 * page - 1, Math.min(2 * page, targets))
              .mapToObj(i -> SERVER.replace("1.2.3.4", "192.0.2." + i).replace("42", "" + i))
              .collect(Collectors.joining(","));
      return Stub.Answer.json(
          "{\"servers\": ["
              + servers
              + "], \"meta\": {\"pagination\": {\"page\": "
              + page
              + ", \"per_page\": 2, \"next_page\": "
              + next
              + "}}}");
    });
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private List<TargetGroup> refresh() throws Exception {
    try (CloudServers servers = new CloudServers((HetznerConfig) config(section()), context)) {
      return servers.refresh();
    }
  }

  private void serveOnly(String server) {
    stub.answer(asked ->
        Stub.Answer.json(
            asked.path().startsWith("/v1/networks")
                ? NETWORKS
                : "{\"servers\": [" + server + "]}"));
  }

  @Test
  void labels() throws Exception {
    serveOnly(SERVER);
    assertThat(refresh())
        .containsExactly(
            new TargetGroup(
                "hetzner",
                Labels.EMPTY,
                List.of(
                    Labels.of(
                        "__address__", "1.2.3.4:9100",
                        "__meta_hetzner_role", "hcloud",
                        "__meta_hetzner_server_id", "42",
                        "__meta_hetzner_server_name", "my-server",
                        "__meta_hetzner_server_status", "running",
                        "__meta_hetzner_datacenter", "fsn1-dc8",
                        "__meta_hetzner_public_ipv4", "1.2.3.4",
                        "__meta_hetzner_public_ipv6_network", "2001:db8::/64",
                        "__meta_hetzner_hcloud_location", "fsn1",
                        "__meta_hetzner_hcloud_location_network_zone", "eu-central",
                        "__meta_hetzner_hcloud_datacenter_location", "fsn1",
                        "__meta_hetzner_hcloud_datacenter_location_network_zone", "eu-central",
                        "__meta_hetzner_hcloud_cpu_cores", "1",
                        "__meta_hetzner_hcloud_cpu_type", "shared",
                        "__meta_hetzner_hcloud_memory_size_gb", "2",
                        "__meta_hetzner_hcloud_disk_size_gb", "25",
                        "__meta_hetzner_hcloud_server_type", "cx11",
                        "__meta_hetzner_hcloud_image_name", "ubuntu-20.04",
                        "__meta_hetzner_hcloud_image_description", "Ubuntu 20.04 Standard 64 bit",
                        "__meta_hetzner_hcloud_image_os_flavor", "ubuntu",
                        "__meta_hetzner_hcloud_image_os_version", "20.04",
                        "__meta_hetzner_hcloud_private_ipv4_my_net", "10.0.0.2",
                        "__meta_hetzner_hcloud_label_my_key", "my-value",
                        "__meta_hetzner_hcloud_labelpresent_my_key", "true",
                        "__meta_hetzner_hcloud_labelpresent_empty", "true"))));
  }

  @Test
  void theLocationIsTheServersOwnWhereItTellsOne() throws Exception {
    serveOnly("{\"id\": 1, \"location\": {\"name\": \"hel1\", \"network_zone\": \"eu\"}}");
    Labels target = refresh().getFirst().targets().getFirst();
    assertThat(target.get("__meta_hetzner_hcloud_location")).isEqualTo("hel1");
    assertThat(target.get("__meta_hetzner_hcloud_datacenter_location")).isEqualTo("hel1");
    assertThat(target.has("__meta_hetzner_datacenter")).isFalse();
    assertThat(target.has("__meta_hetzner_hcloud_image_name")).isFalse();
  }

  @Test
  void serversWithoutAPublicAddressAreWrittenAsPrometheusDoes() throws Exception {
    String without =
        SERVER
            .replaceAll("(?s)\"ipv4\": \\{.*?\\}", "\"ipv4\": null")
            .replaceAll("(?s)\"ipv6\": \\{.*?\\}", "\"ipv6\": null");
    serveOnly(without);
    Labels target = refresh().getFirst().targets().getFirst();
    assertThat(target.get("__address__")).isEqualTo("<nil>:9100");
    assertThat(target.get("__meta_hetzner_public_ipv4")).isEqualTo("<nil>");
    assertThat(target.get("__meta_hetzner_public_ipv6_network")).isEqualTo("<nil>");
    assertPrometheusFinds(section(), refresh());
  }

  @Test
  void asksPageAfterPageWithSelectorAndToken() throws Exception {
    serve(3);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/v1/servers?page=1&per_page=50&label_selector=env+in+%28a%2Cb%29",
            "/v1/servers?page=2&per_page=50&label_selector=env+in+%28a%2Cb%29",
            "/v1/networks?page=1&per_page=50");
    assertThat(stub.asked())
        .extracting(asked -> asked.header("Authorization"))
        .containsOnly("Bearer token");
  }

  @Test
  void pagesThatRepeatAreAnError() {
    stub.answer(asked ->
        Stub.Answer.json("{\"servers\": [], \"meta\": {\"pagination\": {\"next_page\": 1}}}"));
    assertThatThrownBy(this::refresh).hasMessageContaining("never end: 1 follows 1");
  }

  @Test
  void networksThatCannotBeFetchedAreAnError() {
    stub.answer(asked ->
        asked.path().startsWith("/v1/servers")
            ? Stub.Answer.json("{\"servers\": []}")
            : Stub.Answer.status(403, "{\"error\": {\"code\": \"forbidden\"}}"));
    assertThatThrownBy(this::refresh).hasMessageContaining("HTTP status 403 Forbidden: {\"error\"");
  }
}
