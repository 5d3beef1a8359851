package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed again and again while somebody writes to it and deletes, floats and
 * native histograms, some of them minutes late: what was acknowledged is there after each start,
 * what was not is there as a whole or not at all, what was deleted stays so, and nothing else is
 * there. Now and then Prometheus opens a copy of what the kill left, and must find the same.
 *
 * <p>Some of the kills come at a random moment, some of these while the server stops; the others at
 * a {@link CrashPoints point} of its own work on the disk: blocks are a minute long, and its
 * minutes are a second. {@code NARTHEX_SEED} repeats a run.
 */
final class CrashTest {

  private static final int SERIES = 20;
  private static final int ALL = (1 << SERIES) - 1;

  /** Bits of the series that are histograms, whose records are others than those of floats. */
  private static final int EXPONENTIAL = 1 << 3 | 1 << 18;

  private static final int CUSTOM = 1 << 11;

  /** One in so many requests comes with samples that are late. */
  private static final int LATE_RARITY = 4;

  private static final int MOST_LATE_SECONDS = 5 * 60;
  private static final String CONFIGURATION =
      """
      global: {scrape_interval: 1h}
      storage: {tsdb: {out_of_order_time_window: 10m}}
      """;
  private static final long STEP = 1000;
  private static final long ERA = 20 * 60_000;
  private static final Duration LONGEST_ROUND = Duration.ofSeconds(6);

  /** Less than what retention keeps. */
  private static final int WINDOW_SECONDS = 50 * 60;

  private static final String PEER = "prometheus35";

  @TempDir(cleanup = CleanupMode.ON_SUCCESS)
  private Path folder;

  private final int port = Program.freePort();
  private final Api api = new Api(port);
  private final RemoteWriter writer = new RemoteWriter(port);

  private final long seed = seed();
  private final Random random = new Random(seed);

  private final Ledger ledger = new Ledger(ALL & ~EXPONENTIAL & ~CUSTOM, EXPONENTIAL, CUSTOM);
  // What was asked to be deleted, from and to.
  private final List<long[]> deleted = new ArrayList<>();
  private long time = System.currentTimeMillis() / 60_000 * 60_000 - TimeUnit.DAYS.toMillis(30);

  private final TreeMap<String, Integer> ends = new TreeMap<>();
  private int kills;
  private int acknowledged;
  private int unanswered;
  private int late;
  private int deletions;
  private int comparisons;
  private int readByPeer;
  // What a kill left, for Prometheus to read once we know what is in it.
  private @Nullable Path copy;

  private static long seed() {
    String given = System.getenv("NARTHEX_SEED");
    if (given != null) {
      return Long.parseLong(given);
    }
    return Proof.full() ? System.nanoTime() & 0xffff_ffffL : 20261121;
  }

  @Test
  void nothingAcknowledgedIsLostAndNothingIsInvented() throws Exception {
    Proof.says("NARTHEX_SEED=%d repeats this run", seed);
    int wanted = Proof.size(14, 200);
    int ofEach = Proof.size(1, 10);
    List<String> kinds = CrashPoints.kinds();
    for (int round = 0; kills < wanted || !missing(ofEach).isEmpty(); round++) {
      assertThat(round).as("rounds, of which %s", ends).isLessThan(3 * wanted);
      if (round % 3 == 0) {
        round("", "");
      } else {
        List<String> missing = missing(kills < wanted ? wanted : ofEach);
        String kind = missing.get(random.nextInt(missing.size()));
        round(kind, CrashPoints.choose(kind, random));
      }
    }
    try (Program server = server("")) {
      server.awaitReady(api);
      compare("at the end");
      assertThat(server.stop()).as(server.output()).isZero();
      copy = copyForPeer();
      readByPeer("after the clean stop");
    }
    Proof.says(
        "seed %d: %d kills %s; %d batches acknowledged (%d of them late), %d without an answer, %d"
            + " deletions; %d"
            + " comparisons: 0 samples lost, 0 invented, 0 came back; 0 failed starts; Prometheus"
            + " 3.5.3 read %d copies alike",
        seed, kills, ends, acknowledged, late, unanswered, deletions, comparisons, readByPeer);
    assertThat(ends.keySet()).containsAll(kinds);
  }

