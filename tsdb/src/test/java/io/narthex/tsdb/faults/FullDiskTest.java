package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Matcher;
import io.narthex.tsdb.BlockOptions;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** A disk that is full, at any moment of any work, and has room again. */
class FullDiskTest extends FaultBed {

  @Test
  void whatTheLogCannotTakeIsRefusedAndCountedAndNothingOfItStays() throws IOException {
    Database database = open();
    fill(database, 2);
    int refused = 0;
    // Each commit finds room for a little more of itself; the segment ends now and then meanwhile.
    for (int i = 0; i < 1200; i++) {
      disk.room(i % 90);
      if (!commit(database, now, 0, SERIES)) {
        refused++;
        assertThat(metric("wal_writes_failed")).isEqualTo(refused);
        disk.heal();
        if (i % 3 == 0) {
          assertThat(commit(database, now, 0, SERIES)).isTrue(); // the very same samples
        }
      }
      now += STEP / 10;
    }
    assertThat(refused).isGreaterThan(600);
    assertThat(numbered(path.resolve("wal"))).hasSizeGreaterThan(1);
    assertThat(samples(database)).isEqualTo(expected());
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aTornRecordThatCannotBeCutOffAtOnceIsCutOffLater() throws IOException {
    Database database = open();
    fill(database, 2);
    disk.room(20);
    disk.failTruncations(true);
    assertThat(commit(database, now, 0, SERIES)).isFalse();
    disk.room(Long.MAX_VALUE);
    assertThat(commit(database, now, 0, SERIES)).isFalse();
    assertThat(metric("wal_writes_failed")).isEqualTo(2);
    disk.heal();
    fill(database, 5);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void newSeriesThatWereRefusedAreTakenLater() throws IOException {
    Database database = open();
    fill(database, 2);
    disk.room(10);
    assertThat(commit(database, now, 20, 5)).isFalse();
    disk.heal();
    assertThat(commit(database, now, 20, 5)).isTrue();
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void fullChunksStayInMemoryUntilThereIsRoom() throws IOException {
    Database database = open();
    fill(database, 35);
    for (int room = 0; room < 400; room += 23) {
      disk.room(room);
      database.maintain();
      assertThat(samples(database)).isEqualTo(expected());
    }
    log.assertSays("ERROR", "store chunks: head chunks", "No space left");
    assertThat(metric("narthex_tsdb_maintenance_failures")).isGreaterThan(10);
    assertThat(metric("mmap_chunks")).isZero();
    disk.heal();
    database.maintain();
    assertThat(metric("mmap_chunks")).isGreaterThanOrEqualTo(3 * SERIES);
    assertRunsOnAndPrometheusAgrees(database);
  }

  /** A directory in which a block of the head, a checkpoint and a compaction of blocks are due. */
  private void due() {
    DatabaseOptions lazy = OPTIONS.withBlocks(BlockOptions.DEFAULT.withMaxMillis(RANGE));
    Database database = open(lazy);
    live(database, 5);
    fill(database, STEPS);
    database.close();
  }

  /**
   * The disk fills up at each of the steps that a round of maintenance makes. Whatever was being
   * done, all samples are there, samples are taken once there is room, and the work is done then.
   */
  @Test
  void maintenanceMayBeInterruptedAnywhere() throws IOException {
    due();
    Path prepared = temporary.resolve("prepared");
    Files.move(path, prepared);
    Map<String, Double> counted = new TreeMap<>();
    List<String> counters =
        List.of(
            "compactions_failed",
            "checkpoint_creations_failed",
            "head_truncations_failed",
            "narthex_tsdb_maintenance_failures");
    boolean whole = false;
    int moments = 0;
    for (int n = 0; !whole; n++) {
      Disk.SYSTEM.deleteTree(path);
      copy(prepared, path);
      Database database = open();
      disk.failAfter(n, true);
      database.maintain();
      whole = metric("narthex_tsdb_maintenance_failures") == 0;
      assertThat(samples(database)).as("step %d", n).isEqualTo(expected());
      counters.forEach(name -> counted.merge(name, metric(name), Double::sum));
      disk.heal();
      assertThat(commit(database, now, 0, SERIES)).as("step %d", n).isTrue();
      database.maintain();
      assertThat(database.blockMetas()).as("step %d", n).hasSizeLessThan(5);
      assertThat(samples(database)).as("step %d", n).isEqualTo(expected());
      assertThat(names(path)).noneMatch(name -> name.contains(".tmp"));
      assertThat(names(path.resolve("wal"))).noneMatch(name -> name.contains(".tmp"));
      // One checkpoint, and nothing before it.
      assertThat(names(path.resolve("wal")).stream().filter(f -> f.startsWith("checkpoint.")))
          .hasSize(1);
      database.close();
      forget(0, SERIES, now, now);
      moments++;
      if (n % 12 == 0) {
        assertStartsAndPrometheusAgrees();
      }
    }
    assertThat(moments).isGreaterThan(30);
    assertThat(counted).allSatisfy((name, value) -> assertThat(value).as(name).isPositive());
    log.assertSays("ERROR", "compact the head", "No space left");
    log.assertSays("ERROR", "compact blocks", "No space left");
  }

  /** With the one sample of after the fault. */
  private void assertStartsAndPrometheusAgrees() throws IOException {
    for (int i = 0; i < SERIES; i++) {
      acknowledged.computeIfAbsent(series(i), l -> new TreeMap<>()).put(now, value(now, i));
    }
    Database again = open();
    assertThat(metric("wal_corruptions")).isZero();
    assertThat(metric("mmap_chunk_corruptions")).isZero();
    assertThat(samples(again)).isEqualTo(expected());
    again.close();
    assertPrometheusAgrees();
    forget(0, SERIES, now, now);
  }

  @Test
  void aDiskThatIsFullAtTheStartIsNoReasonNotToStart() throws IOException {
    due();
    disk.room(0);
    Database database = open();
    assertThat(samples(database)).isEqualTo(expected());
    assertThat(commit(database, now, 0, SERIES)).isFalse();
    database.maintain();
    assertThat(samples(database)).isEqualTo(expected());
    disk.heal();
    assertRunsOnAndPrometheusAgrees(reopened(database));
  }

  private Database reopened(Database database) {
    fill(database, 1);
    database.close();
    return open();
  }

  @Test
  void aDeletionIsRefusedAsAWhole() throws IOException {
    Database database = open();
    fill(database, 5);
    disk.room(3);
    assertThatThrownBy(() -> database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("i", "1"))))
        .hasMessageContaining("No space left");
    disk.heal();
    assertRunsOnAndPrometheusAgrees(database);
  }
}
