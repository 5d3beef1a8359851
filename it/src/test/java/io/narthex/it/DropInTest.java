package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A user's own unit file, with our program in place of Prometheus: it scrapes itself and Debian's
 * node exporter, cuts blocks of one minute, loses nothing when it is killed; and Prometheus opens
 * what it wrote.
 */
final class DropInTest {

  private static final String ALL = "{__name__=~\".+\"}[%s]";

  @TempDir private Path folder;
  private final int port = Program.freePort();
  private final int nodePort = Program.freePort();
  private final Api api = new Api(port);

  @Test
  void unitOfAUserRunsUnchanged() throws Exception {
    Path config = folder.resolve("prometheus.yaml");
    Files.writeString(
        config,
        """
        global:
          scrape_interval: 15s
          evaluation_interval: 15s
        scrape_configs:
          - job_name: prometheus
            static_configs:
              - targets: ['localhost:%d']
          - job_name: node
            static_configs:
              - targets: ['localhost:%d']
        """
            .formatted(port, nodePort));
    Path data = folder.resolve("data");
    List<Program> running = new ArrayList<>();
    try {
      running.add(
          Program.start(
              folder,
              List.of(
                  Program.peer("node_exporter"), "--web.listen-address=127.0.0.1:" + nodePort)));
      Program server = server(config, data);
      running.add(server);
      server.awaitReady(api);

      server.await("two targets up", Duration.ofSeconds(20), () -> up() == 2);
      server.await(
          "a rate of the node's counters",
          Duration.ofSeconds(45),
          () -> !api.query("rate(node_cpu_seconds_total[1m])").items().isEmpty());
      server.await(
          "blocks", Duration.ofMinutes(Proof.size(5, 12)), () -> blocks(data) >= Proof.size(1, 5));

      String now = settledTime(server);
      String selector = ALL.formatted("10m");
      TreeMap<String, TreeMap<Double, String>> before = api.samples(selector, now);
      server.kill();

      server = server(config, data);
      running.add(server);
      server.awaitReady(api);
      TreeMap<String, TreeMap<Double, String>> after = api.samples(selector, now);
      long samples = before.values().stream().mapToLong(TreeMap::size).sum();
      assertEqualSamples(before, after, "after kill -9 and restart");
      Proof.says(
          "kill -9: %d series, %d samples, all there after the restart", before.size(), samples);

      // A clean stop; then Prometheus reads what we wrote.
      now = settledTime(server);
      TreeMap<String, TreeMap<Double, String>> ours = api.samples(selector, now);
      assertThat(server.stop()).as(server.output()).isZero();
      TreeMap<String, TreeMap<Double, String>> lastWords = withoutAfter(ours, now);
      readByPromtool(data);
      readBy("prometheus242", data, lastWords, selector, now);
      readBy("prometheus35", data, lastWords, selector, now);
    } finally {
      running.forEach(Program::close);
    }
  }

  /** The command line of the unit, unchanged but for the paths and the port. */
  private Program server(Path config, Path data) throws IOException {
    return Program.narthex(
        folder,
        "prometheus",
        "--config.file",
        config.toString(),
        "--storage.tsdb.path",
        data.toString(),
        "--web.console.templates=" + folder.resolve("consoles"),
        "--web.console.libraries=" + folder.resolve("console_libraries"),
        "--storage.tsdb.max-block-duration=1m",
        "--storage.tsdb.min-block-duration=1m",
        "--web.enable-lifecycle",
        "--web.enable-admin-api",
        "--log.level=info",
        "--web.listen-address=127.0.0.1:" + port);
  }

  /**
   * A time in seconds to which nothing is added any more: each target has a later sample. At the
   * present moment a scrape may be under way whose samples are of an earlier one.
   */
  private String settledTime(Program server) throws Exception {
    String now = api.query("time()").get(1).text();
    server.await(
        "a scrape later than " + now,
        Duration.ofSeconds(40),
        () -> api.query("timestamp(up) > " + now).items().size() == 2);
    return now;
  }