  /** What of the server's work has had fewer crashes than this; of them those that had fewest. */
  private List<String> missing(int ofEach) {
    List<String> kinds = CrashPoints.kinds();
    int fewest = kinds.stream().mapToInt(kind -> ends.getOrDefault(kind, 0)).min().orElse(0);
    return kinds.stream()
        .filter(kind -> ends.getOrDefault(kind, 0) == fewest && fewest < ofEach)
        .toList();
  }

  /** One life of the server. */
  private void round(String kind, String point) throws Exception {
    String ended;
    try (Program server = server(point)) {
      String when = "after kill %d (seed %d), %s".formatted(kills, seed, point);
      if (awaitReadyOrCrash(server) && compareOrCrash(server, point, when)) {
        readByPeer(when);
      }
      if (point.isEmpty()) {
        ended = killAtRandom(server);
      } else {
        long end = System.nanoTime() + LONGEST_ROUND.toNanos();
        work(server, end, kind.equals(CrashPoints.DELETION) ? 40 : 400);
        if (server.isAlive()) {
          server.kill();
          ended = "random, after " + kind;
        } else {
          assertThat(server.exitCode()).as(server.output()).isEqualTo(CrashingServer.CRASHED);
          ended = kind;
        }
      }
    }
    ends.merge(ended, 1, Integer::sum);
    kills++;
    if (kills % Proof.size(7, 20) == 0) {
      copy = copyForPeer();
    }
  }

