package io.narthex.tsdb.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalException;
import io.narthex.tsdb.wal.WalReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SnapshotTest {

  private static final Labels LABELS = Labels.of("a", "1");
  private static final byte[] CHUNK = {0, 1, 5, 6, 7};

  private final Clock clock = new FakeClock(0);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void whatIsWrittenIsRead(WalCompression compression) {
    Content written = new Content();
    try (SnapshotWriter writer =
        SnapshotWriter.create(
            Disk.SYSTEM, clock, folder, SnapshotKind.CHUNKS, new Wal.Place(3, 77), compression)) {
      SnapshotSeries series = new SnapshotSeries();
      for (int i = 0; i < 30_000; i++) {
        byte[] packed = Labels.of("__name__", "m", "i", "" + i).packed();
        series.series(i, packed, 0, packed.length);
        switch (i % 4) {
          case 0 -> series.chunk(i, i + 1, 1, CHUNK, 0, CHUNK.length, i * 0.1);
          case 1 -> series.chunk(i, i + 1, 2, CHUNK, 1, 3, histogram(false, i));
          case 2 -> series.chunk(i, i + 1, 3, CHUNK, 0, 0, histogram(true, i));
          default -> {}
        }
        writer.series(series);
        written.series(series);
      }
      writer.tombstone(5, -3, 1L << 40);
      written.tombstone(5, -3, 1L << 40);
      byte[] packed = LABELS.packed();
      for (int i = 0; i < 25_000; i++) {
        writer.exemplar(i % 7, 1000 + i, i, packed, 0, packed.length);
        written.exemplar(i % 7, 1000 + i, i, packed, 0, packed.length);
      }
      assertThat(writer.finish()).isEqualTo(folder.resolve("chunk_snapshot.000003.0000000077"));
    }
    SnapshotDirectory directory = new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS);
    assertThat(directory.all()).hasSize(1);
    assertThat(last(directory).place()).isEqualTo(new Wal.Place(3, 77));
    assertThat(read(directory).lines).isEqualTo(written.lines);
  }

  /** Worked out by hand from {@code encodeToSnapshotRecord} and others in tsdb/head_wal.go. */
  @Test
  void recordsAreUpstreams() {
    try (SnapshotWriter writer = create(Disk.SYSTEM, 0, 1)) {
      byte[] packed = LABELS.packed();
      SnapshotSeries series = new SnapshotSeries().series(9, packed, 0, packed.length);
      writer.series(series);
      writer.series(series.chunk(16, 32, 1, CHUNK, 0, CHUNK.length, 1.5));
      writer.series(series.chunk(16, 32, 2, CHUNK, 0, CHUNK.length, histogram(false, 1)));
      writer.tombstone(300, -1, 63);
      writer.exemplar(3, 50, 0.5, packed, 0, packed.length);
      writer.exemplar(1, 49, 1, packed, 0, 0);
      writer.finish();
    }
    String start = "01 0000000000000009 01 0161 0131 0000000000000000 ";
    assertThat(records())
        .containsExactly(
            hex(start + "00"),
            hex(
                start
                    + "01 0000000000000010 0000000000000020 01 05 0001050607"
                    + "0000000000000000".repeat(7)
                    + "3ff8000000000000"),
            hex(
                start
                    + "01 0000000000000010 0000000000000020 02 05 0001050607"
                    + "00 00 0000000000000000 00 01 3ff0000000000000 01 00 01 00 01 02 00"),
            hex("02 05 01 ac02 01 7e"),
            hex(
                "03 0000000000000003 0000000000000032 00 00 3fe0000000000000 01 0161 0131"
                    + " 03 01 3ff0000000000000 00"));
  }

  @Test
  void anEmptySnapshotHasItsTombstonesRecord() {
    try (SnapshotWriter writer = create(Disk.SYSTEM, 0, 1)) {
      writer.finish();
    }
    assertThat(records()).containsExactly("020101");
    assertThat(read(new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS)).lines)
        .isEmpty();
  }

  @Test
  void theLastOneIsThatOfTheLatestPlace() throws IOException {
    for (int[] place : new int[][] {{1, 500}, {2, 5}, {2, 40}}) {
      try (SnapshotWriter writer = create(Disk.SYSTEM, place[0], place[1])) {
        writer.finish();
      }
    }
    Files.createDirectories(folder.resolve("chunk_snapshot.000009.0000000000.tmp"));
    Files.createDirectories(folder.resolve("chunk_snapshot.x.1"));
    Files.createFile(folder.resolve("chunk_snapshot.000008.0000000000"));
    SnapshotDirectory directory = new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS);
    assertThat(last(directory).place()).isEqualTo(new Wal.Place(2, 40));
    directory.deleteBelow(new Wal.Place(2, 40));
    assertThat(directory.all()).hasSize(1);
    directory.deleteTemporary();
    assertThat(Files.exists(folder.resolve("chunk_snapshot.000009.0000000000.tmp"))).isFalse();
  }

  @Test
  void oneThatIsNotFinishedLeavesNothing() {
    try (SnapshotWriter writer = create(Disk.SYSTEM, 0, 1)) {
      writer.tombstone(1, 2, 3);
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS).last()).isNull();
  }

  @Test
  void aFullDiskLeavesNothing() {
    FaultyDisk disk = new FaultyDisk();
    try (SnapshotWriter writer = create(disk, 0, 1)) {
      disk.room(3);
      assertThatThrownBy(writer::finish)
          .isInstanceOf(WalException.class)
          .hasMessageContaining("snapshot of the head")
          .hasMessageContaining("No space left");
      disk.room(Long.MAX_VALUE);
    }
    assertThat(folder).isEmptyDirectory();
    assertThat(disk.openOutputs()).isZero();
  }

  @Test
  void theOrderIsKept() {
    try (SnapshotWriter writer = create(Disk.SYSTEM, 0, 1)) {
      writer.tombstone(1, 2, 3);
      SnapshotSeries series = new SnapshotSeries();
      assertThatThrownBy(() -> writer.series(series)).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void aBrokenOneIsRefused() throws IOException {
    try (SnapshotWriter writer = create(Disk.SYSTEM, 0, 1)) {
      byte[] packed = LABELS.packed();
      writer.series(
          new SnapshotSeries()
              .series(9, packed, 0, packed.length)
              .chunk(1, 2, 1, CHUNK, 0, CHUNK.length, 1));
      writer.finish();
    }
    SnapshotDirectory directory = new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS);
    Path segment = last(directory).directory().resolve("00000000");
    byte[] whole = Files.readAllBytes(segment);
    for (int i = 1; i < whole.length; i++) {
      byte[] broken = whole.clone();
      broken[i] ^= 16;
      Files.write(segment, broken);
      assertThatThrownBy(() -> read(directory))
          .as("byte %d", i)
          .isInstanceOf(WalException.class)
          .hasMessageContaining("snapshot of the head");
    }
    // Sound to the eye of the framing, but not a snapshot.
    Files.delete(segment);
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, last(directory).directory(), WalCompression.NONE)) {
      wal.append(new byte[] {1, 2, 3}, 0, 3);
    }
    assertThatThrownBy(() -> read(directory)).hasMessageContaining("ends too early");
  }

  private SnapshotWriter create(Disk disk, int segment, int offset) {
    return SnapshotWriter.create(
        disk,
        clock,
        folder,
        SnapshotKind.CHUNKS,
        new Wal.Place(segment, offset),
        WalCompression.NONE);
  }

  private static SnapshotDirectory.Snapshot last(SnapshotDirectory directory) {
    SnapshotDirectory.@Nullable Snapshot last = directory.last();
    if (last == null) {
      throw new AssertionError("there is no snapshot");
    }
    return last;
  }

  private static Content read(SnapshotDirectory directory) {
    Content content = new Content();
    directory.read(last(directory), content);
    return content;
  }

  private List<String> records() {
    Path directory =
        last(new SnapshotDirectory(Disk.SYSTEM, folder, SnapshotKind.CHUNKS)).directory();
    List<String> records = new ArrayList<>();
    try (WalReader reader =
        new WalReader(Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).segments())) {
      while (reader.next()) {
        int from = reader.from();
        records.add(
            HexFormat.of()
                .formatHex(Arrays.copyOfRange(reader.bytes(), from, from + reader.length())));
      }
      assertThat(reader.corruption()).isNull();
    }
    return records;
  }

  private static String hex(String spaced) {
    return spaced.replace(" ", "");
  }

  /** One observation. */
  private static SpanHistogram histogram(boolean floats, int observations) {
    long count = floats ? Double.doubleToRawLongBits(observations) : observations;
    SpanHistogram histogram = new SpanHistogram().reset(floats).count(count).sum(observations);
    histogram.positive().addSpan(0, 1);
    histogram.positive().addBucket(count);
    return histogram;
  }

  /** What a snapshot says, as text. */
  private static final class Content implements SnapshotHandler {
    final List<String> lines = new ArrayList<>();

    @Override
    public void series(SnapshotSeries series) {
      StringBuilder line = new StringBuilder("series ").append(series.ref());
      line.append(labels(series.labels(), series.labelsFrom(), series.labelsLength()));
      if (series.hasChunk()) {
        int from = series.chunkFrom();
        line.append(series.minTime()).append('-').append(series.maxTime());
        line.append(" encoding ").append(series.encoding()).append(' ');
        line.append(HexFormat.of().formatHex(series.chunk(), from, from + series.chunkLength()));
        line.append(' ').append(series.lastValue()).append(series.lastHistogram());
      }
      lines.add(line.toString());
    }

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {
      lines.add("tombstone " + ref + " " + minTime + " " + maxTime);
    }

    @Override
    public void exemplar(
        long ref, long timestamp, double value, byte[] bytes, int from, int length) {
      lines.add("exemplar " + ref + " " + timestamp + " " + value + labels(bytes, from, length));
    }

    private static Labels labels(byte[] bytes, int from, int length) {
      return Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length));
    }
  }
}
