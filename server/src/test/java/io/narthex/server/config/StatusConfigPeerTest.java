package io.narthex.server.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the status page of Prometheus 3.5 shows of a file, and what ours shows. */
final class StatusConfigPeerTest {

  /** Mechanisms whose back ends are nowhere: they fail, and are shown all the same. */
  private static final String YAML =
      """
      global:
        scrape_interval: 15s
        evaluation_interval: 30s
        sample_limit: 1500
        external_labels: {zone: "1", a: b}
      runtime: {gogc: 42}
      alerting:
        alert_relabel_configs: [{action: labeldrop, regex: a}]
        alertmanagers:
        - scheme: https
          path_prefix: /am
          timeout: 5s
          relabel_configs: [{action: labeldrop, regex: b}]
          static_configs: [{targets: ['127.0.0.1:1']}]
      remote_write:
      - url: http://user:secret@127.0.0.1:1/push
        name: w
        headers: {name: value}
        write_relabel_configs: [{source_labels: [__name__], regex: 'x.*', action: drop}]
        queue_config: {max_shards: 3}
      - url: http://127.0.0.1:1/push2
        protobuf_message: io.prometheus.write.v2.Request
        bearer_token: secret
      remote_read:
      - url: http://127.0.0.1:1/read
        read_recent: true
        required_matchers: {job: special}
      otlp:
        promote_resource_attributes: [a, b]
        translation_strategy: NoUTF8EscapingWithSuffixes
      storage:
        tsdb: {out_of_order_time_window: 30m}
      tracing: {endpoint: '127.0.0.1:1', insecure: true, headers: {x: "y"}, timeout: 5s}
      scrape_configs:
      - job_name: "a: b"
        honor_labels: true
        params: {module: [m, "1"]}
        basic_auth: {username: u, password: "p\\nq"}
        body_size_limit: 10MB
        relabel_configs:
        - {source_labels: [job, x], regex: '(.*)some-[regex]', target_label: job, replacement: 'foo-${1}'}
        - {regex: , replacement: static, target_label: abc}
        - {source_labels: [__address__], modulus: 8, target_label: __tmp_hash, action: hashmod}
        metric_relabel_configs: [{action: LabelDrop, regex: d}]
        static_configs: [{targets: ['127.0.0.1:1'], labels: {my: label}}]
        file_sd_configs: [{files: [absent/*.json]}]
        http_sd_configs: [{url: 'http://user:secret@127.0.0.1:1/t'}]
        kubernetes_sd_configs:
        - role: endpoints
          api_server: https://127.0.0.1:1
          namespaces: {names: [default]}
          selectors: [{role: pod, label: a=b, field: c=d}]
          attach_metadata: {node: true}
        docker_sd_configs: [{host: 'unix:///absent.sock', filters: [{name: n, values: [v]}]}]
        dockerswarm_sd_configs: [{host: 'http://127.0.0.1:1', role: nodes}]
        eureka_sd_configs: [{server: 'http://127.0.0.1:1/eureka'}]
        marathon_sd_configs: [{servers: ['http://127.0.0.1:1'], auth_token: secret}]
        nerve_sd_configs: [{servers: ['127.0.0.1:1'], paths: [/p]}]
        serverset_sd_configs: [{servers: ['127.0.0.1:1'], paths: [/p]}]
        puppetdb_sd_configs: [{url: 'http://127.0.0.1:1', query: 'resources { type = "Package" }'}]
        uyuni_sd_configs: [{server: 'http://127.0.0.1:1', username: u, password: secret}]
        dns_sd_configs: [{names: [localhost], type: A, port: 1}]
        scaleway_sd_configs:
        - {role: instance, project_id: 11111111-1111-1111-1111-111111111112, access_key: SCWXXXXXXXXXXXXXXXXX, secret_key: 11111111-1111-1111-1111-111111111111, api_url: 'http://127.0.0.1:1'}
      """;

  @TempDir private Path folder;

  @Test
  void asPrometheusShowsIt() throws Exception {
    Path program = Peers.program("prometheus35");
    Path file = Files.writeString(folder.resolve("prometheus.yml"), YAML);
    String theirs = theirs(program, file);
    String ours = Configuration.check(file, LoadOptions.DEFAULT).yaml();
    // What later versions tell more.
    String comparable =
        ours.replace("  metric_name_validation_scheme: utf8\n  scrape_native", "  scrape_native")
            .replaceAll("(?m)^  (scrape_native_histograms|extra_scrape_metrics): false\n", "")
            .replaceAll("(?m)^  label_name_\\w+: true\n", "")
            .replace("      namespace: false\n", "");
    // What they no longer tell, or should not have told.
    String told =
        theirs
            .replaceFirst("(?m)(^  scrape_timeout: .*\n)  scrape_protocols:\n(?:  - .*\n)+", "$1")
            .replaceFirst("(?m)^    outofordertimewindow: \\d+\n", "")
            .replace("user:secret@", "user:xxxxx@");
    assertThat(comparable).isEqualTo(told);
  }

  private String theirs(Path program, Path file) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + file,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    try (HttpClient http = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/status/config");
      String last = "";
      for (int i = 0; i < 300 && process.isAlive(); i++) {
        try {
          HttpResponse<String> answer =
              http.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
          last = answer.body();
          if (answer.statusCode() == 200) {
            String yaml = Json.parse(last).get("data").get("yaml").text();
            if (yaml.contains("job_name")) {
              return yaml;
            }
          }
        } catch (IOException e) {
          last = String.valueOf(e.getMessage());
        }
        LockSupport.parkNanos(100_000_000);
      }
      throw new AssertionError(last + Files.readString(folder.resolve("prometheus.log")));
    } finally {
      process.destroy();
      process.waitFor(30, TimeUnit.SECONDS);
      process.destroyForcibly().waitFor();
    }
  }
}
