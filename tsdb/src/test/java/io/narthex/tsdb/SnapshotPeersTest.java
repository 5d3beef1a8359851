package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Chunk snapshots go from Prometheus to us and back. */
class SnapshotPeersTest {

  private static final String PROGRAM = "prometheus35";
  private static final String FLAG = "--enable-feature=memory-snapshot-on-shutdown";
  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;

  private static Database open(Path path) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT,
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.useChunkSnapshots();
    database.replay();
    return database;
  }

  private static Path snapshot(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      List<Path> found =
          files
              .filter(file -> String.valueOf(file.getFileName()).startsWith("chunk_snapshot."))
              .toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  @Test
  void prometheusStartsFromOurSnapshot(@TempDir Path path) throws Exception {
    Peers.program(PROGRAM);
    Map<Labels, Map<Long, Double>> data = PrometheusTest.data(450);
    long end = T0 + 500 * 15_000L;
    Database database = open(path);
    PrometheusTest.write(database, data);
    database.close();
    snapshot(path);
    try (PrometheusTest.Server server =
        new PrometheusTest.Server(PROGRAM, path, "global: {}\n", FLAG)) {
      assertThat(server.samples(end, 10_000)).isEqualTo(PrometheusTest.text(data));
      assertThat(Files.readString(server.log))
          .contains("Chunk snapshot is enabled, replaying from the snapshot")
          .contains("Chunk snapshot loading time")
          .doesNotContain("Failed to load chunk snapshot");
      assertThat(server.get("/metrics").body())
          .contains("\nprometheus_tsdb_snapshot_replay_error_total 0\n");
    }
    // It has left one of its own, which is ours now.
    snapshot(path);
    Database again = open(path);
    assertThat(PrometheusTest.samples(again, T0, end)).isEqualTo(PrometheusTest.text(data));
    assertThat(again.counters().failedSnapshotReplays.sum()).isZero();
    again.close();
  }

  @Test
  void withoutTheFlagPrometheusReplaysTheLog(@TempDir Path path) throws Exception {
    Peers.program(PROGRAM);
    Map<Labels, Map<Long, Double>> data = PrometheusTest.data(100);
    long end = T0 + 200 * 15_000L;
    Database database = open(path);
    PrometheusTest.write(database, data);
    database.close();
    try (PrometheusTest.Server server = new PrometheusTest.Server(PROGRAM, path, "global: {}\n")) {
      assertThat(server.samples(end, 4_000)).isEqualTo(PrometheusTest.text(data));
    }
    Database again = open(path);
    assertThat(PrometheusTest.samples(again, T0, end)).isEqualTo(PrometheusTest.text(data));
    again.close();
  }

  @Test
  void weStartFromPrometheusSnapshot(@TempDir Path path) throws Exception {
    Peers.program(PROGRAM);
    String scrapeItself =
        """
        global: {scrape_interval: 20ms, scrape_timeout: 20ms}
        scrape_configs: [{job_name: self, static_configs: [{targets: ['127.0.0.1:PORT']}]}]
        """;
    long end;
    try (PrometheusTest.Server server =
        new PrometheusTest.Server(PROGRAM, path, scrapeItself, FLAG)) {
      LockSupport.parkNanos(10_000_000_000L); // scraping begins after 5 s
      end = System.currentTimeMillis() + 5_000;
    }
    snapshot(path);
    Path copy = path.resolveSibling(path.getFileName() + "-copy");
    assertThat(
            new ProcessBuilder("cp", "-R", path.toString(), copy.toString())
                .inheritIO()
                .start()
                .waitFor())
        .isZero();
    Map<Labels, List<String>> theirs;
    try (PrometheusTest.Server server =
        new PrometheusTest.Server(PROGRAM, copy, "global: {}\n", FLAG)) {
      theirs = server.samples(end, 60);
    }
    assertThat(theirs).hasSizeGreaterThan(300);
    Database database = open(path);
    assertThat(database.counters().failedSnapshotReplays.sum()).isZero();
    Map<Labels, List<String>> ours = PrometheusTest.samples(database, end - 59_999, end);
    database.close();
    ours.values().removeIf(List::isEmpty);
    assertThat(ours).isEqualTo(theirs);
  }
}
