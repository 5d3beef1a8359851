package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Damage in the write-ahead log and its checkpoint. */
class BrokenLogTest extends FaultBed {

  /** Where a record of a segment of one page begins. */
  private static int record(Path segment, int number) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int at = 0;
    for (int i = 0; i < number; i++) {
      at += 7 + ((bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff));
    }
    return at;
  }

  /** Some commits that the log alone has. */
  private Path young() throws IOException {
    Database database = open();
    fill(database, 8);
    database.close();
    forgetChunkFiles();
    assertThat(segments()).hasSize(1);
    return segments().getFirst();
  }

  /** As though the process had been killed before chunks went to files. */
  private void forgetChunkFiles() {
    Disk.SYSTEM.deleteTree(path.resolve("chunks_head"));
  }

  @Test
  void aTornLastRecordCostsItself() throws IOException {
    Path segment = young();
    Disk.SYSTEM.truncate(segment, Files.size(segment) - 5);
    forget(0, SERIES, now - STEP, now);
    Database database = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    log.assertSays("WARN", "the write-ahead log is repaired: torn record", segment.toString());
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aFlippedByteInASamplesRecordCostsThatCommit() throws IOException {
    Path segment = young();
    // The first record is of series.
    flip(segment, record(segment, 4) + 20);
    forget(0, SERIES, T0 + 3 * STEP, T0 + 3 * STEP);
    Database database = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    log.assertSays("WARN", "the write-ahead log is repaired: corruption", segment.toString());
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aFlippedByteInASeriesRecordCostsThoseSeriesOnly() throws IOException {
    Database database = open();
    fill(database, 3);
    assertThat(commit(database, now - STEP / 2, SERIES, 3)).isTrue();
    fill(database, 3);
    database.close();
    forgetChunkFiles();
    Path segment = segments().getFirst();
    flip(segment, record(segment, 0) + 20);
    forget(0, SERIES, T0, now);
    Database again = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    assertThat(metric("wal_replay_unknown_refs")).isEqualTo(6 * SERIES);
    log.assertSays("WARN", "the log has 24 samples of unknown series");
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void chunksOfSeriesThatTheLogHasLostAreCounted() throws IOException {
    Database database = open();
    fill(database, 21);
    database.close();
    Path segment = segments().getFirst();
    flip(segment, record(segment, 0) + 20);
    forget(0, SERIES, T0, now);
    Database again = open();
    assertThat(samples(again)).isEmpty();
    log.assertSays("WARN", "head chunks were passed over");
    assertThat(metric("wal_replay_unknown_refs")).isPositive();
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void aFlippedByteInTheCheckpointCostsOneRecord() throws IOException {
    // So many series that a range has several segments: the checkpoint has samples.
    Database database = open();
    for (int i = 0; i < 4 * STEPS; i++) {
      assertThat(commit(database, now, 0, 200)).isTrue();
      now += STEP;
      if (i % 10 == 9) {
        database.maintain();
      }
    }
    database.close();
    forgetChunkFiles();
    Path checkpoint = checkpoint();
    Path segment = numbered(checkpoint).getLast();
    flip(segment, record(segment, records(segment) - 1) + 25);
    Database again = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    log.assertSays("WARN", "the write-ahead log is repaired", checkpoint.toString());
    assertThat(forgetMissing(again, 200)).isPositive();
    assertRunsOnAndPrometheusAgrees(again);
  }

  /** How many records a segment of one page has. */
  private static int records(Path segment) throws IOException {
    byte[] bytes = Files.readAllBytes(segment);
    int records = 0;
    for (int at = 0; at + 7 < bytes.length && bytes[at] != 0; records++) {
      at += 7 + ((bytes[at + 1] & 0xff) << 8 | (bytes[at + 2] & 0xff));
    }
    return records;
  }

  private Path checkpoint() throws IOException {
    return path.resolve("wal")
        .resolve(
            names(path.resolve("wal")).stream()
                .filter(name -> name.startsWith("checkpoint."))
                .toList()
                .getLast());
  }

  @Test
  void aByteThatFlipsWhileTheServerRunsCostsNothing() throws IOException {
    Database database = open();
    live(database, 3);
    assertThat(commit(database, now - STEP / 2, 10, 3)).isTrue();
    Path segment = segments().getLast();
    flip(segment, record(segment, records(segment) - 2) + 30); // of the new series
    for (int i = 0; i < 24; i++) {
      assertThat(commit(database, now - STEP / 2, 10, 3)).isTrue();
      fill(database, STEPS / 4);
      database.maintain();
    }
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    log.assertSays("ERROR", "the write-ahead log has become unreadable", segment.toString());
    log.assertSays("WARN", "the write-ahead log is repaired", segment.toString());
    assertThat(segment).doesNotExist();
    assertThat(samples(database)).isEqualTo(expected());
    database.close();
    Database again = open();
    assertThat(metric("wal_replay_unknown_refs")).isZero();
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void aMissingSegmentCostsItsOwnSamples() throws IOException {
    for (int i = 0; i < 3; i++) {
      Database database = open();
      fill(database, 8);
      database.close();
    }
    forgetChunkFiles();
    Files.delete(path.resolve("wal/00000001"));
    Database again = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    log.assertSays("ERROR", "segments of the write-ahead log are missing", "[1]");
    assertThat(forgetMissing(again, 8 * SERIES)).isPositive();
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void aMissingSegmentBehindTheCheckpointCostsItsOwnSamples() throws IOException {
    Database database = open();
    live(database, 6);
    database.close();
    Files.delete(numbered(path.resolve("wal")).getFirst());
    Database again = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    forgetMissing(again, STEPS * SERIES);
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void emptySegmentsAreNothing() throws IOException {
    young();
    Files.createFile(path.resolve("wal/00000001"));
    Files.createFile(path.resolve("wal/00000002"));
    Database again = open();
    assertThat(metric("wal_corruptions")).isZero();
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void aSegmentThatCannotBeReadIsAClearLineAndNothingIsTouched() throws IOException {
    Path segment = young();
    List<String> before = names(path.resolve("wal"));
    long size = Files.size(segment);
    disk.failReads(file -> file.equals(segment));
    assertThatThrownBy(this::open)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining(segment.toString())
        .hasMessageContaining("Input/output error")
        .hasMessageNotContaining("\n");
    assertThat(names(path.resolve("wal"))).containsAll(before);
    assertThat(Files.size(segment)).isEqualTo(size);
    disk.heal();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void onAFullDiskTheRepairWaitsForTheNextStart() throws IOException {
    Path segment = young();
    flip(segment, record(segment, 4) + 20);
    forget(0, SERIES, T0 + 3 * STEP, T0 + 3 * STEP);
    disk.room(0);
    Database database = open();
    log.assertSays("ERROR", "the write-ahead log cannot be repaired now", "No space left");
    assertThat(samples(database)).isEqualTo(expected());
    assertThat(commit(database, now, 0, SERIES)).isFalse();
    disk.heal();
    fill(database, 3);
    database.close();
    Database again = open();
    assertThat(metric("wal_corruptions")).isEqualTo(1);
    assertRunsOnAndPrometheusAgrees(again);
  }

  @Test
  void whatTheCheckpointNeedsIsRepairedWhileTheServerRuns() throws IOException {
    Path segment = young();
    flip(segment, record(segment, 4) + 20);
    forget(0, SERIES, T0 + 3 * STEP, T0 + 3 * STEP);
    disk.room(0);
    Database database = open();
    disk.heal();
    live(database, 6);
    assertThat(metric("wal_corruptions")).isEqualTo(2);
    assertThat(metric("checkpoint_creations_failed")).isZero();
    assertThat(segment).doesNotExist();
    assertThat(samples(database)).isEqualTo(expected());
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void filesAndDirectoriesInEachOthersPlacesGetOtherNames() throws IOException {
    Files.createDirectories(path);
    for (String name : new String[] {"wal", "wbl", "chunks_head"}) {
      Files.writeString(path.resolve(name), "what is this?");
    }
    Database database = open();
    for (String name : new String[] {"wal", "wbl", "chunks_head"}) {
      log.assertSays("ERROR", "a file where a directory belongs", path.resolve(name).toString());
      assertThat(path.resolve(name + ".set-aside")).hasContent("what is this?");
    }
    fill(database, 8);
    database.close();
    Files.createDirectories(path.resolve("wal/00000001/x"));
    Files.createFile(path.resolve("wal/checkpoint.00000099"));
    Files.createDirectories(path.resolve("chunks_head/000009"));
    Database again = open();
    assertThat(path.resolve("wal/00000001.set-aside/x")).exists();
    assertThat(path.resolve("wal/not-a-checkpoint.00000099.set-aside")).exists();
    assertThat(path.resolve("chunks_head/000009.set-aside")).exists();
    assertRunsOnAndPrometheusAgrees(again);
  }
}
