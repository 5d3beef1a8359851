package io.narthex.tsdb.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is left of a log of which something was lost or changed, and what is said about it. */
class WalFaultsTest {

  private static final int SMALL = 8 * Wal.PAGE;

  /**
   * A record as it lies in a segment.
   *
   * @param lines what it says
   */
  private record Entry(long from, long to, List<String> lines) {}

  private final Clock clock = new FakeClock(0);

  @TempDir Path folder;

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void aFlippedBitCostsItsRecordAtMost(WalCompression compression) throws IOException {
    List<Entry> entries = write(compression, true);
    Path file = folder.resolve("00000000");
    byte[] whole = Files.readAllBytes(file);
    int end = (int) entries.getLast().to;
    int noticed = 0;
    for (int at = 0; at < end; at++) {
      // All bits of those that are not checked by a sum, one of the others.
      boolean type = isTypeByte(entries, at);
      for (int bit = type ? 0 : at % 8; bit < 8; bit += type ? 1 : 8) {
        WalContent content = readFlipped(file, whole, at, bit);
        int lost = assertOneLostAtMost(entries, content, at);
        if (lost >= 0) {
          assertThat(content.corruptions).as("bit %d of byte %d", bit, at).isNotEmpty();
          WalCorruption first = content.corruptions.getFirst();
          assertThat(first.segment()).isZero();
          assertThat(first.offset()).isEqualTo(entries.get(lost).from);
          assertThat(first.message()).contains("00000000 at " + first.offset());
          noticed++;
        } else {
          assertThat(type).as("bit %d of byte %d was of no importance", bit, at).isTrue();
        }
      }
    }
    assertThat(noticed).isGreaterThanOrEqualTo(end);
  }

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void soItDoesInRecordsOfManyPages(WalCompression compression) throws IOException {
    List<Entry> entries = write(compression, false);
    Path file = folder.resolve("00000000");
    byte[] whole = Files.readAllBytes(file);
    assertThat(whole.length).isGreaterThan(2 * Wal.PAGE);
    Random random = new Random(17);
    for (int i = 0; i < 300; i++) {
      int at = random.nextInt((int) entries.getLast().to);
      WalContent content = readFlipped(file, whole, at, random.nextInt(8));
      int lost = assertOneLostAtMost(entries, content, at);
      assertThat(lost >= 0).isEqualTo(!content.corruptions.isEmpty());
    }
    // The type bytes of all parts.
    for (int page = 0; page < whole.length; page += Wal.PAGE) {
      for (int bit = 0; bit < 8; bit++) {
        WalContent content = readFlipped(file, whole, page, bit);
        assertOneLostAtMost(entries, content, page);
      }
    }
  }

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void mendingTakesOutWhatIsBrokenAndNothingElse(WalCompression compression) throws IOException {
    List<Entry> entries = write(compression, false);
    Path file = folder.resolve("00000000");
    byte[] whole = Files.readAllBytes(file);
    Random random = new Random(5);
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder);
    int mendings = 0;
    for (int i = 0; i < 40; i++) {
      int at = random.nextInt((int) entries.getLast().to);
      WalContent content = readFlipped(file, whole, at, random.nextInt(8));
      List<WalDirectory.Mended> mended = directory.mend(content.corruptions);
      if (!content.corruptions.isEmpty()) {
        mendings++;
        assertThat(mended).hasSize(1);
        assertThat(mended.getFirst().corruptions()).isEqualTo(content.corruptions.size());
        assertThat(mended.getFirst().message())
            .contains("00000000")
            .contains("what lies behind is kept");
      }
      WalContent again = WalContent.read(folder);
      assertThat(again.corruption).isNull();
      assertThat(again.lines).isEqualTo(content.lines);
      assertThat(folder).isDirectoryNotContaining(path -> path.toString().endsWith(".repair"));
    }
    assertThat(mendings).isGreaterThan(30);
  }

  @Test
  void onAFullDiskTheSegmentStaysAsItWas() throws IOException {
    write(WalCompression.NONE, true);
    Path file = folder.resolve("00000000");
    byte[] whole = Files.readAllBytes(file);
    WalContent content = readFlipped(file, whole, 40, 1);
    byte[] broken = Files.readAllBytes(file);
    FaultyDisk disk = new FaultyDisk();
    disk.room(10);
    WalDirectory directory = new WalDirectory(disk, folder);
    assertThatThrownBy(() -> directory.mend(content.corruptions))
        .isInstanceOf(DiskException.class)
        .hasMessageContaining("No space left");
    assertThat(disk.openOutputs()).isZero();
    assertThat(Disk.SYSTEM.list(folder)).containsExactly(file);
    assertThat(Files.readAllBytes(file)).isEqualTo(broken);
    disk.room(Long.MAX_VALUE);
    assertThat(directory.mend(content.corruptions)).hasSize(1);
    assertThat(WalContent.read(folder).lines).isEqualTo(content.lines);
  }

  @Test
  void manyFaultsInManySegmentsAreMendedAtOnce() throws IOException {
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, 2 * Wal.PAGE, WalCompression.NONE)) {
      for (int i = 0; wal.segment() < 5; i++) {
        batch.clear();
        WalTest.addSamples(batch, lines, i, 100, i);
        wal.append(batch);
      }
    }
    for (int segment : new int[] {0, 2, 3}) {
      Path file = folder.resolve("0000000" + segment);
      byte[] bytes = Files.readAllBytes(file);
      bytes[100] ^= 1;
      bytes[bytes.length / 2] ^= 1;
      Files.write(file, bytes);
    }
    Path torn = folder.resolve("00000004");
    byte[] bytes = Files.readAllBytes(torn);
    Files.write(torn, Arrays.copyOf(bytes, bytes.length - 200));

    WalContent content = WalContent.readSound(folder);
    assertThat(content.corruptions).extracting(WalCorruption::segment).contains(0, 2, 3);
    assertThat(content.lines.size()).isBetween(lines.size() - 800, lines.size() - 600);
    List<WalDirectory.Mended> mended =
        new WalDirectory(Disk.SYSTEM, folder).mend(content.corruptions);
    assertThat(mended).hasSizeBetween(3, 4);
    WalContent again = WalContent.read(folder);
    assertThat(again.corruption).isNull();
    assertThat(again.lines).isEqualTo(content.lines);
  }

  @Test
  void recordsThatMakeNoSenseAreTakenOutToo() {
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    WalTest.addSamples(batch, lines, 1, 10, 5);
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.SNAPPY)) {
      wal.append(batch);
      wal.append(batch.bytes(), 0, batch.byteCount() - 1);
      wal.append(batch);
    }
    lines.addAll(List.copyOf(lines));
    WalContent content = WalContent.readSound(folder);
    assertThat(content.lines).isEqualTo(lines);
    assertThat(content.corruptions).hasSize(1);
    assertThat(content.corruptions.getFirst().reason()).contains("ends too early");
    new WalDirectory(Disk.SYSTEM, folder).mend(content.corruptions);
    WalContent again = WalContent.read(folder);
    assertThat(again.corruption).isNull();
    assertThat(again.lines).isEqualTo(lines);
  }

  @Test
  void aSegmentOfGarbageIsReadToItsEnd() throws IOException {
    Wal.open(Disk.SYSTEM, clock, folder, WalCompression.NONE).close();
    Random random = new Random(3);
    byte[] garbage = new byte[3 * Wal.PAGE + 1000];
    random.nextBytes(garbage);
    Files.write(folder.resolve("00000000"), garbage);
    WalContent content = WalContent.readSound(folder);
    assertThat(content.lines).isEmpty();
    assertThat(content.corruptions).isNotEmpty();
    new WalDirectory(Disk.SYSTEM, folder).mend(content.corruptions);
    assertThat(WalContent.read(folder).corruption).isNull();
    assertThat(Files.size(folder.resolve("00000000"))).isZero();
  }

  @Test
  void aRecordOfTheFuturePassesThroughAMending() throws IOException {
    WalBatch batch = new WalBatch();
    batch.tombstone(1, 2, 3);
    byte[] future = {77, 1, 2, 3};
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.NONE)) {
      wal.append(batch);
      wal.append(future, 0, future.length);
    }
    Path file = folder.resolve("00000000");
    byte[] bytes = Files.readAllBytes(file);
    bytes[10] ^= 4;
    Files.write(file, bytes);
    WalContent content = WalContent.readSound(folder);
    new WalDirectory(Disk.SYSTEM, folder).mend(content.corruptions);
    byte[] mended = Files.readAllBytes(file);
    assertThat(mended).hasSize(Wal.HEADER + future.length).endsWith(future);
  }

  @Test
  void aMissingSegmentIsSaidAndReplacedByAnEmptyOne() throws IOException {
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    for (int i = 0; i < 4; i++) {
      try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.SNAPPY)) {
        batch.clear();
        WalTest.addSamples(batch, i == 1 || i == 2 ? new ArrayList<>() : lines, i, 5, i);
        wal.append(batch);
      }
    }
    Files.delete(folder.resolve("00000001"));
    Files.delete(folder.resolve("00000002"));
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder);
    assertThatThrownBy(directory::segments)
        .isInstanceOf(WalException.class)
        .hasMessageContaining("segments are not sequential")
        .hasMessageContaining("00000003");
    assertThat(directory.fillGaps()).containsExactly(1, 2);
    assertThat(directory.fillGaps()).isEmpty();
    assertThat(Files.size(folder.resolve("00000001"))).isZero();
    WalContent content = WalContent.read(folder);
    assertThat(content.corruption).isNull();
    assertThat(content.lines).isEqualTo(lines);
  }

  @Test
  void segmentsMissingBehindACheckpointAreReplacedToo() throws IOException {
    Files.createDirectories(folder.resolve("checkpoint.00000004"));
    Files.createFile(folder.resolve("checkpoint.00000004/00000000"));
    Files.createFile(folder.resolve("00000003"));
    Files.createFile(folder.resolve("00000007"));
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder);
    assertThat(directory.fillGaps()).containsExactly(4, 5, 6);
    assertThat(directory.replay(Integer.MAX_VALUE)).hasSize(4);
  }

  @Test
  void aFileThatIsNoSegmentOfThisLogIsNotReachedByAMillionEmptyOnes() throws IOException {
    Files.createFile(folder.resolve("00000003"));
    Files.createFile(folder.resolve("20260821"));
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder);
    assertThatThrownBy(directory::fillGaps)
        .isInstanceOf(WalException.class)
        .hasMessageContaining("20260821");
    assertThat(folder).isDirectoryContaining("glob:**00000003");
  }

  @Test
  void nothingIsMissingInAnEmptyDirectory() {
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, folder.resolve("none"));
    assertThat(directory.fillGaps()).isEmpty();
  }

  @Test
  void emptySegmentsAreReadAsNothing() throws IOException {
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    WalTest.addSamples(batch, lines, 1, 5, 1);
    Files.createFile(folder.resolve("00000000"));
    Files.createFile(folder.resolve("00000001"));
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.SNAPPY)) {
      assertThat(wal.segment()).isEqualTo(2);
      wal.append(batch);
    }
    Files.createFile(folder.resolve("00000003"));
    WalContent content = WalContent.read(folder);
    assertThat(content.corruption).isNull();
    assertThat(content.lines).isEqualTo(lines);
  }

  @Test
  void whatACrashLeftBehindIsDeletedAndNotRead() throws IOException {
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    WalTest.addSamples(batch, lines, 1, 5, 1);
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.SNAPPY)) {
      wal.append(batch);
    }
    Files.createDirectories(folder.resolve("checkpoint.00000000.tmp"));
    Files.write(folder.resolve("checkpoint.00000000.tmp/00000000"), new byte[] {1, 2, 3});
    Files.write(folder.resolve("00000000.repair"), new byte[] {1, 2, 3});
    assertThat(WalContent.read(folder).lines).isEqualTo(lines);
    new WalDirectory(Disk.SYSTEM, folder).deleteTemporary();
    assertThat(Disk.SYSTEM.list(folder)).containsExactly(folder.resolve("00000000"));
  }

  @Test
  void readingMayBeginInTheMiddle() {
    List<String> before = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    WalBatch batch = new WalBatch();
    Wal.Place place;
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, WalCompression.NONE)) {
      // Beyond what the reader has in memory at a time.
      for (int i = 0; i < 1200; i++) {
        batch.clear();
        WalTest.addSamples(batch, before, i, 100, i);
        wal.append(batch);
      }
      place = wal.place();
      batch.clear();
      WalTest.addSamples(batch, lines, 1, 100, 1);
      wal.append(batch);
      wal.cut();
      WalTest.addSamples(batch, lines, 2, 100, 2);
      batch.clear();
      WalTest.addSamples(batch, new ArrayList<>(), 2, 100, 2);
      wal.append(batch);
    }
    assertThat(place.offset()).isGreaterThan(32 * Wal.PAGE);
    List<WalDirectory.Segment> segments = new WalDirectory(Disk.SYSTEM, folder).segments();
    WalContent content = new WalContent();
    try (WalReader reader = new WalReader(Disk.SYSTEM, segments, place.offset())) {
      assertThat(reader.readAll(content.decoder, content)).isNull();
    }
    assertThat(content.lines).isEqualTo(lines);
    WalContent rest = new WalContent();
    try (WalReader reader = new WalReader(Disk.SYSTEM, segments, 1L << 40)) {
      assertThat(reader.readAll(rest.decoder, rest)).isNull();
    }
    assertThat(rest.lines).isEqualTo(lines.subList(100, 200));
  }

  /** The one entry that is missing, or -1; fails if more is missing, or anything is new. */
  private static int assertOneLostAtMost(List<Entry> entries, WalContent content, int at) {
    List<String> all = entries.stream().flatMap(e -> e.lines.stream()).toList();
    if (content.lines.equals(all)) {
      return -1;
    }
    int broken = 0;
    while (at >= entries.get(broken).to) {
      broken++;
    }
    List<String> others = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      if (i != broken) {
        others.addAll(entries.get(i).lines);
      }
    }
    assertThat(content.lines).as("byte %d, of record %d", at, broken).isEqualTo(others);
    return broken;
  }

  private static boolean isTypeByte(List<Entry> entries, int at) {
    return entries.stream().anyMatch(entry -> entry.from == at);
  }

  private WalContent readFlipped(Path file, byte[] whole, int at, int bit) throws IOException {
    byte[] broken = whole.clone();
    broken[at] ^= (byte) (1 << bit);
    Files.write(file, broken);
    return WalContent.readSound(folder);
  }

  /** A log of one segment with records of all types, small ones or some of more than a page. */
  private List<Entry> write(WalCompression compression, boolean small) {
    List<Entry> entries = new ArrayList<>();
    Random random = new Random(1);
    WalBatch batch = new WalBatch();
    try (Wal wal = Wal.open(Disk.SYSTEM, clock, folder, SMALL, compression)) {
      for (int i = 0; i < 9; i++) {
        batch.clear();
        List<String> lines = new ArrayList<>();
        switch (i) {
          case 0 -> WalTest.addSeries(batch, lines, 1, small ? 2 : 300);
          case 1 -> WalTest.addSamples(batch, lines, 1, small ? 5 : 3000, 1000);
          case 2 -> {
            batch.tombstone(1, 2, 3);
            lines.add(WalContent.tombstoneLine(1, 2, 3));
          }
          case 3 -> {
            Labels labels = Labels.of("trace_id", "abcabcabcabcabcabc");
            batch.exemplar(1, 5, 0.5, labels);
            lines.add(WalContent.exemplarLine(1, 5, 0.5, labels));
          }
          case 4 -> {
            batch.metadata(1, MetricType.COUNTER, "bytes", "help help help help");
            lines.add(
                WalContent.metadataLine(1, MetricType.COUNTER, "bytes", "help help help help"));
          }
          case 5 -> {
            batch.histogram(1, 7, SomeHistograms.exponential());
            lines.add(WalContent.histogramLine(1, 0, 7, SomeHistograms.exponential()));
          }
          case 6 -> {
            batch.histogramWithStart(1, 3, 8, SomeHistograms.gauge());
            lines.add(WalContent.histogramLine(1, 3, 8, SomeHistograms.gauge()));
          }
          case 7 -> {
            int n = small ? 4 : 6000;
            double[] values = random.doubles(n).toArray();
            long[] refs = random.longs(n, 0, 100).toArray();
            batch.samplesWithStarts(refs, refs, refs, values, 0, n);
            for (int k = 0; k < n; k++) {
              lines.add(WalContent.sample(refs[k], refs[k], values[k]) + " since " + refs[k]);
            }
          }
          default -> {
            batch.mmapMarker(1, 8);
            lines.add("marker 1 8");
          }
        }
        assertThat(batch.records()).isEqualTo(1);
        long from = wal.place().offset();
        wal.append(batch);
        entries.add(new Entry(from, wal.place().offset(), lines));
      }
      assertThat(wal.segment()).isZero();
    }
    return entries;
  }
}
