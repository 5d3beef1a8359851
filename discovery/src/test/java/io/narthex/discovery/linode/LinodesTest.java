package io.narthex.discovery.linode;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.discovery.Stub;
import io.narthex.discovery.TargetGroup;
import io.narthex.discovery.VendorAcceptance;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.Conformance;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The answers: recorded ones, and Linode's API reference for the same paths. */
final class LinodesTest extends VendorAcceptance {

  private static final String EVENTS = "/v4/account/events";

  private String region = "";

  LinodesTest() {
    super("api.linode.com");
  }

  @Override
  protected String vendorSection(String access) {
    return "linode_sd_configs: [{port: 9100, region: '"
        + region
        + "', authorization: {credentials: token}, "
        + access
        + "}]";
  }

  private static Stub.Answer page(String items, int page, int pages) {
    return Stub.Answer.json(
        "{\"data\": ["
            + items
            + "], \"page\": "
            + page
            + ", \"pages\": "
            + pages
            + ", \"results\": 1}");
  }

  /** Two to a page, and an event whenever it is asked. */
  @Override
  protected void serve(int targets) {
    stub.answer(asked -> {
      String path = asked.path().substring(0, asked.path().indexOf('?'));
      int page = asked.path().matches(".*[?&]page=2(&.*)?") ? 2 : 1;
      return switch (path) {
        case EVENTS -> page("{\"id\": 123, \"action\": \"linode_boot\"}", 1, 1);
        case "/v4/networking/ipv6/ranges" -> page("", 1, 1);
        case "/v4/networking/ips" ->
            page(
                items(
                    1,
                    targets,
                    "{'address': '192.0.2.%1$d',"
                        + " 'public': true, 'type': 'ipv4', 'linode_id': %1$d}"),
                1,
                1);
        case "/v4/linode/instances" ->
            page(
                items(
                    2 * page - 1,
                    Math.min(2 * page, targets),
                    "{'id': %1$d,"
                        + " 'label': 'linode%1$d', 'ipv4': ['192.0.2.%1$d'], 'specs': {'disk': 1}, 'backups': {}}"),
                page,
                Math.max(1, (targets + 1) / 2));
        default -> Stub.Answer.status(404, asked.path());
      };
    });
  }

  private static String items(int from, int to, String format) {
    return IntStream.rangeClosed(from, to)
        .mapToObj(i -> String.format(format.replace('\'', '"'), i))
        .collect(Collectors.joining(","));
  }

  @Override
  protected String address(int number) {
    return "192.0.2." + number + ":9100";
  }

