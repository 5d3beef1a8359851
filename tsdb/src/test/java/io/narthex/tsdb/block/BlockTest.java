package io.narthex.tsdb.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.base.file.MappedFile;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import io.narthex.testkit.Conformance;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.Xor2Appender;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlockTest {

  private static final Ulid ULID = Ulid.parse("01BX5ZZKBKACTAV9WEVGEMMVRZ");
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");

  @TempDir Path folder;
  private int mapped;

  @BeforeEach
  void countMappings() {
    mapped = MappedFile.openCount();
  }

  @AfterEach
  void nothingStaysMapped() {
    assertThat(MappedFile.openCount()).as("mapped: %s", MappedFile.openFiles()).isEqualTo(mapped);
  }

  @Test
  void whatIsWrittenIsReadInAnyRange() {
    TestSeries series = TestSeries.random(1, 40, 500);
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, ChunkFileWriter.FILE_BYTES)) {
      long from = series.minTime();
      long to = series.maxTime();
      Random random = new Random(2);
      for (int i = 0; i < 50; i++) {
        long a = i == 0 ? from : from - 1000 + random.nextLong(to - from + 2000);
        long b = i == 0 ? to : a + random.nextLong(to - from);
        try (Querier querier = block.querier(a, b)) {
          assertThat(TestSeries.lines(querier, a, b, ANY)).isEqualTo(series.lines(a, b));
        }
      }
      try (Querier querier = block.querier(to + 1, to + 1000)) {
        assertThat(querier.select(true, SelectHints.range(0, 1), List.of(ANY)).size()).isZero();
      }
    }
    assertThat(Disk.SYSTEM.list(folder)).containsExactly(folder.resolve(ULID.toString()));
  }

  @Test
  void theFiguresAreCounted() {
    TestSeries series = TestSeries.random(1, 10, 250);
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, ChunkFileWriter.FILE_BYTES)) {
      BlockMeta meta = block.meta();
      assertThat(meta.stats()).isEqualTo(new BlockMeta.Stats(2500, 2500, 0, 10, 30, 0));
      assertThat(meta.ulid()).isEqualTo(ULID);
      assertThat(meta.minTime()).isEqualTo(series.minTime());
      assertThat(meta.maxTime()).isEqualTo(series.maxTime() + 1);
      assertThat(block.size()).isEqualTo(bytes(block.directory()));
    }
  }

  @Test
  void chunksGoToAnotherFileWhenOneIsFull() {
    TestSeries series = TestSeries.random(1, 40, 500);
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, 10_000);
        Querier querier = block.querier(0, Long.MAX_VALUE)) {
      List<Path> files = Disk.SYSTEM.list(block.directory().resolve("chunks"));
      assertThat(files).hasSizeGreaterThan(5);
      assertThat(files).allMatch(file -> Disk.SYSTEM.size(file) <= 10_000);
      assertThat(TestSeries.lines(querier, 0, Long.MAX_VALUE, ANY))
          .isEqualTo(series.lines(0, Long.MAX_VALUE));
    }
  }

  @Test
  void aSeriesOutOfRangeIsNotSelected() {
    TestSeries series = new TestSeries();
    series.all.put(Labels.of("__name__", "a"), new TreeMap<>(Map.of(10L, 1.0)));
    series.all.put(Labels.of("__name__", "b"), new TreeMap<>(Map.of(20L, 1.0)));
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, 10_000);
        Querier querier = block.querier(15, 30)) {
      SeriesSet set = querier.select(true, SelectHints.range(15, 30), List.of(ANY));
      assertThat(set.size()).isEqualTo(1);
      assertThat(set.labels(0)).isEqualTo(Labels.of("__name__", "b"));
    }
  }

  @Test
  void labelsAreListed() {
    TestSeries series = TestSeries.random(1, 12, 10);
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, 10_000);
        Querier querier = block.querier(0, Long.MAX_VALUE)) {
      assertThat(querier.labelNames(List.of(), 0)).containsExactly("__name__", "instance", "job");
      assertThat(querier.labelNames(List.of(Matcher.equal("job", "")), 0))
          .containsExactly("__name__", "instance");
      assertThat(querier.labelNames(List.of(), 2)).containsExactly("__name__", "instance");
      assertThat(querier.labelValues("job", List.of(), 0)).containsExactly("é0", "é1", "é2");
      assertThat(querier.labelValues("job", List.of(), 1)).containsExactly("é0");
      assertThat(querier.labelValues("instance", List.of(Matcher.equal("job", "é0")), 0))
          .containsExactly("host-3", "host-9");
      assertThat(querier.labelValues("job", List.of(ANY), 0)).containsExactly("é0", "é1", "é2");
      assertThat(querier.labelValues("nope", List.of(ANY), 0)).isEmpty();
    }
  }

  @Test
  void deletedSamplesAreNotRead() {
    TestSeries series = TestSeries.random(1, 8, 400);
    long t0 = TestSeries.START;
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, 10_000)) {
      Tombstones.Builder stones = new Tombstones.Builder();
      int[] refs = block.index().allSeries().toArray();
      // In any order, overlapping: 1,000,000 to 2,500,000 of the third series, all of the fifth.
      stones.add(refs[2], t0 + 2_000_000, t0 + 2_500_000);
      stones.add(refs[2], t0 + 1_000_000, t0 + 2_100_000);
      stones.add(refs[2], t0 + 4_000_000, t0 + 4_000_500);
      stones.add(refs[4], Long.MIN_VALUE, Long.MAX_VALUE);
      block.replaceTombstones(stones.build());
      assertThat(block.meta().stats().tombstones()).isEqualTo(3);
      List<TreeMap<Long, Double>> samples = List.copyOf(series.all.values());
      samples.get(2).subMap(t0 + 1_000_000, true, t0 + 2_500_000, true).clear();
      samples.get(2).subMap(t0 + 4_000_000, true, t0 + 4_000_500, true).clear();
      samples.get(4).clear();
      try (Querier querier = block.querier(0, Long.MAX_VALUE)) {
        assertThat(TestSeries.lines(querier, 0, Long.MAX_VALUE, ANY))
            .isEqualTo(series.lines(0, Long.MAX_VALUE));
      }
    }
    try (Block again = Block.open(Disk.SYSTEM, folder.resolve(ULID.toString()));
        Querier querier = again.querier(0, Long.MAX_VALUE)) {
      assertThat(again.tombstones().count()).isEqualTo(3);
      assertThat(again.meta().stats().tombstones()).isEqualTo(3);
      assertThat(TestSeries.lines(querier, 0, Long.MAX_VALUE, ANY))
          .isEqualTo(series.lines(0, Long.MAX_VALUE));
    }
  }

  @Test
  void aClosedBlockStaysMappedForItsQueriers() {
    TestSeries series = TestSeries.random(1, 8, 100);
    Block block = series.write(Disk.SYSTEM, folder, ULID, 10_000);
    Querier querier = block.querier(0, Long.MAX_VALUE);
    block.close();
    block.close();
    new BlockDirectory(Disk.SYSTEM, folder).delete(block.directory());
    assertThat(folder).isEmptyDirectory();
    assertThat(TestSeries.lines(querier, 0, Long.MAX_VALUE, ANY))
        .isEqualTo(series.lines(0, Long.MAX_VALUE));
    assertThat(MappedFile.openCount()).isGreaterThan(mapped);
    querier.close();
    querier.close();
    assertThat(MappedFile.openCount()).isEqualTo(mapped);
    assertThatThrownBy(() -> block.querier(0, 1)).hasMessageContaining("is closed");
  }

  @Test
  void aBlockWithoutSamplesIsNone() {
    BlockMeta meta =
        new BlockMeta(
            ULID, 0, 10, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ULID), Map.of());
    try (BlockWriter writer = new BlockWriter(Disk.SYSTEM, folder, meta)) {
      writer.series(Labels.of("a", "b"));
      assertThat(writer.finish()).isNull();
    }
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void aFullDiskLeavesNothingBehind() {
    TestSeries series = TestSeries.random(1, 50, 500);
    for (long room = 0; room < 100_000; room += 9_000) {
      FaultyDisk disk = new FaultyDisk();
      disk.room(room);
      assertThatThrownBy(() -> series.write(disk, folder, ULID, 10_000))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("No space left on device");
      assertThat(folder).isEmptyDirectory();
      assertThat(disk.openOutputs()).isZero();
    }
  }

  @Test
  void aFlippedBitIsAnErrorThatNamesTheFile() throws IOException {
    TestSeries series = TestSeries.random(1, 6, 130);
    series.write(Disk.SYSTEM, folder, ULID, 1 << 20).close();
    Path block = folder.resolve(ULID.toString());
    Random random = new Random(4);
    for (String name : new String[] {"chunks/000001", "tombstones"}) {
      Path file = block.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      for (int i = 0; i < 100; i++) {
        byte[] broken = whole.clone();
        int at = random.nextInt(whole.length);
        broken[at] ^= (byte) (1 << random.nextInt(8));
        Files.write(file, broken);
        boolean padding = name.startsWith("chunks") && at > 4 && at < 8;
        if (padding) {
          continue;
        }
        assertThatThrownBy(() -> readAll(block))
            .isInstanceOf(BlockException.class)
            .hasMessageContaining(file.toString());
        assertThat(MappedFile.openCount()).isEqualTo(mapped);
      }
      Files.write(file, whole);
    }
    assertThat(readAll(block)).isEqualTo(series.lines(0, Long.MAX_VALUE));
  }

  @Test
  void aBlockThatIsNotWholeIsRefusedWithAReason() throws IOException {
    TestSeries.random(1, 6, 130).write(Disk.SYSTEM, folder, ULID, 1 << 20).close();
    Path block = folder.resolve(ULID.toString());
    for (String name : new String[] {"index", "meta.json"}) {
      byte[] whole = Files.readAllBytes(block.resolve(name));
      Files.delete(block.resolve(name));
      assertThatThrownBy(() -> Block.open(Disk.SYSTEM, block))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(block.resolve(name).toString());
      Files.write(block.resolve(name), Arrays.copyOf(whole, whole.length / 2));
      assertThatThrownBy(() -> Block.open(Disk.SYSTEM, block))
          .isInstanceOf(StorageException.class)
          .hasMessageContaining(block.resolve(name).toString());
      Files.write(block.resolve(name), whole);
    }
    Path chunks = block.resolve("chunks/000001");
    byte[] whole = Files.readAllBytes(chunks);
    Files.delete(chunks);
    assertThatThrownBy(() -> Block.open(Disk.SYSTEM, block))
        .hasMessageContaining("chunk file " + chunks + " is missing");
    Files.write(chunks, Arrays.copyOf(whole, whole.length / 2));
    assertThatThrownBy(() -> Block.open(Disk.SYSTEM, block))
        .hasMessageContaining("chunk file " + chunks + " ends too early");
    Files.write(chunks, whole);
    Files.delete(block.resolve("tombstones"));
    Block.open(Disk.SYSTEM, block).close();
  }

  @Test
  void aDirectoryGivesItsBlocksAndNamesTheBrokenOnes() throws IOException {
    Ulid second = Ulid.parse("01BX5ZZKBKACTAV9WEVGEMMVS0");
    Ulid third = Ulid.parse("01BX5ZZKBKACTAV9WEVGEMMVS1");
    TestSeries late = TestSeries.random(1, 2, 10);
    late.write(Disk.SYSTEM, folder, ULID, 1 << 20).close();
    TestSeries early = new TestSeries();
    early.all.put(Labels.of("__name__", "a"), new TreeMap<>(Map.of(10L, 1.0)));
    early.write(Disk.SYSTEM, folder, second, 1 << 20).close();
    late.write(Disk.SYSTEM, folder, third, 1 << 20).close();
    Files.writeString(folder.resolve(third + "/meta.json"), "{\"version\": 2}");
    Files.createDirectories(folder.resolve("wal"));
    Files.createDirectories(folder.resolve(ULID + ".tmp-for-creation/chunks"));
    Files.createDirectories(folder.resolve(second + ".tmp-for-deletion"));
    Files.createDirectories(folder.resolve("lost+found.tmp"));

    BlockDirectory directory = new BlockDirectory(Disk.SYSTEM, folder);
    assertThat(directory.removeTemporary().removed())
        .containsExactly(ULID + ".tmp-for-creation", second + ".tmp-for-deletion");
    BlockDirectory.Blocks blocks = directory.open();
    assertThat(blocks.blocks()).extracting(b -> b.meta().ulid()).containsExactly(second, ULID);
    assertThat(blocks.broken()).hasSize(1);
    assertThat(blocks.broken().getFirst().directory()).isEqualTo(folder.resolve(third.toString()));
    assertThat(blocks.broken().getFirst().reason())
        .contains(third + "/meta.json: unexpected meta file version 2");
    blocks.blocks().forEach(Block::close);
    assertThat(folder.resolve("lost+found.tmp")).exists();
  }

  @Test
  void readsABlockOfTheFirstFormat() throws IOException {
    Path block = Conformance.path("tsdb/index_format_v1");
    try (Block opened = Block.open(Disk.SYSTEM, block);
        Querier querier = opened.querier(0, Long.MAX_VALUE)) {
      assertThat(opened.index().version()).isEqualTo(1);
      // What promtool dumps of this block.
      List<String> foo =
          TestSeries.lines(
              querier, 0, Long.MAX_VALUE, new Matcher(Matcher.Type.REGEX, "foo", ".+"));
      assertThat(foo)
          .containsExactly(
              TestSeries.line(Labels.of("foo", "bar"), 1, 2),
              TestSeries.line(Labels.of("foo", "baz"), 3, 4));
      List<String> others = TestSeries.lines(querier, 0, Long.MAX_VALUE, Matcher.equal("foo", ""));
      assertThat(others)
          .hasSize(100)
          .contains(TestSeries.line(Labels.of("bar", "57"), 0, 0))
          .allMatch(line -> line.endsWith(" 0 0"));
      assertThat(querier.labelNames(List.of(), 0)).containsExactly("bar", "foo");
      assertThat(querier.labelValues("bar", List.of(), 0))
          .isSorted()
          .contains("0", "1", "99")
          .hasSize(100);
      assertThat(opened.index().allSeries().getCardinality()).isEqualTo(102);
      for (String value : querier.labelValues("bar", List.of(), 0)) {
        assertThat(opened.index().series("bar", value).isEmpty()).isFalse();
      }
    }
  }

  private static List<String> readAll(Path block) {
    try (Block opened = Block.open(Disk.SYSTEM, block);
        Querier querier = opened.querier(0, Long.MAX_VALUE)) {
      return TestSeries.lines(querier, 0, Long.MAX_VALUE, ANY);
    }
  }

  private static long bytes(Path directory) {
    try (Stream<Path> files = Files.walk(directory)) {
      return files.filter(Files::isRegularFile).mapToLong(Disk.SYSTEM::size).sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void histogramsAndStartTimestampsAreRead() {
    BlockMeta meta =
        new BlockMeta(
            ULID, 0, 10_000, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ULID), Map.of());
    HistogramAppender whole = new HistogramAppender(ChunkEncoding.HISTOGRAM);
    HistogramAppender floats = new HistogramAppender(ChunkEncoding.FLOAT_HISTOGRAM_ST);
    Xor2Appender numbers = new Xor2Appender();
    try (BlockWriter writer = new BlockWriter(Disk.SYSTEM, folder, meta)) {
      writer.series(Labels.of("__name__", "h"));
      for (int i = 0; i < 10; i++) {
        whole.append(0, i * 100L, histogram(false, i));
        floats.append(7, 950 + i * 100L, histogram(true, 100 + i));
        numbers.append(i, 5000 + i, i);
      }
      chunk(writer, 0, 900, ChunkEncoding.HISTOGRAM, whole.finish());
      chunk(writer, 950, 1850, ChunkEncoding.FLOAT_HISTOGRAM_ST, floats.finish());
      chunk(writer, 5000, 5009, ChunkEncoding.XOR2, numbers.finish());
      assertThat(writer.finish()).isNotNull();
    }
    try (Block block = Block.open(Disk.SYSTEM, folder.resolve(ULID.toString()))) {
      assertThat(block.meta().stats().floatSamples()).isEqualTo(10);
      assertThat(block.meta().stats().histogramSamples()).isEqualTo(20);
      int ref = block.index().allSeries().toArray()[0];
      block.replaceTombstones(new Tombstones.Builder().add(ref, 100, 299).build());
      try (Querier querier = block.querier(0, 5002)) {
        SampleBuffer buffer = new SampleBuffer();
        querier
            .select(true, SelectHints.range(0, 5002), List.of(ANY))
            .reader()
            .read(0, 0, 5002, buffer);
        List<String> lines = new ArrayList<>();
        for (int i = 0; i < buffer.size(); i++) {
          FloatHistogram h = buffer.histogram(i);
          lines.add(
              buffer.timestamps()[i]
                  + " "
                  + (h == null ? "" + buffer.values()[i] : h.count() + "/" + h.hint())
                  + " "
                  + buffer.startTimestamp(i));
        }
        assertThat(lines)
            .containsExactly(
                "0 0.0/UNKNOWN 0",
                "300 3.0/UNKNOWN 0",
                "400 4.0/NO_RESET 0",
                "500 5.0/NO_RESET 0",
                "600 6.0/NO_RESET 0",
                "700 7.0/NO_RESET 0",
                "800 8.0/NO_RESET 0",
                "900 9.0/NO_RESET 0",
                "950 100.0/UNKNOWN 7",
                "1050 101.0/NO_RESET 7",
                "1150 102.0/NO_RESET 7",
                "1250 103.0/NO_RESET 7",
                "1350 104.0/NO_RESET 7",
                "1450 105.0/NO_RESET 7",
                "1550 106.0/NO_RESET 7",
                "1650 107.0/NO_RESET 7",
                "1750 108.0/NO_RESET 7",
                "1850 109.0/NO_RESET 7",
                "5000 0.0 0",
                "5001 1.0 1",
                "5002 2.0 2");
      }
    }
  }

  private static void chunk(
      BlockWriter writer, long minTime, long maxTime, ChunkEncoding encoding, byte[] padded) {
    int length = padded.length - ChunkDecoder.PADDING;
    int samples = encoding.count(padded, 0);
    writer.chunk(minTime, maxTime, encoding.code(), samples, padded, 0, length);
  }

  private static SpanHistogram histogram(boolean floats, long count) {
    SpanHistogram made = new SpanHistogram().reset(floats).sum(1);
    made.count(floats ? Double.doubleToRawLongBits(count) : count);
    made.positive().addSpan(0, 1);
    made.positive().addBucket(made.count());
    return made;
  }
}
