package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.net.http.HttpServer;
import io.narthex.net.http.Router;
import io.narthex.testkit.MemoryStorage;
import io.narthex.testkit.Peers;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The real senders write to the receiver. */
final class SendersTest {

  @TempDir private Path folder;
  private final MemoryStorage memory = new MemoryStorage();
  private final WriteReceiver receiver =
      new WriteReceiver(
          memory,
          Clock.SYSTEM,
          WriteReceiver.Options.of(List.of(MessageType.V1, MessageType.V2)),
          new PrometheusRegistry());
  private final HttpServer server =
      HttpServer.open(
          new HttpServer.Options(List.of("127.0.0.1:0"), Duration.ofMinutes(1), 100),
          new Router().on("POST", "/api/v1/write", receiver));

  @AfterEach
  void close() {
    server.close();
    receiver.close();
  }

  private String url() {
    return "http://127.0.0.1:" + server.addresses().getFirst().getPort();
  }

  @Test
  void promtoolPushes() throws Exception {
    Path page =
        Files.writeString(
            folder.resolve("page"),
            """
            # HELP temperature_celsius How warm it is.
            # TYPE temperature_celsius gauge
            temperature_celsius{room="kitchen"} 21.5
            temperature_celsius{room="attic"} -3
            # HELP visits_total Who came.
            # TYPE visits_total counter
            visits_total 1e+09
            """);
    Peers.Result pushed =
        Peers.run(
            "promtool35",
            "push",
            "metrics",
            "--label=job=push",
            url() + "/api/v1/write",
            page.toString());
    assertThat(pushed.exitCode()).as(pushed.err() + pushed.out()).isZero();
    Map<String, List<String>> stored = Stored.in(memory);
    assertThat(stored)
        .containsOnlyKeys(
            "{__name__=\"temperature_celsius\", job=\"push\", room=\"kitchen\"}",
            "{__name__=\"temperature_celsius\", job=\"push\", room=\"attic\"}",
            "{__name__=\"visits_total\", job=\"push\"}");
    assertThat(stored.get("{__name__=\"temperature_celsius\", job=\"push\", room=\"attic\"}"))
        .singleElement()
        .asString()
        .startsWith("-3.0@");
  }

  @ParameterizedTest
  @ValueSource(strings = {"prometheus242", "prometheus35"})
  void prometheusSendsWhatItScrapes(String program) throws Exception {
    String path = Peers.program(program).toString();
    // It scrapes this server, which has no page: "up" is 0, and its own five series are there.
    Path config =
        Files.writeString(
            folder.resolve("prometheus.yml"),
            """
            global: {scrape_interval: 1s, scrape_timeout: 1s, external_labels: {zone: eu}}
            scrape_configs: [{job_name: none, static_configs: [{targets: ["%s"]}]}]
            remote_write: [{url: "%s/api/v1/write", queue_config: {batch_send_deadline: 1s}}]
            """
                .formatted(url().substring("http://".length()), url()));
    Path log = folder.resolve("log");
    Process process =
        new ProcessBuilder(
                path,
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--web.listen-address=127.0.0.1:0")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (ups().size() < 3) {
        assertThat(process.isAlive()).as(Files.readString(log)).isTrue();
        assertThat(System.nanoTime()).as(Files.readString(log)).isLessThan(end);
        TimeUnit.MILLISECONDS.sleep(100);
      }
    } finally {
      process.destroyForcibly().waitFor();
    }
    assertThat(ups()).allMatch(sample -> sample.startsWith("0.0@"));
    assertThat(Stored.in(memory).keySet())
        .anyMatch(labels -> labels.startsWith("{__name__=\"scrape_duration_seconds\""))
        .allMatch(labels -> labels.endsWith(", zone=\"eu\"}"));
  }

  private List<String> ups() {
    return Stored.in(memory).entrySet().stream()
        .filter(series -> series.getKey().startsWith("{__name__=\"up\""))
        .flatMap(series -> series.getValue().stream())
        .toList();
  }
}
