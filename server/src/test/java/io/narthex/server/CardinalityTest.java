package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.base.lifecycle.Machine;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.testkit.Json;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The view of where series come from: the same as Prometheus' of the same directory. */
final class CardinalityTest {

  private static final List<String> LISTS =
      List.of(
          "seriesCountByMetricName",
          "labelValueCountByLabelName",
          "memoryInBytesByLabelName",
          "seriesCountByLabelValuePair");

  @TempDir private Path folder;

  /** Some hundred series, of which each list has a clear first few and many that are equal. */
  private void write(Path data) {
    long now = Clock.SYSTEM.millis();
    try (Database database =
            Database.openAndReplay(data, DatabaseOptions.DEFAULT, new PrometheusRegistry());
        Appendable.AppendGroup group = database.group()) {
      for (int k = 0; k < 5; k++) {
        Appender appender = group.appender();
        for (int i = 0; i < 600; i++) {
          int metric = i < 300 ? 0 : i < 450 ? 1 : i < 520 ? 2 : 3 + i % 20;
          Labels labels =
              i % 3 == 0
                  ? Labels.of("__name__", "metric_" + metric, "trace", trace(i))
                  : Labels.of(
                      "__name__", "metric_" + metric, "job", "j" + i % 4, "pod", "p" + i / 2);
          appender.append(appender.series(labels), now - (5 - k) * 15_000L, i + k);
        }
        appender.commit();
      }
    }
  }

  /** Values of one, two and three bytes' length. */
  private static String trace(int i) {
    return "grüß-" + i + "x".repeat(i == 3 ? 200 : i == 6 ? 300 : 0);
  }

  private static Json status(int port, String query) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + "/api/v1/status/tsdb" + query);
      HttpResponse<String> response =
          client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
      return Json.parse(response.body());
    }
  }

  private static TreeMap<String, String> entries(Json data, String list) {
    TreeMap<String, String> entries = new TreeMap<>();
    for (Json entry : data.get(list).items()) {
      entries.put(entry.get("name").text(), entry.get("value").toString());
    }
    return entries;
  }

  private static List<String> values(Json data, String list) {
    return data.get(list).items().stream().map(entry -> entry.get("value").toString()).toList();
  }

  @Test
  void theViewIsPrometheusOwn() throws Exception {
    Path program = Peers.program("prometheus35");
    Path mine = folder.resolve("mine");
    Path theirs = folder.resolve("theirs");
    write(mine);
    copy(mine, theirs);
    Path config = Files.writeString(folder.resolve("prometheus.yml"), "global: {}\n");
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    PrometheusFlags flags = new PrometheusFlags();
    flags
        .table()
        .parse(
            List.of(
                "--config.file=" + config,
                "--storage.tsdb.path=" + mine,
                "--web.listen-address=127.0.0.1:0"));
    flags.derive();
    Process peer =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + theirs,
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("theirs.log").toFile())
            .start();
    try (PrometheusServer server =
        new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {})) {
      server.start();
      int ours = server.addresses().getFirst().getPort();
      awaitSeries(port);
      for (String query : List.of("", "?limit=3", "?limit=1", "?limit=10000")) {
        Json a = status(ours, query).get("data");
        Json b = status(port, query).get("data");
        assertThat(a.get("headStats").toString()).isEqualTo(b.get("headStats").toString());
        for (String list : LISTS) {
          // Which of equal counts are shown is chance in Prometheus; all are with a high limit.
          assertThat(values(a, list)).as(list + query).isEqualTo(values(b, list));
          if (query.equals("?limit=10000")) {
            assertThat(entries(a, list)).as(list).isEqualTo(entries(b, list));
          }
        }
      }
      Json top = status(ours, "?limit=1").get("data");
      assertThat(entries(top, "seriesCountByMetricName")).containsOnlyKeys("metric_0");
      for (String wrong : List.of("?limit=0", "?limit=-1", "?limit=x")) {
        assertThat(status(ours, wrong).get("error").text())
            .isEqualTo(status(port, wrong).get("error").text());
      }
    } finally {
      peer.destroyForcibly().waitFor();
    }
  }

  private void awaitSeries(int port) throws Exception {
    for (int tries = 0; tries < 600; tries++) {
      try {
        Json json = status(port, "");
        if (json.get("status").text().equals("success")) {
          return;
        }
      } catch (IOException e) {
        // It is not listening yet.
      }
      TimeUnit.MILLISECONDS.sleep(50);
    }
    throw new AssertionError(Files.readString(folder.resolve("theirs.log")));
  }

  private static void copy(Path from, Path to) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(from)) {
      all = new ArrayList<>(walk.toList());
    }
    for (Path path : all) {
      Path target = to.resolve(from.relativize(path).toString());
      if (Files.isDirectory(path)) {
        Files.createDirectories(target);
      } else if (!path.endsWith("lock")) {
        Files.copy(path, target);
      }
    }
    assertThat(Disk.SYSTEM.list(to.resolve("wal"))).isNotEmpty();
  }
}
