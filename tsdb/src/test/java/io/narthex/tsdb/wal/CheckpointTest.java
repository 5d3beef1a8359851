package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
      assertThat(result.series()).isEqualTo(1);
      assertThat(result.droppedSeries()).isEqualTo(1);
      assertThat(result.samples()).isEqualTo(1);
      assertThat(result.droppedSamples()).isEqualTo(1);
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

  @Test
  void carriesMetadataExemplarsAndHistograms() {
    try (Wal wal = open(Disk.SYSTEM)) {
      wal.append(metadata(1, "old"), 0, metadata(1, "old").length);
      wal.append(metadata(2, "dead"), 0, metadata(2, "dead").length);
      wal.append(metadata(1, "new"), 0, metadata(1, "new").length);
      byte[] young = new byte[30];
      young[0] = 7;
      young[16] = 100;
      wal.append(young, 0, young.length);
      byte[] old = new byte[30];
      old[0] = 4;
      wal.append(old, 0, old.length);
      wal.cut();
      Checkpoint.write(wal, 0, ref -> ref == 1, 3_600_100);
      wal.truncate(1);
    }
    List<byte[]> records = new ArrayList<>();
    try (WalReader reader =
        new WalReader(
            Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, folder).replay(Integer.MAX_VALUE))) {
      while (reader.next()) {
        records.add(
            Arrays.copyOfRange(reader.bytes(), reader.from(), reader.from() + reader.length()));
      }
    }
    assertThat(records).hasSize(2);
    assertThat(records.get(0)[0]).isEqualTo((byte) 7);
    assertThat(records.get(1)).isEqualTo(metadata(1, "new"));
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

  private static byte[] metadata(int ref, String help) {
    byte[] record = new byte[64];
    int at = 0;
    record[at++] = 6;
    at = Varint.putUnsigned(record, at, ref);
    record[at++] = 1;
    record[at++] = 1;
    at = text(record, at, "HELP");
    at = text(record, at, help);
    return Arrays.copyOf(record, at);
  }

  private static int text(byte[] into, int at, String text) {
    byte[] bytes = Utf8.bytes(text);
    at = Varint.putUnsigned(into, at, bytes.length);
    System.arraycopy(bytes, 0, into, at, bytes.length);
    return at + bytes.length;
  }
}