  private String killAtRandom(Program server) throws InterruptedException {
    work(
        server, System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(2000)), 400);
    boolean stopping = random.nextInt(4) == 0;
    if (stopping) {
      server.terminate();
      Thread.sleep(random.nextInt(200));
    }
    boolean alive = server.isAlive();
    server.kill();
    if (stopping && !alive) {
      kills--; // it was faster
      return "stopped";
    }
    return stopping ? "random, stopping" : "random";
  }

  private boolean awaitReadyOrCrash(Program server) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
    while (server.isAlive() && System.nanoTime() < end) {
      if (api.isReady()) {
        return true;
      }
      Thread.sleep(5);
    }
    // It may end at its point while it starts; anything else is a failed start.
    assertThat(server.isAlive()).as("ready within a minute: %s", server.output()).isFalse();
    assertThat(server.exitCode()).as(server.output()).isEqualTo(CrashingServer.CRASHED);
    return false;
  }

  /**
   * Writes and deletes until a time, or the server's end.
   *
   * @param rarity one in so many requests is a deletion
   */
  private void work(Program server, long end, int rarity) throws InterruptedException {
    while (server.isAlive() && System.nanoTime() < end) {
      if (random.nextInt(rarity) > 0) {
        write();
      } else if (random.nextInt(4) > 0) {
        delete();
      } else {
        post("/api/v1/admin/tsdb/clean_tombstones");
      }
    }
  }

  private void write() throws InterruptedException {
    // Late samples come alone, or with others.
    long lateTime = random.nextInt(LATE_RARITY) == 0 ? lateTime() : 0;
    boolean inOrder = lateTime == 0 || random.nextBoolean();
    List<RemoteWriter.Sample> batch = new ArrayList<>();
    if (inOrder) {
      time += STEP;
      add(time, batch);
    }
    if (lateTime != 0) {
      add(lateTime, batch);
    }
    boolean answered;
    try {
      int status = writer.send(batch);
      assertThat(status).as("the answer to a write at %d and %d", time, lateTime).isEqualTo(204);
      answered = true;
    } catch (IOException e) {
      answered = false;
    }
    if (inOrder) {
      ledger.wrote(time, answered);
    }
    if (lateTime != 0) {
      ledger.wroteLate(lateTime, answered);
      late += answered ? 1 : 0;
    }
    acknowledged += answered ? 1 : 0;
    unanswered += answered ? 0 : 1;
  }

  /**
   * A time some minutes ago of which there is nothing yet, 0 if none was found. Not one that was
   * deleted: Prometheus does not show what comes there later before it is in a block.
   */
  private long lateTime() {
    for (int tries = 0; tries < 5; tries++) {
      long at = time - random.nextInt(MOST_LATE_SECONDS) * STEP - 1 - random.nextInt(900);
      if (!ledger.has(at) && deleted.stream().noneMatch(d -> at >= d[0] && at <= d[1])) {
        return at;
      }
    }
    return 0;
  }

  private static void add(long at, List<RemoteWriter.Sample> batch) {
    for (int s = 0; s < SERIES; s++) {
      batch.add(new RemoteWriter.Sample(labels(s, at), at, value(s, at), histogram(s, at)));
    }
  }

  /** What a series has at a time, null if that is a float. */
  private static @Nullable WireHistogram histogram(int series, long time) {
    if ((CUSTOM & 1 << series) != 0) {
      return WireHistogram.custom(time / STEP, series);
    }
    return (EXPONENTIAL & 1 << series) == 0 ? null : WireHistogram.exponential(time / STEP, series);
  }

  /** Deletes all series or a few, of some blocks' time or of moments, near the end or further. */
  private void delete() {
    int series = ALL;
    String selector = "crash";
    if (random.nextBoolean()) {
      int one = random.nextInt(SERIES);
      int other = random.nextInt(SERIES);
      series = 1 << one | 1 << other;
      selector = "crash{s=~\"%d|%d\"}".formatted(one, other);
    }
    long to = time - random.nextInt(random.nextBoolean() ? 3 * 60_000 : WINDOW_SECONDS * 900);
    long from = to - random.nextInt(random.nextBoolean() ? 5_000 : 4 * 60_000);
    boolean done =
        post(
            "/api/v1/admin/tsdb/delete_series?match%%5B%%5D=%s&start=%s&end=%s"
                .formatted(Api.encode(selector), from / 1000.0, to / 1000.0));
    ledger.deleted(series, from, to, done);
    deleted.removeIf(range -> range[1] < time - MOST_LATE_SECONDS * 2 * STEP);
    deleted.add(new long[] {from, to});
    deletions++;
  }

  /** Whether there was an answer; without one the server is dying. */
  private boolean post(String path) {
    HttpResponse<String> answer;
    try {
      answer = api.post(path);
    } catch (AssertionError e) {
      return false;
    }
    assertThat(answer.statusCode()).as("%s: %s", path, answer.body()).isEqualTo(204);
    return true;
  }

  /** Every other series is a new one in each era, so that old ones are garbage. */
  private static Map<String, String> labels(int series, long time) {
    String era = series % 2 == 0 ? "all" : Long.toString(time / ERA);
    return new TreeMap<>(Map.of("__name__", "crash", "era", era, "s", Integer.toString(series)));
  }

  private static double value(int series, long time) {
    return series % 5 == 0 ? series : (time / STEP * 31 + series) % 1009 / 8.0;
  }

  /** Compares, unless the server ends at its point while it answers: its minutes are short. */
  private boolean compareOrCrash(Program server, String point, String when)
      throws InterruptedException {
    try {
      compare(when);
      return true;
    } catch (AssertionError e) {
      boolean broken = e.getCause() instanceof IOException;
      if (point.isEmpty() || !broken || server.exitCode() != CrashingServer.CRASHED) {
        throw e;
      }
      return false;
    }
  }

  private void compare(String when) {
    if (!ledger.isEmpty()) {
      ledger.compare(when, samples(api, when), time - WINDOW_SECONDS * 1000L);
      comparisons++;
    }
  }

  /** The series (as bits) that have a sample, by time; all labels and values are looked at. */
  private TreeMap<Long, Integer> samples(Api of, String when) {
    String query = "crash[%ds]".formatted(WINDOW_SECONDS);
    TreeMap<Long, Integer> found = new TreeMap<>();
    for (Json series : of.query(query, Double.toString(time / 1000.0)).items()) {
      int number = Integer.parseInt(series.get("metric").get("s").text());
      String era = series.get("metric").get("era").text();
      boolean histograms = ((EXPONENTIAL | CUSTOM) & 1 << number) != 0;
      assertThat(series.has("values"))
          .as("%s: floats of %d", when, number)
          .isNotEqualTo(histograms);
      for (Json sample : series.get(histograms ? "histograms" : "values").items()) {
        long at = Math.round(sample.get(0).number() * 1000);
        int before = found.getOrDefault(at, 0);
        assertThat(before & 1 << number)
            .as("%s: two of series %d at %d", when, number, at)
            .isZero();
        found.put(at, before | 1 << number);
        WireHistogram histogram = histogram(number, at);
        String there =
            histogram == null
                ? Double.toString(Double.parseDouble(sample.get(1).text()))
                : text(sample.get(1));
        assertThat(there)
            .as("%s: the value of series %d at %d", when, number, at)
            .isEqualTo(histogram == null ? Double.toString(value(number, at)) : text(histogram));
        assertThat(era)
            .as("%s: of series %d at %d", when, number, at)
            .isEqualTo(labels(number, at).get("era"));
      }
    }
    return found;
  }

  private static String text(WireHistogram histogram) {
    List<Double> counts = new ArrayList<>();
    counts.add((double) histogram.zeroCount());
    for (long count : histogram.counts()) {
      counts.add((double) count);
    }
    counts.removeIf(count -> count == 0);
    return (double) histogram.count() + " " + histogram.sum() + " " + counts;
  }

  private static String text(Json histogram) {
    List<Double> counts = new ArrayList<>();
    if (histogram.has("buckets")) {
      for (Json bucket : histogram.get("buckets").items()) {
        counts.add(Double.parseDouble(bucket.get(3).text()));
      }
    }
    counts.removeIf(count -> count == 0);
    return Double.parseDouble(histogram.get("count").text())
        + " "
        + Double.parseDouble(histogram.get("sum").text())
        + " "
        + counts;
  }

  private @Nullable Path copyForPeer() throws IOException, InterruptedException {
    if (System.getenv("NARTHEX_PEERS") == null) {
      Proof.says("no peers: Prometheus reads no copy");
      return null;
    }
    Path into = Files.createTempDirectory(folder, "copy").resolve("data");
    Process cp =
        new ProcessBuilder("cp", "-R", folder.resolve("data").toString(), into.toString()).start();
    assertThat(cp.waitFor()).isZero();
    return into;
  }

  /** Prometheus opens the copy and has what we had when we were started on the original. */
  private void readByPeer(String when) throws IOException, InterruptedException {
    Path data = copy;
    copy = null;
    if (data == null) {
      return;
    }
    Path config = folder.resolve("empty.yml");
    Files.writeString(config, CONFIGURATION);
    int peerPort = Program.freePort();
    Api peer = new Api(peerPort);
    try (Program prometheus =
        Program.start(
            folder,
            List.of(
                Program.peer(PEER),
                "--config.file=" + config,
                "--storage.tsdb.path=" + data,
                "--enable-feature=native-histograms",
                "--web.listen-address=127.0.0.1:" + peerPort))) {
      prometheus.awaitReady(peer);
      ledger.compareByPeer(
          when + ", read by " + PEER + " from " + data,
          samples(peer, when + ", read by " + PEER),
          time - WINDOW_SECONDS * 1000L,
          !prometheus.output().contains("Encountered WAL read error"));
    }
    readByPeer++;
  }

  private Program server(String point) throws IOException {
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(config, CONFIGURATION);
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(
            "-Xmx256m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "-XX:+UseCompactObjectHeaders",
            "--enable-native-access=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dspeed=60",
            "-Dcrash=" + point,
            "-cp",
            System.getProperty("java.class.path"),
            CrashingServer.class.getName(),
            "--config.file=" + config,
            "--storage.tsdb.path=" + folder.resolve("data"),
            "--storage.tsdb.min-block-duration=1m",
            "--storage.tsdb.max-block-duration=5m",
            "--storage.tsdb.retention.time=1h",
            "--storage.tsdb.head-image-samples=1",
            "--web.enable-remote-write-receiver",
            "--web.enable-admin-api",
            "--web.listen-address=127.0.0.1:" + port));
    return Program.start(folder, command);
  }
}
