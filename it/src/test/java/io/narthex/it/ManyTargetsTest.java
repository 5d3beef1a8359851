package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Very many small targets: none is asked late, and compressed answers cost no more than half of
 * what they cost Prometheus. The short run has fewer targets at a shorter interval, so that each is
 * asked as many times.
 */
final class ManyTargetsTest {

  private static final int TARGETS = Proof.size(1_000, 10_000);
  private static final int INTERVAL = Proof.size(2, 15);
  private static final int SETTLE_SECONDS = Proof.size(15, 60);
  private static final int CLOCK_TICKS = 100;
  private static final int KIB_PER_MIB = 1024;

  @TempDir private Path folder;

  /** How late targets were asked. */
  private record Lateness(long scrapes, long missed, double p50, double p999, double most) {}

  @Test
  void noScrapeIsLate() throws Exception {
    int seconds = Proof.size(10, 600);
    try (TargetFarm farm = new TargetFarm(TARGETS);
        Program server = start(farm, "narthex", false)) {
      Lateness lateness = watch(farm, seconds);
      Proof.says(
          "%d targets of %d series every %d s for %d s: %d scrapes, %d missed; begun after their"
              + " tick by %.1f ms (median), %.1f ms (99.9 %%), %.1f ms at most; resident %d MB",
          TARGETS,
          TargetFarm.SERIES,
          INTERVAL,
          seconds,
          lateness.scrapes,
          lateness.missed,
          lateness.p50,
          lateness.p999,
          lateness.most,
          server.memoryKilobytes("VmRSS") / KIB_PER_MIB);
      assertThat(lateness.missed).as("missed scrapes").isZero();
      // The short run shares its cores with whatever else is built, so its tail says nothing.
      assertThat(Proof.full() ? lateness.most : lateness.p50)
          .as("ms after the tick")
          .isLessThan(100);
      assertThat(server.stop()).isZero();
    }
  }

  @Test
  void compressedAnswersCostHalf() throws Exception {
    int seconds = Proof.size(6, 120);
    double ours = compressed("narthex", seconds);
    double theirs = compressed("prometheus35", seconds);
    Proof.says(
        "compressed, CPU per scrape over %d s: %.0f us, Prometheus 3.5 %.0f us, ratio %.2f",
        seconds, ours, theirs, ours / theirs);
    // The short run still sees some of the compiler, and shares its cores with a build.
    assertThat(ours / theirs).as("ratio of CPU").isLessThan(Proof.full() ? 0.5 : 2);
  }

  /** Microseconds of CPU per compressed scrape. */
  private double compressed(String program, int seconds) throws Exception {
    try (TargetFarm farm = new TargetFarm(TARGETS);
        Program server = start(farm, program, true)) {
      // The code that runs once for each scrape is compiled within the first thousands of them.
      Thread.sleep(SETTLE_SECONDS * 1000L);
      farm.forget();
      long before = server.cpuTicks();
      Thread.sleep(seconds * 1000L);
      long ticks = server.cpuTicks() - before;
      long scrapes = farm.zipped();
      assertThat(scrapes).isGreaterThan((long) TARGETS * (seconds / INTERVAL) * 9 / 10);
      return ticks * 1e6 / CLOCK_TICKS / scrapes;
    }
  }

  /** Starts a server and waits until every target was asked twice. */
  private Program start(TargetFarm farm, String program, boolean compression) throws Exception {
    Path home = Files.createDirectory(folder.resolve(program + (compression ? "-gzip" : "")));
    farm.writeTargets(home.resolve("targets.json"));
    Files.writeString(
        home.resolve("prometheus.yml"),
        """
        global: {scrape_interval: %ds, scrape_timeout: %ds}
        scrape_configs:
        - job_name: farm
          enable_compression: %s
          file_sd_configs: [{files: [targets.json]}]
        """
            .formatted(INTERVAL, Math.min(INTERVAL, 10), compression));
    int port = Program.freePort();
    List<String> command =
        new ArrayList<>(
            program.equals("narthex")
                ? List.of(Program.launcher().toString(), "prometheus")
                : List.of(Program.peer(program)));
    command.addAll(
        List.of(
            "--config.file=" + home.resolve("prometheus.yml"),
            "--storage.tsdb.path=" + home.resolve("data"),
            "--web.listen-address=127.0.0.1:" + port));
    Program server = Program.start(folder, command);
    try {
      server.awaitReady(new Api(port));
      return server.await(
          "two scrapes of every target",
          Duration.ofMinutes(3),
          () -> farm.asked().stream().allMatch(times -> times.length >= 2));
    } catch (InterruptedException | RuntimeException | Error e) {
      server.close();
      throw e;
    }
  }

  private static Lateness watch(TargetFarm farm, int seconds) throws InterruptedException {
    farm.forget();
    Thread.sleep(seconds * 1000L);
    List<long[]> asked = farm.asked();
    long interval = Duration.ofSeconds(INTERVAL).toNanos();
    List<Double> lateness = new ArrayList<>();
    long missed = 0;
    for (long[] times : asked) {
      // Ticks are an interval apart; the least late scrape tells where they lie.
      long[] after = new long[times.length];
      long first = times.length == 0 ? 0 : times[0];
      long least = Long.MAX_VALUE;
      long ticks = 0;
      for (int i = 0; i < times.length; i++) {
        long tick = Math.round((double) (times[i] - first) / interval);
        after[i] = times[i] - first - tick * interval;
        least = Math.min(least, after[i]);
        ticks = tick + 1;
      }
      for (long each : after) {
        lateness.add((each - least) / 1e6);
      }
      missed += Math.max(ticks, seconds / INTERVAL - 1) - times.length;
    }
    double[] sorted = lateness.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    assertThat(sorted).as("scrapes").isNotEmpty();
    return new Lateness(
        sorted.length,
        missed,
        sorted[sorted.length / 2],
        sorted[(int) (sorted.length * 0.999)],
        Arrays.stream(sorted).max().orElseThrow());
  }
}
