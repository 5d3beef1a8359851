package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class WalTest {

  private static final int SMALL = 2 * Wal.PAGE;
  private final Clock clock = new FakeClock(0);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void whatIsAppendedIsReadInOrder(WalCompression compression) {
    List<String> expected = new ArrayList<>();
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, SMALL, compression)) {
      WalBatch batch = new WalBatch();
      for (int round = 0; round < 40; round++) {
        batch.clear();
        addSeries(batch, expected, 1000L * round, 25);
        addSamples(batch, expected, 1000L * round, 300, 1_700_000_000_000L + round);
        batch.tombstone(round, -5, round);
        batch.tombstone(round, 5, Long.MAX_VALUE);
        expected.add(WalContent.tombstoneLine(round, -5, round));
        expected.add(WalContent.tombstoneLine(round, 5, Long.MAX_VALUE));
        wal.append(batch);
      }
      assertThat(wal.segment()).as("segments were cut").isPositive();
      assertThat(wal.records()).isEqualTo(120);
      assertThat(wal.failedWrites()).isZero();
    }
    WalContent content = WalContent.read(folder);
    assertThat(content.corruption).isNull();
    assertThat(content.lines).isEqualTo(expected);
  }

  @Property(tries = 40)
  void anyRecordsSurvive(
      @ForAll long seed,
      @ForAll @IntRange(min = 1, max = 25) int count,
      @ForAll WalCompression compression) {
    Path directory = temporaryFolder();
    try {
      Random random = new Random(seed);
      List<byte[]> records = new ArrayList<>();
      try (Wal wal = Wal.open(Disk.SYSTEM, clock, directory, SMALL, compression)) {
        for (int i = 0; i < count; i++) {
          // From nothing to more than a segment; about the length of a page now and then.
          int length =
              switch (random.nextInt(4)) {
                case 0 -> random.nextInt(20);
                case 1 -> Wal.PAGE - 20 + random.nextInt(20);
                case 2 -> random.nextInt(2000);
                default -> random.nextInt(3 * Wal.PAGE);
              };
          byte[] record = new byte[length];
          if (random.nextBoolean()) {
            random.nextBytes(record);
          }
          records.add(record);
          wal.append(record, 0, length);
          if (random.nextInt(20) == 0) {
            wal.cut();
          }
        }
      }
      try (WalReader reader =
          new WalReader(Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, directory).segments())) {
        for (byte[] record : records) {
          assertThat(reader.next()).isTrue();
          assertThat(reader.length()).isEqualTo(record.length);
          byte[] read =
              Arrays.copyOfRange(reader.bytes(), reader.from(), reader.from() + reader.length());
          assertThat(read).isEqualTo(record);
        }
        assertThat(reader.next()).isFalse();
        assertThat(reader.corruption()).isNull();
      }
    } finally {
      delete(directory);
    }
  }

  @Property(tries = 100)
  void sampleRecordsKeepEveryBit(@ForAll long[] refs, @ForAll long firstTime, @ForAll long seed)
      throws WalFormatException {
    Random random = new Random(seed);
    int n = refs.length;
    long[] times = new long[n];
    double[] values = new double[n];
    List<String> expected = new ArrayList<>();
    for (int i = 0; i < n; i++) {
      times[i] = i % 3 == 0 ? random.nextLong() : firstTime;
      values[i] =
          i % 5 == 0 ? StaleMarker.VALUE : Double.longBitsToDouble(random.nextLong() >> (i % 60));
      expected.add(WalContent.sample(refs[i], times[i], values[i]));
    }
    WalBatch batch = new WalBatch();
    batch.samples(refs, times, values, 0, n);
    WalContent content = new WalContent();
    for (int i = 0; i < batch.records(); i++) {
      content.decoder.decode(batch.bytes(), batch.start(i), batch.end(i) - batch.start(i), content);
    }
    assertThat(content.lines).isEqualTo(expected);
  }

  @Test
  void openingBeginsANewSegmentWithoutAGap() {
    for (int i = 0; i < 3; i++) {
      try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.SNAPPY)) {
        assertThat(wal.segment()).isEqualTo(i);
      }
    }
    assertThat(new WalDirectory(Disk.SYSTEM, folder).segments())
        .extracting(WalDirectory.Segment::number)
        .containsExactly(0, 1, 2);
  }

  @Test
  void aLogCutAnywhereGivesAllRecordsBeforeTheCut() throws IOException {
    List<String> expected = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, SMALL, WalCompression.NONE)) {
      WalBatch batch = new WalBatch();
      for (int i = 0; i < 30; i++) {
        batch.clear();
        addSamples(batch, expected, i, 120, i);
        wal.append(batch);
        ends.add(wal.writtenBytes());
      }
      assertThat(wal.segment()).isZero();
    }
    byte[] whole = Files.readAllBytes(folder.resolve("00000000"));
    Random random = new Random(7);
    for (int i = 0; i < 200; i++) {
      int cut = random.nextInt(whole.length);
      Files.write(folder.resolve("00000000"), Arrays.copyOf(whole, cut));
      // A record is whole when nothing but padding is missing.
      int sound = (int) ends.stream().filter(end -> zeros(whole, cut, end)).count();
      WalContent content = WalContent.read(folder);
      assertThat(content.lines).isEqualTo(expected.subList(0, 120 * sound));
      if (content.corruption == null) {
        long lastEnd = sound == 0 ? 0 : ends.get(sound - 1);
        assertThat(cut).as("nothing of the next record").isLessThanOrEqualTo((int) lastEnd);
        continue;
      }
      assertThat(content.corruption.torn()).isTrue();
      assertThat(content.corruption.segment()).isZero();
      List<WalDirectory.Mended> mended =
          new WalDirectory(Disk.SYSTEM, folder).mend(List.of(content.corruption));
      assertThat(mended).hasSize(1);
      assertThat(mended.getFirst().bytes()).isEqualTo(cut - content.corruption.offset());
      WalContent repaired = WalContent.read(folder);
      assertThat(repaired.corruption).isNull();
      assertThat(repaired.lines).isEqualTo(content.lines);
    }
  }

  @Test
  void aFullDiskLosesTheBatchAndNothingElse() {
    FaultyDisk disk = new FaultyDisk();
    List<String> expected = new ArrayList<>();
    WalBatch batch = new WalBatch();
    try (Wal wal = Wal.open(disk, clock, folder, SMALL, WalCompression.NONE)) {
      addSamples(batch, expected, 1, 50, 1);
      wal.append(batch);
      batch.clear();
      addSamples(batch, new ArrayList<>(), 2, 50, 2);
      disk.room(200);
      assertThatThrownBy(() -> wal.append(batch))
          .isInstanceOf(WalException.class)
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("00000000");
      assertThatThrownBy(() -> wal.append(batch)).isInstanceOf(WalException.class);
      assertThat(wal.failedWrites()).isEqualTo(2);
      disk.room(Long.MAX_VALUE);
      batch.clear();
      addSamples(batch, expected, 3, 50, 3);
      wal.append(batch);
    }
    assertThat(disk.openOutputs()).isZero();
    WalContent content = WalContent.read(folder);
    assertThat(content.corruption).isNull();
    assertThat(content.lines).isEqualTo(expected);
  }

  @Test
  void aTornTailIsCutBeforeTheNextBatchEvenIfThatFailedAtFirst() {
    FaultyDisk disk = new FaultyDisk();
    List<String> expected = new ArrayList<>();
    WalBatch batch = new WalBatch();
    addSamples(batch, expected, 1, 50, 1);
    try (Wal wal = Wal.open(disk, clock, folder, SMALL, WalCompression.NONE)) {
      wal.append(batch);
      disk.room(100);
      disk.failTruncations(true);
      assertThatThrownBy(() -> wal.append(batch)).hasMessageContaining("No space left");
      disk.room(Long.MAX_VALUE);
      assertThatThrownBy(() -> wal.append(batch)).hasMessageContaining("Input/output error");
      disk.failTruncations(false);
      wal.append(batch);
      expected.addAll(List.copyOf(expected));
    }
    WalContent content = WalContent.read(folder);
    assertThat(content.corruption).isNull();
    assertThat(content.lines).isEqualTo(expected);
  }

  @Test
  void aFailedSyncIsSaid() {
    FaultyDisk disk = new FaultyDisk();
    try (Wal wal = Wal.open(disk, clock, folder, SMALL, WalCompression.NONE)) {
      disk.failSyncs(true);
      assertThatThrownBy(wal::sync)
          .isInstanceOf(WalException.class)
          .hasMessageContaining("sync")
          .hasMessageContaining("Input/output error");
      disk.failSyncs(false);
      wal.sync();
      assertThat(wal.fsyncs()).isEqualTo(2);
    }
  }

  @Test
  void aClosedLogTakesNothing() {
    Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.NONE);
    wal.close();
    wal.close();
    assertThatThrownBy(() -> wal.append(new byte[1], 0, 1)).hasMessageContaining("closed");
  }

  @Test
  void aRecordThatEndsTooEarlyIsCorruption() {
    WalBatch batch = new WalBatch();
    addSamples(batch, new ArrayList<>(), 1, 10, 5);
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.NONE)) {
      wal.append(batch);
      wal.append(batch.bytes(), 0, batch.byteCount() - 1);
    }
    WalContent content = WalContent.read(folder);
    assertThat(content.lines).hasSize(10);
    assertThat(content.broken().reason())
        .isEqualTo("decode samples: the record ends too early, after 9 samples");
    assertThat(content.broken().offset()).isEqualTo(Wal.HEADER + batch.byteCount());
  }

  private static boolean zeros(byte[] bytes, int from, long to) {
    for (int i = from; i < to; i++) {
      if (bytes[i] != 0) {
        return false;
      }
    }
    return true;
  }

  static void addSeries(WalBatch batch, List<String> expected, long firstRef, int n) {
    for (int i = 0; i < n; i++) {
      Labels labels =
          Labels.of("__name__", "metric_" + i, "instance", "host:" + firstRef, "é", "ünï" + i);
      batch.series(firstRef + i, labels);
      expected.add(WalContent.series(firstRef + i, labels));
    }
  }

  static void addSamples(WalBatch batch, List<String> expected, long firstRef, int n, long time) {
    long[] refs = new long[n];
    long[] times = new long[n];
    double[] values = new double[n];
    for (int i = 0; i < n; i++) {
      refs[i] = firstRef + i;
      times[i] = time - i % 7;
      values[i] = i * 1.5;
      expected.add(WalContent.sample(refs[i], times[i], values[i]));
    }
    batch.samples(refs, times, values, 0, n);
  }

  static Path temporaryFolder() {
    try {
      return Files.createTempDirectory("wal");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static void delete(Path tree) {
    try (Stream<Path> all = Files.walk(tree)) {
      all.sorted(Comparator.reverseOrder()).forEach(Disk.SYSTEM::delete);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
