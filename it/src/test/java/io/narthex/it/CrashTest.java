package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.testkit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A server that is killed again and again while somebody writes to it: what was acknowledged is
 * there after each start, what was not is there as a whole or not at all, and nothing else is.
 *
 * <p>Every other time it is killed at a random moment, else at a point of its own work on the disk:
 * blocks are a minute long, and its minutes are a second. {@code NARTHEX_SEED} repeats a run.
 */
final class CrashTest {

  private static final int SERIES = 20;
  private static final long STEP = 1000;
  private static final long ERA = 20 * 60_000;
  private static final Duration LONGEST_ROUND = Duration.ofSeconds(6);

  /** Half a minute less than what retention keeps. */
  private static final int WINDOW_SECONDS = 50 * 60;

  private static final String BLOCK = "/[0-9A-Z]{26}$";

  /** Where the process ends, by the work that it is doing there. */
  private static final Map<String, List<String>> POINTS =
      new TreeMap<>(
          Map.of(
              "log",
              List.of(
                  "write:within:40:/wal/[0-9]+$",
                  "write:after:77:/wal/[0-9]+$",
                  "write:before:120:/wal/[0-9]+$"),
              "head chunks",
              List.of(
                  "write:within:2:/chunks_head/",
                  "write:after:3:/chunks_head/",
                  "create:after:1:/chunks_head/[0-9]+",
                  "sync:before:1:/chunks_head/"),
              "checkpoint",
              List.of(
                  "write:within:1:/checkpoint",
                  "sync:before:1:/checkpoint",
                  "rename:before:1:/checkpoint[.][0-9]+$",
                  "rename:after:1:/checkpoint[.][0-9]+$"),
              "compaction",
              List.of(
                  "write:within:1:tmp-for-creation/chunks",
                  "write:within:1:tmp-for-creation/index",
                  "create:after:1:tmp-for-creation/meta",
                  "sync:before:2:tmp-for-creation",
                  "rename:before:1:" + BLOCK,
                  "rename:after:1:" + BLOCK),
              "truncation",
              List.of(
                  "delete:before:1:/wal/[0-9]+$",
                  "delete:after:1:/wal/[0-9]+$",
                  "delete:before:1:/chunks_head/[0-9]+$",
                  "delete:after:1:/chunks_head/[0-9]+$"),
              "retention",
              List.of(
                  "rename:before:1:tmp-for-deletion$",
                  "rename:after:1:tmp-for-deletion$",
                  "delete:before:2:tmp-for-deletion",
                  "delete:after:3:tmp-for-deletion")));

  @TempDir private Path folder;
  private final int port = Program.freePort();
  private final Api api = new Api(port);
  private final RemoteWriter writer = new RemoteWriter(port);

  private final long seed =
      System.getenv("NARTHEX_SEED") == null
          ? 20261121
          : Long.parseLong(System.getenv("NARTHEX_SEED"));
  private final Random random = new Random(seed);

  // What the server owes us, by time.
  private final TreeSet<Long> acknowledged = new TreeSet<>();
  private final TreeSet<Long> unanswered = new TreeSet<>();
  private long time = System.currentTimeMillis() / 60_000 * 60_000 - TimeUnit.DAYS.toMillis(30);

  @Test
  void nothingAcknowledgedIsLostAndNothingIsInvented() throws Exception {
    int rounds = Proof.size(14, 200);
    List<String> work = List.copyOf(POINTS.keySet());
    Map<String, Integer> crashes = new TreeMap<>();
    for (int round = 0; round < rounds; round++) {
      boolean atPoint = round % 2 == 1;
      String doing = work.get(round / 2 % work.size());
      List<String> points = Objects.requireNonNull(POINTS.get(doing));
      String point = atPoint ? points.get(random.nextInt(points.size())) : "";
      boolean crashed = round(point);
      crashes.merge(
          !atPoint ? "random" : crashed ? doing : doing + " (not reached)", 1, Integer::sum);
    }
    try (Program server = server("")) {
      server.awaitReady(api);
      compare("at the end");
      assertThat(server.stop()).as(server.output()).isZero();
    }
    Proof.says(
        "seed %d: %d kills %s; %d batches acknowledged, %d without an answer; 0 samples lost, 0"
            + " invented, 0 failed starts",
        seed, rounds, crashes, acknowledged.size(), unanswered.size());
    for (String doing : work) {
      assertThat(crashes.getOrDefault(doing, 0)).as("crashes in %s", doing).isPositive();
    }
  }

