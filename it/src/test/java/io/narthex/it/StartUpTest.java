package io.narthex.it;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Starting, stopping and what is said when that cannot be. */
final class StartUpTest {

  @TempDir private Path folder;
  private final int port = Program.freePort();
  private final Api api = new Api(port);

  private Program server(Path data, int onPort) throws Exception {
    Path config = folder.resolve("prometheus.yml");
    Files.writeString(config, "global: {scrape_interval: 15s}\n");
    return Program.narthex(
        folder,
        "prometheus",
        "--config.file=" + config,
        "--storage.tsdb.path=" + data,
        "--web.listen-address=127.0.0.1:" + onPort);
  }

  @Test
  void emptyServerIsReadySoonAndSmall() throws Exception {
    long best = Long.MAX_VALUE;
    long rss = 0;
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      try (Program server = server(folder.resolve("data" + round), port)) {
        server.await("readiness", Duration.ofSeconds(20), api::isReady);
        best = Math.min(best, System.nanoTime() - start);
        Thread.sleep(Proof.size(1_000, 30_000));
        rss = server.memoryKilobytes("VmRSS");
        assertThat(server.stop()).as(server.output()).isZero();
      }
    }
    Proof.says(
        "empty start to ready: %d ms (best of 5); resident when idle: %d MB",
        best / 1_000_000, rss / 1024);
    // The goal is 500 ms with the start-up cache, which a build for tests does not make.
    assertThat(best).as("nanoseconds to ready").isLessThan(3_000_000_000L);
    assertThat(rss).as("idle resident memory, kB").isLessThan(150 * 1024);
  }

  @Test
  void thePidThatWasStartedIsTheServer() throws Exception {
    try (Program server = server(folder.resolve("data"), port)) {
      server.awaitReady(api);
      String command = Files.readString(Path.of("/proc", Long.toString(server.pid()), "cmdline"));
      assertThat(command).contains("bin/java");
      assertThat(server.stop()).as(server.output()).isZero();
    }
  }

  @Test
  void aStopDuringTheReplayIsOrderlyAndLosesNothing() throws Exception {
    int series = 2_000;
    int samples = Proof.size(1_500, 10_000);
    Path data = folder.resolve("data");
    long end = System.currentTimeMillis();
    write(data, series, samples, end);
    boolean interrupted;
    try (Program server = server(data, port)) {
      server.await(
          "an answer",
          Duration.ofSeconds(20),
          () -> {
            try {
              return api.get("/-/healthy").statusCode() == 200;
            } catch (AssertionError e) {
              return false;
            }
          });
      interrupted = api.get("/-/ready").statusCode() == 503;
      assertThat(server.stop()).as(server.output()).isZero();
    }
    try (Program server = server(data, port)) {
      server.awaitReady(api);
      String time = Double.toString(end / 1000.0);
      String query = "count(count_over_time(load[%ds]) == %d)".formatted(samples + 1, samples);
      assertThat(api.query(query, time).get(0).get("value").get(1).text())
          .isEqualTo(Integer.toString(series));
    }
    Proof.says(
        "stopped %s the replay of %d samples: exit code 0, all there at the next start",
        interrupted ? "during" : "after", (long) series * samples);
  }

  /** A database whose log is long: one sample a second and series, up to a time. */
  private static void write(Path data, int series, int samples, long end) {
    try (Database database =
            Database.openAndReplay(data, DatabaseOptions.DEFAULT, new PrometheusRegistry());
        AppendGroup group = database.group()) {
      long[] handles = new long[series];
      for (int i = samples - 1; i >= 0; i--) {
        Appender appender = group.appender();
        for (int s = 0; s < series; s++) {
          if (i == samples - 1) {
            handles[s] =
                appender.series(
                    Labels.of(Labels.METRIC_NAME, "load", "number", Integer.toString(s)));
          }
          assertThat(appender.append(handles[s], end - i * 1000L, i ^ s))
              .isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
    }
  }

  @Test
  void takenPortAndLockedDirectoryAreOneLineEach() throws Exception {
    Path data = folder.resolve("data");
    try (Program first = server(data, port)) {
      first.awaitReady(api);
      assertRefused(server(folder.resolve("other"), port), "address already in use");
      assertRefused(server(data, Program.freePort()), "lock");
      assertThat(first.stop()).isZero();
    }
  }

  @Test
  void aMissingJdkIsOneLine() throws Exception {
    // A copy of the distribution whose search finds nothing.
    Path home = folder.resolve("dist");
    Files.createDirectories(home.resolve("bin"));
    Files.createDirectories(home.resolve("lib"));
    Files.copy(Program.launcher(), home.resolve("bin/narthex"));
    Files.writeString(home.resolve("lib/find-jdk.sh"), "java_home=\n");
    try (Program launcher =
        Program.start(folder, List.of("/bin/sh", home.resolve("bin/narthex").toString()))) {
      assertThat(launcher.exitCode()).isEqualTo(1);
      assertThat(launcher.output().strip().lines()).hasSize(1);
      assertThat(launcher.output()).contains("JDK 25 not found");
    }
  }

  @Test
  void aSymlinkNamedLikeARoleIsThatRole() throws Exception {
    Path link = folder.resolve("prometheus");
    Files.createSymbolicLink(link, Program.launcher());
    try (Program version = Program.start(folder, List.of(link.toString(), "--version"))) {
      assertThat(version.exitCode()).as(version.output()).isZero();
      assertThat(version.output()).startsWith("prometheus, version ");
    }
    try (Program help = Program.start(folder, List.of(link.toString(), "--help"))) {
      assertThat(help.exitCode()).isZero();
      assertThat(help.output()).contains("--storage.tsdb.path");
    }
  }

  @Test
  void theExporterEndsInOrderWhenItIsToldTo() throws Exception {
    try (Program exporter =
        Program.narthex(folder, "node_exporter", "--web.listen-address=127.0.0.1:" + port)) {
      exporter.await(
          "metrics",
          Duration.ofSeconds(20),
          () -> {
            try {
              return api.get("/metrics").body().contains("node_load1 ");
            } catch (AssertionError e) {
              return false;
            }
          });
      assertThat(exporter.stop()).as(exporter.output()).isZero();
    }
  }

  private static void assertRefused(Program program, String reason) throws Exception {
    try (program) {
      assertThat(program.exitCode()).as(program.output()).isEqualTo(1);
      assertThat(program.output().lines().filter(line -> line.contains(reason)))
          .as(program.output())
          .hasSize(1);
      assertThat(program.output()).doesNotContain("\tat ");
    }
  }
}
