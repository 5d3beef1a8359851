package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.testkit.Json;
import io.narthex.tsdb.BlockOptions;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server whose blocks are a minute long, after 15 days: it starts, answers and maintains itself
 * as though they were few. In full length 21,600 blocks; else 1,500, with the same limits scaled.
 */
final class ManyBlocksTest {

  private static final int DAYS_15 = 21_600;
  private static final int MOST_MAPPINGS = 65_530;
  private static final int SERIES = 50;

  private static final int BLOCKS = Proof.size(1_500, DAYS_15);
  private static final Duration START = Duration.ofSeconds(Proof.size(10, 30));

  /** Of the mappings that are allowed, as many as these blocks may take, and a program's own. */
  private static final int MAPPINGS = Proof.full() ? MOST_MAPPINGS : 2_000;

  private static final double UP_MILLIS = 50;

  /** The first words of what a server of Prometheus ends with. */
  private static final Pattern FATAL = Pattern.compile("Fatal error\" err=\"([^:]*: [^:]*)");

  @TempDir private Path folder;

  @Test
  void fifteenDaysOfOneMinuteBlocks() throws Exception {
    Path data = folder.resolve("data");
    long now = Clock.SYSTEM.millis();
    ManyBlocks blocks = new ManyBlocks(now / ManyBlocks.MINUTE * ManyBlocks.MINUTE, BLOCKS, SERIES);
    blocks.write(data);
    Path config = Files.writeString(folder.resolve("prometheus.yml"), "global: {}\n");

    Measured ours = ours(config, data, blocks);
    Proof.says("%d blocks of %d series: %s", BLOCKS, SERIES, ours);
    assertThat(ours.start).isLessThan(START);
    assertThat(ours.mappings).isLessThan(MAPPINGS);
    assertThat(ours.upMillis).isLessThan(UP_MILLIS);

    maintenanceStaysCheap(data);
    if (Proof.full() && System.getenv("NARTHEX_PEERS") != null) {
      Proof.says("Prometheus 3.5 on the same directory: %s", theirs(config, data, blocks));
    }
  }

  private record Measured(
      Duration start,
      long mappings,
      long startKilobytes,
      long endKilobytes,
      double upMillis,
      double rangeMillis) {

    @Override
    public String toString() {
      return String.format(
          Locale.ROOT,
          "ready in %.1f s, %d mappings, %d MB resident; up: %.1f ms; range query over all: %.0f ms;"
              + " %d MB resident then",
          start.toMillis() / 1e3,
          mappings,
          startKilobytes / 1024,
          upMillis,
          rangeMillis,
          endKilobytes / 1024);
    }
  }

  private Measured ours(Path config, Path data, ManyBlocks blocks) throws Exception {
    int port = Program.freePort();
    long begun = System.nanoTime();
    try (Program server =
        Program.narthex(
            folder,
            "prometheus",
            "--config.file=" + config,
            "--storage.tsdb.path=" + data,
            "--storage.tsdb.max-block-duration=1m",
            "--storage.tsdb.min-block-duration=1m",
            "--storage.tsdb.retention.time=16d",
            "--web.listen-address=127.0.0.1:" + port)) {
      Measured measured = measure(server, new Api(port), blocks, begun, data);
      assertThat(server.stop()).as(server.output()).isZero();
      return measured;
    }
  }

  /** A figure to compare with, not a condition: what it does, or why it does not start. */
  private String theirs(Path config, Path data, ManyBlocks blocks) throws Exception {
    int port = Program.freePort();
    long begun = System.nanoTime();
    try (Program server =
        Program.start(
            folder,
            List.of(
                Program.peer("prometheus35"),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--storage.tsdb.max-block-duration=1m",
                "--storage.tsdb.min-block-duration=1m",
                "--storage.tsdb.retention.time=16d",
                "--web.listen-address=127.0.0.1:" + port))) {
      try {
        return measure(server, new Api(port), blocks, begun, data).toString();
      } catch (AssertionError e) {
        Matcher reason = FATAL.matcher(server.output());
        if (server.isAlive() || !reason.find()) {
          throw e;
        }
        return "does not start: " + reason.group(1);
      }
    }
  }