  /** One life of the server; whether it ended at its own point. */
  private boolean round(String point) throws Exception {
    try (Program server = server(point)) {
      boolean readyAtAll = awaitReadyOrCrash(server);
      if (readyAtAll) {
        compare("before " + (point.isEmpty() ? "a random kill" : point));
      }
      long end =
          System.nanoTime()
              + (point.isEmpty()
                  ? TimeUnit.MILLISECONDS.toNanos(200 + random.nextInt(2500))
                  : LONGEST_ROUND.toNanos());
      while (server.isAlive() && System.nanoTime() < end) {
        write();
      }
      if (server.isAlive()) {
        server.kill();
        return false;
      }
      assertThat(server.exitCode()).as(server.output()).isEqualTo(CrashingServer.CRASHED);
      return true;
    }
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

  private void write() throws InterruptedException {
    time += STEP;
    List<RemoteWriter.Sample> batch = new ArrayList<>();
    for (int s = 0; s < SERIES; s++) {
      batch.add(new RemoteWriter.Sample(labels(s, time), time, value(s, time)));
    }
    try {
      int status = writer.send(batch);
      assertThat(status).as("the answer to a write at %d", time).isEqualTo(204);
      acknowledged.add(time);
    } catch (IOException e) {
      unanswered.add(time);
    }
  }

  /** Every other series is a new one in each era, so that old ones are garbage. */
  private static Map<String, String> labels(int series, long time) {
    String era = series % 2 == 0 ? "all" : Long.toString(time / ERA);
    return new TreeMap<>(Map.of("__name__", "crash", "era", era, "s", Integer.toString(series)));
  }

  private static double value(int series, long time) {
    return series % 5 == 0 ? series : (time / STEP * 31 + series) % 1009 / 8.0;
  }

  private void compare(String when) {
    if (acknowledged.isEmpty()) {
      return;
    }
    long newest = time;
    long oldest = newest - WINDOW_SECONDS * 1000L;
    String query = "crash[%ds]".formatted(WINDOW_SECONDS);
    TreeMap<Long, Integer> found = new TreeMap<>();
    for (Json series : api.query(query, Double.toString(newest / 1000.0)).items()) {
      int number = Integer.parseInt(series.get("metric").get("s").text());
      String era = series.get("metric").get("era").text();
      for (Json sample : series.get("values").items()) {
        long at = Math.round(sample.get(0).number() * 1000);
        found.merge(at, 1, Integer::sum);
        assertThat(Double.parseDouble(sample.get(1).text()))
            .as("%s: the value of series %d at %d", when, number, at)
            .isEqualTo(value(number, at));
        assertThat(era).isEqualTo(labels(number, at).get("era"));
      }
    }
    for (long at : acknowledged.tailSet(oldest, false)) {
      assertThat(found.getOrDefault(at, 0))
          .as("%s (seed %d): samples of the acknowledged batch at %d", when, seed, at)
          .isEqualTo(SERIES);
    }
    found.forEach((at, samples) -> {
      assertThat(acknowledged.contains(at) || unanswered.contains(at))
          .as("%s (seed %d): somebody sent a batch at %d", when, seed, at)
          .isTrue();
      assertThat(samples)
          .as("%s (seed %d): the batch at %d is whole", when, seed, at)
          .isEqualTo(SERIES);
    });
  }

  private Program server(String point) throws IOException {
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(config, "global: {scrape_interval: 1h}\n");
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
            "--web.enable-remote-write-receiver",
            "--web.enable-admin-api",
            "--web.listen-address=127.0.0.1:" + port));
    return Program.start(folder, command);
  }
}