  private void serveRecorded(String events) {
    String folder = region.isEmpty() ? "no_region_filter" : region;
    Path root = Conformance.path("service-discovery/linode/" + folder);
    stub.answer(asked -> {
      String path = asked.path().substring(0, asked.path().indexOf('?'));
      if (path.equals(EVENTS)) {
        return events.isEmpty()
            ? Stub.Answer.status(401, "{\"errors\": [{\"reason\": \"Invalid OAuth Token\"}]}")
            : Stub.Answer.json(events);
      }
      try {
        return Stub.Answer.json(Files.readString(root.resolve(path.substring(1) + ".json")));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    });
  }

  private Linodes open() throws IOException {
    return new Linodes((LinodeConfig) config(section()), context);
  }

  private List<TargetGroup> refresh() throws IOException {
    try (Linodes linodes = open()) {
      return linodes.refresh();
    }
  }

  private List<String> askedPaths() {
    return stub.asked().stream()
        .map(asked -> asked.path().substring(0, asked.path().indexOf('?')))
        .toList();
  }

  @Test
  void labelsOfARecordedAnswer() throws Exception {
    serveRecorded("{\"data\": []}");
    List<TargetGroup> groups = refresh();
    assertThat(groups.getFirst().source()).isEqualTo("Linode");
    assertThat(groups.getFirst().targets()).hasSize(4);
    assertThat(groups.getFirst().targets())
        .contains(
            Labels.of(
                "__address__", "45.33.82.151:9100",
                "__meta_linode_instance_id", "26838044",
                "__meta_linode_instance_label", "prometheus-linode-sd-exporter-1",
                "__meta_linode_image", "linode/arch",
                "__meta_linode_private_ipv4", "192.168.170.51",
                "__meta_linode_public_ipv4", "45.33.82.151",
                "__meta_linode_public_ipv4_rdns", "li1028-151.members.linode.com",
                "__meta_linode_public_ipv6", "2600:3c03::f03c:92ff:fe1a:1382",
                "__meta_linode_region", "us-east",
                "__meta_linode_type", "g6-standard-2",
                "__meta_linode_status", "running",
                "__meta_linode_tags", ",monitoring,",
                "__meta_linode_gpus", "0",
                "__meta_linode_hypervisor", "kvm",
                "__meta_linode_backups", "disabled",
                "__meta_linode_specs_disk_bytes", "85899345920",
                "__meta_linode_specs_memory_bytes", "4294967296",
                "__meta_linode_specs_vcpus", "2",
                "__meta_linode_specs_transfer_bytes", "4194304000",
                "__meta_linode_extra_ips", ",96.126.108.16,192.168.201.25,"));
    assertThat(groups.getFirst().targets())
        .filteredOn(target -> target.has("__meta_linode_ipv6_ranges"))
        .extracting(target -> target.get("__meta_linode_ipv6_ranges"))
        .containsExactlyInAnyOrder(",2600:3c03:e000:123::/64,", ",2600:3c04:e001:456::/64,");
    assertPrometheusFinds(section(), groups);
  }

  @Test
  void aRegionIsAskedForInAHeader() throws Exception {
    for (String each : List.of("us-east", "ca-central")) {
      region = each;
      serveRecorded("{\"data\": []}");
      List<TargetGroup> groups = refresh();
      assertThat(groups.getFirst().targets())
          .isNotEmpty()
          .allMatch(target -> each.equals(target.get("__meta_linode_region")));
      assertThat(stub.asked().getLast().header("X-Filter"))
          .isEqualTo("{\"region\": \"" + each + "\"}");
      assertPrometheusFinds(section(), groups);
    }
  }

  @Test
  void namesBackupsAndGroups() throws Exception {
    stub.answer(asked ->
        switch (asked.path().substring(0, asked.path().indexOf('?'))) {
          case "/v4/linode/instances" ->
              page(
                  "{\"id\": 1, \"group\": \"g\", \"ipv4\": [\"10.0.0.1\", \"1.2.3.4\"],"
                      + " \"ipv6\": \"2001:db8::1/64\", \"backups\": {\"enabled\": true}}, {\"id\": 2}",
                  1,
                  1);
          case "/v4/networking/ips" ->
              page(
                  "{\"address\": \"10.0.0.1\", \"public\": false, \"rdns\": \"inside\"},"
                      + "{\"address\": \"1.2.3.4\", \"public\": true, \"rdns\": \"null\"},"
                      + "{\"address\": \"2001:db8::1\", \"public\": true, \"rdns\": \"six\"}",
                  1,
                  1);
          default -> page("", 1, 1);
        });
    List<Labels> targets = refresh().getFirst().targets();
    assertThat(targets).hasSize(1);
    Labels target = targets.getFirst();
    assertThat(target.get("__meta_linode_private_ipv4_rdns")).isEqualTo("inside");
    assertThat(target.has("__meta_linode_public_ipv4_rdns")).isFalse();
    assertThat(target.get("__meta_linode_public_ipv6_rdns")).isEqualTo("six");
    assertThat(target.get("__meta_linode_backups")).isEqualTo("enabled");
    assertThat(target.get("__meta_linode_group")).isEqualTo("g");
  }

  @Test
  void asksPageAfterPageWithTheToken() throws Exception {
    serve(3);
    refresh();
    assertThat(stub.asked())
        .extracting(Stub.Asked::path)
        .containsExactly(
            "/v4/linode/instances?page=1&page_size=500",
            "/v4/linode/instances?page=2&page_size=500",
            "/v4/networking/ips?page=1&page_size=500",
            "/v4/networking/ipv6/ranges?page=1&page_size=500");
    assertThat(stub.asked())
        .extracting(asked -> asked.header("Authorization"))
        .containsOnly("Bearer token");
  }

  @Test
  void withoutEventsNothingIsAskedForNineTurns() throws Exception {
    serveRecorded("{\"data\": []}");
    try (Linodes linodes = open()) {
      List<TargetGroup> first = linodes.refresh();
      assertThat(stub.asked()).hasSize(3);
      for (int turn = 1; turn <= 9; turn++) {
        assertThat(linodes.refresh()).isEqualTo(first);
      }
      assertThat(askedPaths().subList(3, 12)).containsOnly(EVENTS);
      assertThat(stub.asked().get(3).path()).isEqualTo(EVENTS + "?page=1&page_size=25");
      // The clock of the tests stands at 1,700,000,000 seconds.
      assertThat(stub.asked().get(3).header("X-Filter"))
          .isEqualTo("{\"created\": {\"+gte\": \"2023-11-14T22:13:20\"}}");
      linodes.refresh();
      assertThat(askedPaths().subList(12, 16))
          .containsExactly(
              EVENTS, "/v4/linode/instances", "/v4/networking/ips", "/v4/networking/ipv6/ranges");
    }
  }

  @Test
  void aTokenThatIsNotGoodForEventsMeansToAskEachTurn() throws Exception {
    serveRecorded("");
    try (Linodes linodes = open()) {
      linodes.refresh();
      linodes.refresh();
      linodes.refresh();
    }
    assertThat(askedPaths()).hasSize(10).containsOnlyOnce(EVENTS);
  }

  private double failures() {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals("prometheus_sd_linode_failures"))
        .flatMap(metric -> ((CounterSnapshot) metric).getDataPoints().stream())
        .mapToDouble(point -> point.getValue())
        .sum();
  }

  @Test
  void wrongAnswers() {
    stub.answer(asked -> Stub.Answer.status(401, "{\"errors\": []}"));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("server returned HTTP status 401 Unauthorized: {\"errors\": []}");
    assertThat(failures()).isEqualTo(1);
    stub.answer(asked -> page("1", 1, 1));
    assertThatThrownBy(this::refresh)
        .hasMessageContaining("data[0] is a number, expected an object");
  }

  @Test
  void eventsThatCannotBeFetchedAreAnError() throws Exception {
    serve(1);
    try (Linodes linodes = open()) {
      linodes.refresh();
      stub.broken(true);
      assertThatThrownBy(linodes::refresh).hasMessageContaining(EVENTS).hasMessageContaining("500");
    }
  }
}