  private Measured measure(Program server, Api api, ManyBlocks blocks, long begun, Path data)
      throws Exception {
    server.await("readiness", Duration.ofSeconds(120), api::isReady);
    Duration start = Duration.ofNanos(System.nanoTime() - begun);
    long atStart = server.memoryKilobytes("VmRSS");
    assertThat(loaded(api)).as("blocks that are loaded").isEqualTo(count(data));

    // The median of many: the first ones find everything cold.
    String newest = seconds(blocks.start() + BLOCKS * ManyBlocks.MINUTE - ManyBlocks.STEP);
    double[] millis = new double[31];
    for (int i = 0; i < millis.length; i++) {
      long from = System.nanoTime();
      List<Json> up = api.query("up", newest).items();
      millis[i] = (System.nanoTime() - from) / 1e6;
      assertThat(up).hasSize(5);
      assertThat(up.getFirst().get("value").get(1).text())
          .isEqualTo(Long.toString(blocks.samplesPerSeries() - 1));
    }
    Arrays.sort(millis);

    long from = System.nanoTime();
    long step = BLOCKS * 60L / 300;
    Json range =
        api.data(
            "/api/v1/query_range?query=up&start="
                + seconds(blocks.start())
                + "&end="
                + newest
                + "&step="
                + step);
    double rangeMillis = (System.nanoTime() - from) / 1e6;
    assertThat(range.get("result").items()).hasSize(5);
    List<Json> values = range.get("result").items().getFirst().get("values").items();
    assertThat(values).hasSizeGreaterThanOrEqualTo(300);
    for (int i = 0; i < values.size(); i++) {
      assertThat(values.get(i).get(1).text()).isEqualTo(Long.toString(i * step / 15));
    }
    // Every sample of every block is there.
    Json counted =
        api.query("count_over_time(up[" + BLOCKS + "m])", newest).items().getFirst().get("value");
    assertThat(Long.parseLong(counted.get(1).text())).isEqualTo(blocks.samplesPerSeries());
    return new Measured(
        start,
        mappings(server.pid()),
        atStart,
        server.memoryKilobytes("VmRSS"),
        millis[millis.length / 2],
        rangeMillis);
  }

  private static String seconds(long millis) {
    return Double.toString(millis / 1e3);
  }

  private static long loaded(Api api) {
    return api.get("/metrics")
        .body()
        .lines()
        .filter(line -> line.startsWith("prometheus_tsdb_blocks_loaded "))
        .mapToLong(line -> (long) Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
        .findFirst()
        .orElseThrow();
  }

  private static long count(Path data) throws IOException {
    try (Stream<Path> entries = Files.list(data)) {
      return entries.filter(entry -> Files.exists(entry.resolve("meta.json"))).count();
    }
  }

  private static long mappings(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc", Long.toString(pid), "maps"))) {
      return lines.count();
    }
  }

  /** What happens each minute, with nothing to do. */
  private static void maintenanceStaysCheap(Path data) {
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(ManyBlocks.MINUTE)
            .withRetentionMillis(Duration.ofDays(16).toMillis())
            .withBlocks(BlockOptions.DEFAULT.withMaxMillis(ManyBlocks.MINUTE));
    long begun = System.nanoTime();
    try (Database database = Database.openAndReplay(data, options, new PrometheusRegistry())) {
      double open = (System.nanoTime() - begun) / 1e6;
      double[] millis = new double[5];
      for (int i = 0; i < millis.length; i++) {
        long from = System.nanoTime();
        database.maintain();
        millis[i] = (System.nanoTime() - from) / 1e6;
      }
      Arrays.sort(millis);
      Proof.says(
          "the database alone: opened in %.0f ms, a round of maintenance takes %.0f ms",
          open, millis[millis.length / 2]);
      assertThat(database.blockMetas()).hasSize(BLOCKS);
      // A minute has 60,000 of them.
      assertThat(millis[millis.length / 2]).isLessThan(1_000);
    }
  }
}
