package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A broken configuration is said in one line, at start and on reload. */
final class BadConfigurationTest {

  private static final String GOOD = "global: {scrape_interval: 1s, scrape_timeout: 1s}\n";

  @TempDir private Path folder;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          global:~  scrape_intervall: 1s                                       | line 2: field scrape_intervall not found
          global:~  scrape_interval: [1]                                       | line 2
          scrape_configs:~- job_name: a~- job_name: a                          | found multiple scrape configs with job name
          scrape_configs:~- job_name: a~  relabel_configs:~  - regex: '('      | error parsing regexp
          """)
  void startSaysFileLineAndReason(String yaml, String reason) throws Exception {
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, yaml.replace("~", "\n") + "\n");
    assertRefused(file, reason);
  }

  @Test
  void startSaysThatTheFileCannotBeRead() throws Exception {
    assertRefused(folder.resolve("absent.yml"), "no such file or directory");
  }

  private void assertRefused(Path file, String reason) throws Exception {
    try (Program server =
        Program.narthex(
            folder,
            "prometheus",
            "--config.file=" + file,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.listen-address=127.0.0.1:" + Program.freePort())) {
      assertThat(server.exitCode()).as(server.output()).isIn(1, 2);
      List<String> said = server.output().lines().filter(line -> line.contains(reason)).toList();
      assertThat(said).as(server.output()).hasSize(1);
      assertThat(said.getFirst()).contains(file.getFileName().toString());
      assertThat(server.output()).doesNotContain("\tat ");
    }
  }

  @Test
  void reloadKeepsWhatWasInForce() throws Exception {
    Path file = folder.resolve("prometheus.yml");
    Files.writeString(file, GOOD);
    int port = Program.freePort();
    Api api = new Api(port);
    try (Program server =
        Program.narthex(
            folder,
            "prometheus",
            "--config.file=" + file,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--web.enable-lifecycle",
            "--web.listen-address=127.0.0.1:" + port)) {
      server.awaitReady(api);
      String before = api.data("/api/v1/status/config").get("yaml").text();
      writeAndReload(file, "global: {scrape_intervall: 1s}\n", api, 500, "scrape_intervall");
      assertThat(api.data("/api/v1/status/config").get("yaml").text()).isEqualTo(before);
      assertThat(api.get("/metrics").body()).contains("prometheus_config_last_reload_successful 0");
      writeAndReload(file, "global: {scrape_interval: 2s, scrape_timeout: 1s}\n", api, 200, "");
      assertThat(api.data("/api/v1/status/config").get("yaml").text())
          .contains("scrape_interval: 2s");
      assertThat(server.stop()).isZero();
    }
  }

  private static void writeAndReload(Path file, String yaml, Api api, int status, String says)
      throws IOException {
    Files.writeString(file, yaml);
    HttpResponse<String> response = api.post("/-/reload");
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
    assertThat(response.body()).contains(says);
  }
}
