package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.labels.Matcher;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A disk that is mounted anew for reading only, as Linux does after an error of the device. */
class ReadOnlyDiskTest extends FaultBed {

  @Test
  void queriesGoOnAndWritingResumesByItself() throws IOException {
    Database database = open();
    live(database, 3);
    fill(database, STEPS / 2);
    disk.readOnly(true);
    List<String> before = names(path);
    for (int i = 0; i < 5; i++) {
      assertThat(commit(database, now, 0, SERIES)).isFalse();
      now += STEP;
      database.maintain();
      assertThat(samples(database)).isEqualTo(expected());
    }
    assertThat(metric("wal_writes_failed")).isEqualTo(5);
    assertThatThrownBy(() -> database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("i", "1"))))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Read-only file system");
    assertThatThrownBy(() -> database.snapshot(false))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Read-only file system");
    log.assertSays("ERROR", "store chunks", "Read-only file system");
    assertThat(metric("narthex_tsdb_maintenance_failures")).isPositive();
    assertThat(names(path)).isEqualTo(before);
    disk.readOnly(false);
    fill(database, 5);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aBlockThatIsDueWaits() throws IOException {
    Database database = open();
    fill(database, 2 * STEPS);
    disk.readOnly(true);
    database.maintain();
    assertThat(metric("compactions_failed")).isEqualTo(1);
    assertThat(database.blockMetas()).isEmpty();
    assertThat(samples(database)).isEqualTo(expected());
    disk.readOnly(false);
    database.maintain();
    assertThat(database.blockMetas()).hasSize(1);
    database.close();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aStopIsReportedAndLosesNothing() throws IOException {
    Database database = open();
    fill(database, 30);
    disk.readOnly(true);
    assertThatThrownBy(database::close)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Read-only file system");
    disk.readOnly(false);
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aStartIsRefusedInOneLine() throws IOException {
    Database database = open();
    fill(database, 30);
    database.close();
    disk.readOnly(true);
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Read-only file system")
        .hasMessageNotContaining("\n");
    disk.readOnly(false);
    assertRunsOnAndPrometheusAgrees(open());
  }
}