  private long up() {
    return api.query("up == 1").items().size();
  }

  private static long blocks(Path data) {
    try (Stream<Path> entries = Files.list(data)) {
      return entries.filter(p -> Files.exists(p.resolve("meta.json"))).count();
    } catch (IOException e) {
      return 0;
    }
  }

  /** Samples up to a time in seconds: the stop itself writes stale markers behind it. */
  private static TreeMap<String, TreeMap<Double, String>> withoutAfter(
      TreeMap<String, TreeMap<Double, String>> all, String seconds) {
    TreeMap<String, TreeMap<Double, String>> kept = new TreeMap<>();
    all.forEach((series, samples) ->
        kept.put(series, new TreeMap<>(samples.headMap(Double.parseDouble(seconds), true))));
    return kept;
  }

  private void readByPromtool(Path data) throws Exception {
    for (String tool : List.of("promtool242", "promtool35")) {
      for (String command : List.of("list", "analyze")) {
        try (Program promtool =
            Program.start(
                folder, List.of(Program.peer(tool), "tsdb", command, copy(data).toString()))) {
          assertThat(promtool.exitCode()).as(promtool.output()).isZero();
          assertThat(promtool.output()).doesNotContain("err=");
        }
      }
      Proof.says("%s tsdb list and analyze read the directory", tool);
    }
  }

  private void readBy(
      String peer,
      Path data,
      TreeMap<String, TreeMap<Double, String>> expected,
      String selector,
      String time)
      throws Exception {
    Path config = folder.resolve("empty.yml");
    Files.writeString(config, "scrape_configs: []\n");
    int peerPort = Program.freePort();
    Api peerApi = new Api(peerPort);
    try (Program prometheus =
        Program.start(
            folder,
            List.of(
                Program.peer(peer),
                "--config.file=" + config,
                "--storage.tsdb.path=" + copy(data),
                "--web.listen-address=127.0.0.1:" + peerPort))) {
      prometheus.awaitReady(peerApi);
      assertEqualSamples(expected, peerApi.samples(selector, time), "read by " + peer);
      Proof.says(
          "%s reads the same %d samples of %d series",
          peer, expected.values().stream().mapToLong(TreeMap::size).sum(), expected.size());
    }
  }

  private Path copy(Path data) throws IOException, InterruptedException {
    Path copy = Files.createTempDirectory(folder, "copy").resolve("data");
    Process cp = new ProcessBuilder("cp", "-R", data.toString(), copy.toString()).start();
    assertThat(cp.waitFor()).isZero();
    return copy;
  }

  private static void assertEqualSamples(
      TreeMap<String, TreeMap<Double, String>> expected,
      TreeMap<String, TreeMap<Double, String>> actual,
      String what) {
    assertThat(expected).as("something to compare").isNotEmpty();
    assertThat(actual.keySet()).as("series %s", what).containsExactlyElementsOf(expected.keySet());
    expected.forEach((series, samples) -> {
      TreeMap<Double, String> read = actual.getOrDefault(series, new TreeMap<>());
      assertThat(read)
          .as(
              "samples of %s %s: %d of them, and %d expected",
              series, what, read.size(), samples.size())
          .isEqualTo(samples);
    });
  }

  @Test
  void theProbeComparesWhatItShould() {
    // The comparison itself must be able to fail.
    TreeMap<String, TreeMap<Double, String>> one = new TreeMap<>();
    one.put("{a}", new TreeMap<>(java.util.Map.of(1.0, "1")));
    TreeMap<String, TreeMap<Double, String>> other = new TreeMap<>();
    other.put("{a}", new TreeMap<>(java.util.Map.of(1.0, "2")));
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> assertEqualSamples(one, other, "x"))
        .isInstanceOf(AssertionError.class);
    assertThat(Json.parse("{\"a\":[1]}").get("a").get(0).number()).isEqualTo(1);
  }
}
