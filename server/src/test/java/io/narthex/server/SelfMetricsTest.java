package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.narthex.base.lifecycle.Machine;
import io.narthex.testkit.Conformance;
import io.narthex.testkit.Peers;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The figures of database, engine, targets, configuration and HTTP have the names, types and help
 * texts that Prometheus gives them.
 */
final class SelfMetricsTest {

  /** The parts of the server whose figures are compared. */
  private static final List<String> PARTS =
      List.of(
          "prometheus_tsdb_",
          "prometheus_engine_",
          "prometheus_target_",
          "prometheus_config_",
          "prometheus_http_");

  /** Names that Prometheus shows only when there is something to count, and so do we. */
  private static final Set<String> ONLY_WHEN_COUNTED =
      Set.of(
          // Samples of series that the log does not know.
          "prometheus_tsdb_wal_replay_unknown_refs_total",
          "prometheus_tsdb_wbl_replay_unknown_refs_total",
          // The queue of head chunks, which is off unless a hidden flag turns it on; we have none.
          "prometheus_tsdb_chunk_write_queue_operations_total",
          // Remote write, which reads the log while it grows.
          "prometheus_tsdb_wal_reader_corruption_errors_total");

  /** Names that Prometheus has and the list has not: a collector of their own describes them. */
  private static final Set<String> NOT_IN_THE_LIST =
      Set.of("prometheus_target_metadata_cache_entries", "prometheus_target_metadata_cache_bytes");

  private record Family(String type, String help) {}

  @TempDir private Path folder;

  /** The families of the text format. */
  private static Map<String, Family> families(String page) {
    Map<String, String> help = new TreeMap<>();
    Map<String, Family> all = new TreeMap<>();
    for (String line : page.lines().toList()) {
      String[] word = line.split(" ", 4);
      if (line.startsWith("# HELP ")) {
        help.put(word[2], word[3]);
      } else if (line.startsWith("# TYPE ") && isCompared(word[2])) {
        all.put(word[2], new Family(word[3], help.getOrDefault(word[2], "")));
      }
    }
    return all;
  }

  /** The families of the conformance list, each alternative on its own. */
  private static Map<String, Family> expected() throws IOException {
    Map<String, Family> all = new TreeMap<>();
    for (String line : Files.readAllLines(Conformance.path("api/self_metrics.tsv"))) {
      String[] column = line.split("\t", -1);
      if (line.startsWith("#") || column.length < 5) {
        continue;
      }
      int end = column[0].indexOf('>');
      String suffix = column[0].substring(end + 1);
      String prefixes = end < 0 ? column[0] : column[0].substring(1, end);
      for (String prefix : prefixes.split("\\|", -1)) {
        String name = end < 0 ? prefix : prefix + suffix;
        if (isCompared(name)) {
          all.put(name, new Family(column[1], column[4]));
        }
      }
    }
    return all;
  }

  private static boolean isCompared(String name) {
    return PARTS.stream().anyMatch(name::startsWith);
  }

  private static HttpResponse<String> get(int port, String path)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      URI uri = URI.create("http://127.0.0.1:" + port + path);
      return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString());
    }
  }

  private Map<String, Family> ours() throws Exception {
    HttpServer target = target();
    String yaml =
        "scrape_configs: [{job_name: j, scrape_interval: 100ms, scrape_timeout: 100ms,"
            + " sample_limit: LIMIT, static_configs: [{targets: ['127.0.0.1:"
            + target.getAddress().getPort()
            + "']}]}]\n";
    Path config = Files.writeString(folder.resolve("ours.yml"), yaml.replace("LIMIT", "10"));
    PrometheusFlags flags = new PrometheusFlags();
    flags
        .table()
        .parse(
            List.of(
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("ours"),
                "--web.listen-address=127.0.0.1:0"));
    flags.derive();
    try (PrometheusServer server =
        new PrometheusServer(flags, Machine.SYSTEM, () -> {}, router -> {})) {
      server.start();
      // Some are there only once a job has changed and a target has been scraped twice.
      Files.writeString(config, yaml.replace("LIMIT", "20"));
      server.reload();
      for (int tries = 0; tries < 600; tries++) {
        Map<String, Family> all =
            families(get(server.addresses().getFirst().getPort(), "/metrics").body());
        if (all.containsKey("prometheus_target_interval_length_seconds")) {
          return all;
        }
        TimeUnit.MILLISECONDS.sleep(50); // loops of a real clock
      }
      throw new AssertionError("the target was not scraped twice");
    } finally {
      target.stop(0);
    }
  }

  private static HttpServer target() throws IOException {
    HttpServer target = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
    target.createContext(
        "/",
        exchange -> {
          byte[] page = "# TYPE a gauge\na 1\n".getBytes(StandardCharsets.UTF_8);
          exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
          exchange.sendResponseHeaders(200, page.length);
          exchange.getResponseBody().write(page);
          exchange.close();
        });
    target.start();
    return target;
  }

  @Test
  void everyNameOfPrometheusWithItsTypeAndHelp() throws Exception {
    Map<String, Family> expected = expected();
    Map<String, Family> ours = ours();
    List<String> wrong = new ArrayList<>();
    expected.forEach((name, family) -> {
      Family there = ours.get(name);
      boolean optional = ONLY_WHEN_COUNTED.contains(name) || isCounted(name);
      if (there == null) {
        if (!optional) {
          wrong.add(name + " is missing");
        }
        return;
      }
      // The list keeps the first line of a long help text.
      if (!there.type.equals(family.type) || !there.help.startsWith(family.help)) {
        wrong.add(name + " is " + there + ", should be " + family);
      }
    });
    assertThat(wrong).isEmpty();
    Set<String> unknown = new TreeSet<>(ours.keySet());
    unknown.removeAll(expected.keySet());
    unknown.removeAll(NOT_IN_THE_LIST);
    assertThat(unknown).as("names that Prometheus does not have").isEmpty();
    assertThat(expected.keySet()).hasSizeGreaterThan(110);
  }

  /**
   * Nothing is in the log of an idle server, so compression saved nothing; there is a log of late
   * samples only where they are taken.
   */
  private static boolean isCounted(String name) {
    return name.equals("prometheus_tsdb_wal_record_bytes_saved_total")
        || name.startsWith("prometheus_tsdb_out_of_order_wbl_");
  }

  @Test
  void aRunningPrometheusShowsTheSame() throws Exception {
    Map<String, Family> theirs = prometheus();
    Map<String, Family> ours = ours();
    Set<String> missing = new TreeSet<>();
    theirs.forEach((name, family) -> {
      Family there = ours.get(name);
      if (there == null) {
        missing.add(name);
      } else {
        assertThat(there.type).as(name).isEqualTo(family.type);
      }
    });
    assertThat(missing).isEmpty();
    assertThat(theirs).hasSizeGreaterThan(60);
  }

  private Map<String, Family> prometheus() throws Exception {
    Path program = Peers.program("prometheus35");
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    Path config = Files.writeString(folder.resolve("theirs.yml"), "global: {}\n");
    Process process =
        new ProcessBuilder(
                program.toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + folder.resolve("theirs"),
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("theirs.log").toFile())
            .start();
    try {
      for (int tries = 0; tries < 600; tries++) {
        if (isReady(port)) {
          return families(get(port, "/metrics").body());
        }
        TimeUnit.MILLISECONDS.sleep(50); // a process of its own: there is no clock to stop
      }
      throw new AssertionError(Files.readString(folder.resolve("theirs.log")));
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  private static boolean isReady(int port) throws InterruptedException {
    try {
      return get(port, "/-/ready").statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }
}
