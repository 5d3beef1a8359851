package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.chunk.SampleForms;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus 3.5, which knows no start timestamps, does with a directory that has some. */
class PrometheusStartsTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final Labels SERIES = Labels.of("__name__", "m");
  private static final SampleForms STARTS = new SampleForms(true, true, true);

  @TempDir private Path folder;

  private static Database open(Path path, SampleForms forms) {
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withForms(forms).withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    return database;
  }

  private static void fill(Database database, int from, int to) {
    try (AppendGroup group = database.group()) {
      for (int r = from; r < to; r++) {
        Appender appender = group.appender();
        long handle = appender.series(SERIES);
        assertThat(appender.appendStarted(handle, T0 - 1, T0 + (long) r * STEP, r))
            .isEqualTo(AppendResult.OK);
        appender.commit();
      }
    }
  }

  @Test
  void whatOnlyTheLogHasIsPassedOverInSilence() throws Exception {
    Path path = folder.resolve("data");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 50);
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      assertThat(peer.samples(T0 - 1, T0 + RANGE)).isEmpty();
      assertThat(peer.log()).doesNotContain("level=WARN").doesNotContain("level=ERROR");
    }
    // It has not touched them: who comes back finds them.
    try (Database database = open(path, STARTS)) {
      assertThat(StartedText.samples(database).values())
          .singleElement()
          .satisfies(samples -> assertThat(samples).hasSize(50));
    }
  }

  @Test
  void queriesOfBlocksWithStartTimestampsFail() throws Exception {
    Path path = folder.resolve("data");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 1000);
      database.maintain();
      assertThat(database.blockMetas()).isNotEmpty();
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      assertThatThrownBy(() -> peer.samples(T0 - 1, T0 + RANGE))
          .hasMessageContaining("invalid chunk encoding");
    }
    try (Database database = open(path, STARTS)) {
      assertThat(StartedText.samples(database).values())
          .singleElement()
          .satisfies(samples -> assertThat(samples).hasSize(1000));
    }
  }

  @Test
  void recordsOfTheFirstFormBesideThemAreRead() throws Exception {
    Path path = folder.resolve("data");
    try (Database database = open(path, STARTS)) {
      fill(database, 0, 50);
    }
    try (Database database = open(path, SampleForms.DEFAULT)) {
      fill(database, 50, 60);
    }
    try (PrometheusProcess peer = new PrometheusProcess(path)) {
      assertThat(peer.samples(T0 - 1, T0 + RANGE).get(SERIES)).hasSize(10);
    }
  }
}
