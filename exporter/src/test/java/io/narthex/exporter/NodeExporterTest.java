package io.narthex.exporter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class NodeExporterTest {

  private static NodeExporter open(String... flags) {
    List<String> all = new ArrayList<>(List.of("--web.listen-address=127.0.0.1:0"));
    all.addAll(List.of(flags));
    return NodeExporter.open(all, Clock.SYSTEM);
  }

  private static HttpResponse<String> get(NodeExporter exporter, String path) {
    int port = exporter.addresses().getFirst().getPort();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
          HttpResponse.BodyHandlers.ofString());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void servesTheMetricsOfThisMachine() {
    try (NodeExporter exporter = open()) {
      HttpResponse<String> page = get(exporter, "/metrics");
      assertThat(page.headers().firstValue("Content-Type"))
          .hasValue("text/plain; version=0.0.4; charset=utf-8");
      assertThat(page.body())
          .contains("# TYPE node_cpu_seconds_total counter\n")
          .contains("node_scrape_collector_success{collector=\"meminfo\"} 1\n")
          .contains("node_exporter_build_info{");
      assertThat(get(exporter, "/").body()).contains("<a href=\"/metrics\">Metrics</a>");
    }
  }

  @Test
  void collectsWhatTheScrapeAsksFor() {
    try (NodeExporter exporter = open("--no-collector.vmstat")) {
      assertThat(get(exporter, "/metrics?collect[]=loadavg&collect[]=stat").body())
          .contains("node_load1 ", "node_forks_total ")
          .doesNotContain("node_memory_", "node_uname_info");
      assertThat(get(exporter, "/metrics?exclude[]=loadavg").body())
          .contains("node_memory_MemTotal_bytes ")
          .doesNotContain("node_load1 ", "node_vmstat");
      refused(
          exporter,
          "collect[]=cpu&exclude[]=stat",
          "Combined collect and exclude queries are not allowed.\n");
      String reason = "Couldn't create filtered metrics handler: couldn't create collector: ";
      refused(exporter, "collect[]=foo", reason + "missing collector: foo\n");
      refused(exporter, "collect[]=ntp", reason + "disabled collector: ntp\n");
      refused(exporter, "collect[]=vmstat", reason + "disabled collector: vmstat\n");
    }
  }

  private static void refused(NodeExporter exporter, String query, String text) {
    HttpResponse<String> answer = get(exporter, "/metrics?" + query);
    assertThat(answer.statusCode()).isEqualTo(400);
    assertThat(answer.body()).isEqualTo(text);
  }

  @Test
  void followsItsFlags() {
    try (NodeExporter exporter =
        open(
            "--collector.disable-defaults",
            "--collector.loadavg",
            "--collector.systemd",
            "--web.telemetry-path=/node")) {
      assertThat(get(exporter, "/node").body())
          .contains("node_load1 ")
          .doesNotContain("node_cpu", "node_memory");
      assertThat(get(exporter, "/metrics").statusCode()).isEqualTo(404);
    }
  }

  @Test
  void refusesFlagsThatContradictEachOther() {
    assertThatThrownBy(() ->
            open("--collector.netdev.device-exclude=a", "--collector.netdev.device-include=b"))
        .hasMessage("device-exclude & device-include are mutually exclusive");
    assertThatThrownBy(() ->
            open(
                "--collector.filesystem.ignored-fs-types=a",
                "--collector.filesystem.fs-types-exclude=b"))
        .hasMessage(
            "--collector.filesystem.ignored-fs-types and --collector.filesystem.fs-types-exclude"
                + " are mutually exclusive");
  }

  @Test
  void saysWhyItDoesNotStart() {
    try (NodeExporter exporter = open()) {
      int port = exporter.addresses().getFirst().getPort();
      assertThatThrownBy(() ->
              NodeExporter.open(List.of("--web.listen-address=127.0.0.1:" + port), Clock.SYSTEM))
          .isInstanceOf(HttpException.class)
          .hasMessage("listen tcp 127.0.0.1:" + port + ": bind: address already in use");
    }
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    PrintStream out = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
    int code =
        NodeExporter.run(
            List.of("--nonsense"), out, new PrintStream(err, true, StandardCharsets.UTF_8));
    assertThat(code).isEqualTo(1);
    assertThat(err.toString(StandardCharsets.UTF_8))
        .startsWith("node_exporter: error: unknown long flag '--nonsense'");
  }
}
