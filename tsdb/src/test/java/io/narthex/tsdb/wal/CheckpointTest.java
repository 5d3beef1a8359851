package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class CheckpointTest {

  private final Clock clock = new FakeClock(0);

  @TempDir Path folder;

  @Test
  void keepsWhatLivesAndIsYoungEnough() {
    try (Wal wal = open(Disk.SYSTEM)) {
      write(wal, 1, 100);
      wal.cut();
      write(wal, 2, 200);
      wal.cut();
      write(wal, 3, 300);

      Checkpoint.Result result = Checkpoint.write(wal, 1, ref -> ref != 1, 200);
      assertThat(result.number()).isEqualTo(1);
      assertThat(result.series()).isEqualTo(new Checkpoint.Tally(1, 1));
      assertThat(result.samples()).isEqualTo(new Checkpoint.Tally(1, 1));
      assertThat(result.tombstones()).isEqualTo(new Checkpoint.Tally(1, 1));
      wal.truncate(2);
      assertThat(wal.files().segments())
          .extracting(WalDirectory.Segment::number)
          .containsExactly(2);
      assertThat(WalContent.read(folder).lines)
          .containsExactly(
              series(2),
              WalContent.sample(2, 200, 2),
              WalContent.tombstoneLine(2, 0, 200),
              series(3),
              WalContent.sample(3, 300, 3),
              WalContent.tombstoneLine(3, 0, 300));

      // The next one takes in the one before.
      wal.cut();
      Checkpoint.write(wal, 2, ref -> true, 250);
      wal.truncate(3);
      wal.files().deleteCheckpointsBelow(2);
      assertThat(wal.files().checkpoints())
          .extracting(WalDirectory.CheckpointEntry::number)
          .containsExactly(2);
      assertThat(WalContent.read(folder).lines)
          .containsExactly(
              series(2),
              series(3),
              WalContent.sample(3, 300, 3),
              WalContent.tombstoneLine(3, 0, 300));
      assertThat(wal.files().checkpoints().getFirst().directory())
          .isEqualTo(folder.resolve("checkpoint.00000002"));
    }
    // The log goes on behind the checkpoint, even if all segments were gone.
    try (Wal wal = open(Disk.SYSTEM)) {
      assertThat(wal.segment()).isEqualTo(4);
    }
  }

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void everyEntryIsKeptOrDroppedByItself(WalCompression compression) {
    SpanHistogram whole = SomeHistograms.exponential();
    SpanHistogram custom = SomeHistograms.custom(true);
    Labels trace = Labels.of("trace_id", "t");
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, 4 * Wal.PAGE, compression)) {
      WalBatch batch = new WalBatch();
      for (long time : new long[] {99, 100}) {
        batch.histogram(1, time, whole);
        batch.histogram(2, time, custom);
        batch.exemplar(1, time, 1, trace);
        batch.metadata(1, MetricType.COUNTER, "", "at " + time);
        batch.metadata(2, MetricType.GAUGE, "", "of a dead series");
        batch.tombstone(1, 0, time);
        batch.histogramWithStart(1, 50, time + 1000, whole);
        batch.histogramWithStart(1, 50, time, whole);
        batch.samplesWithStarts(
            new long[] {1, 1},
            new long[] {50, 60},
            new long[] {time, time + 1},
            new double[] {1, 2},
            0,
            2);
      }
      wal.append(batch);
      wal.cut();
      Checkpoint.Result result = Checkpoint.write(wal, 0, ref -> ref == 1, 100);
      wal.truncate(1);
      assertThat(result.samples()).isEqualTo(new Checkpoint.Tally(8, 4));
      assertThat(result.exemplars()).isEqualTo(new Checkpoint.Tally(1, 1));
      assertThat(result.tombstones()).isEqualTo(new Checkpoint.Tally(1, 1));
      assertThat(result.metadata()).isEqualTo(new Checkpoint.Tally(1, 3));
    }
    WalContent content = WalContent.read(folder);
    assertThat(content.minValidTime).isEqualTo(100);
    assertThat(content.lines)
        .containsExactly(
            WalContent.histogramLine(1, 50, 1099, whole),
            WalContent.sample(1, 100, 2) + " since 60",
            WalContent.histogramLine(1, 0, 100, whole),
            WalContent.histogramLine(2, 0, 100, custom),
            WalContent.exemplarLine(1, 100, 1, trace),
            WalContent.tombstoneLine(1, 0, 100),
            WalContent.histogramLine(1, 50, 1100, whole),
            WalContent.histogramLine(1, 50, 100, whole),
            WalContent.sample(1, 100, 1) + " since 50",
            WalContent.sample(1, 101, 2) + " since 60",
            WalContent.metadataLine(1, MetricType.COUNTER, "", "at 100"));
  }

  @Test
  void kindsOfHistogramsOfASeriesStayInOrder() {
    // One commit with custom buckets, then one without: merged they would change places.
    try (Wal wal = open(Disk.SYSTEM)) {
      WalBatch batch = new WalBatch();
      batch.histogram(1, 1, SomeHistograms.custom(false));
      batch.endRun();
      batch.histogram(1, 2, SomeHistograms.exponential());
      wal.append(batch);
      wal.cut();
      Checkpoint.write(wal, 0, ref -> true, 0);
      wal.truncate(1);
    }
    assertThat(WalContent.read(folder).lines)
        .containsExactly(
            WalContent.histogramLine(1, 0, 1, SomeHistograms.custom(false)),
            WalContent.histogramLine(1, 0, 2, SomeHistograms.exponential()));
  }

  @Test
  void recordsOfUnknownTypesAndMarkersAreDropped() {
    try (Wal wal = open(Disk.SYSTEM)) {
      WalBatch batch = new WalBatch();
      batch.mmapMarker(1, 2);
      batch.raw(new byte[] {99, 1}, 0, 2);
      batch.raw(new byte[0], 0, 0);
      wal.append(batch);
      wal.cut();
      Checkpoint.write(wal, 0, ref -> true, 0);
      wal.truncate(1);
    }
    WalContent content = WalContent.read(folder);
    assertThat(content.lines).isEmpty();
    assertThat(content.skipped()).isEmpty();
  }

  @Test
  void aCheckpointWhoseSegmentsAreStillThereIsNotReplaced() {
    try (Wal wal = open(Disk.SYSTEM)) {
      write(wal, 1, 100);
      wal.cut();
      Checkpoint.Result first = Checkpoint.write(wal, 0, ref -> true, 0);
      List<String> lines = WalContent.read(folder).lines;
      // The segments were not deleted: the process was killed before.
      Checkpoint.Result second = Checkpoint.write(wal, 0, ref -> false, 1000);
      assertThat(second.directory()).isEqualTo(first.directory());
      assertThat(second.number()).isZero();
      assertThat(second.series()).isEqualTo(new Checkpoint.Tally(0, 0));
      wal.truncate(1);
      assertThat(WalContent.read(folder).lines).isEqualTo(lines).isNotEmpty();
    }
  }

  @Test
  void aBrokenCheckpointIsMended() throws IOException {
    try (Wal wal = open(Disk.SYSTEM)) {
      for (int i = 1; i <= 3; i++) {
        write(wal, i, 100);
        wal.append(new byte[] {99}, 0, 1); // Keeps the records from being merged.
      }
      wal.cut();
      Checkpoint.write(wal, 0, ref -> true, 0);
      wal.truncate(1);
      write(wal, 4, 100);
    }
    List<String> whole = WalContent.read(folder).lines;
    Path segment = folder.resolve("checkpoint.00000000/00000000");
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 3] ^= 1;
    Files.write(segment, bytes);
    WalContent content = WalContent.readSound(folder);
    assertThat(content.corruptions).hasSize(1);
    assertThat(content.lines).hasSizeLessThan(whole.size()).hasSizeGreaterThan(whole.size() / 2);
    assertThat(content.lines).isSubsetOf(whole).contains(series(4));
    assertThat(new WalDirectory(Disk.SYSTEM, folder).mend(content.corruptions)).hasSize(1);
    WalContent again = WalContent.read(folder);
    assertThat(again.corruption).isNull();
    assertThat(again.lines).isEqualTo(content.lines);
  }

  @Test
  void aFullDiskLeavesNothingBehind() {
    FaultyDisk disk = new FaultyDisk();
    try (Wal wal = open(disk)) {
      write(wal, 1, 100);
      wal.cut();
      disk.room(10);
      assertThatThrownBy(() -> Checkpoint.write(wal, 0, ref -> true, 0))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("No space left");
      disk.room(Long.MAX_VALUE);
      assertThat(wal.files().checkpoints()).isEmpty();
      assertThat(Files.exists(folder.resolve("checkpoint.00000000.tmp"))).isFalse();
      assertThat(WalContent.read(folder).lines).hasSize(3);
    }
    assertThat(disk.openOutputs()).isZero();
  }

  @Test
  void doesNotHideCorruption() throws IOException {
    try (Wal wal = open(Disk.SYSTEM)) {
      write(wal, 1, 100);
      wal.cut();
      byte[] bytes = Files.readAllBytes(folder.resolve("00000000"));
      bytes[20] ^= 1;
      Files.write(folder.resolve("00000000"), bytes);
      assertThatThrownBy(() -> Checkpoint.write(wal, 0, ref -> true, 0))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("00000000 at 0");
      assertThat(wal.files().checkpoints()).isEmpty();
    }
  }

  @Test
  void leftoversAreNotCheckpoints() throws IOException {
    Files.createDirectories(folder.resolve("checkpoint.00000007.tmp"));
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder);
    assertThat(directory.checkpoints()).isEmpty();
    directory.deleteTemporary();
    assertThat(folder).isEmptyDirectory();
  }

  private Wal open(Disk disk) {
    return Wal.open(disk, clock, folder, 4 * Wal.PAGE, WalCompression.SNAPPY);
  }

  private static void write(Wal wal, long ref, long time) {
    WalBatch batch = new WalBatch();
    batch.series(ref, Labels.of("__name__", "m", "ref", "" + ref));
    batch.samples(new long[] {ref}, new long[] {time}, new double[] {ref}, 0, 1);
    batch.tombstone(ref, 0, time);
    wal.append(batch);
  }

  private static String series(long ref) {
    return WalContent.series(ref, Labels.of("__name__", "m", "ref", "" + ref));
  }
}
