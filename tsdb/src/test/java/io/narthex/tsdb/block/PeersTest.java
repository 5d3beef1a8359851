package io.narthex.tsdb.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import io.narthex.tsdb.headchunks.ChunkBytes;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.SeriesEntry;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalBatch;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the real programs write, we read, and the other way round; sample by sample. */
class PeersTest {

  private static final Ulid ULID = Ulid.parse("01BX5ZZKBKACTAV9WEVGEMMVRZ");
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".*");

  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(strings = {"promtool242", "promtool35"})
  void peersReadOurBlocks(String promtool) throws Exception {
    TestSeries series = TestSeries.random(5, 60, 700);
    series.write(Disk.SYSTEM, folder, ULID, 20_000).close();
    Files.createDirectories(folder.resolve("wal"));

    assertThat(dump(promtool)).isEqualTo(texts(series.all));
    Peers.Result list = succeed(promtool, "tsdb", "list", folder.toString());
    assertThat(list.out()).contains(ULID.toString()).contains(" 42000 ").contains(" 60 ");
    Peers.Result analysis = succeed(promtool, "tsdb", "analyze", folder.toString());
    assertThat(analysis.out())
        .contains("Block ID: " + ULID)
        .containsPattern("(Total Series|Series): 60")
        .contains("Label names: 3");
  }

  @ParameterizedTest
  @ValueSource(strings = {"promtool242", "promtool35"})
  void peersReadOurTombstones(String promtool) throws Exception {
    TestSeries series = TestSeries.random(5, 6, 300);
    try (Block block = series.write(Disk.SYSTEM, folder, ULID, 20_000)) {
      int third = block.index().allSeries().toArray()[2];
      block.replaceTombstones(
          new Tombstones.Builder()
              .add(third, TestSeries.START + 500_000, TestSeries.START + 900_000)
              .build());
    }
    List.copyOf(series.all.values())
        .get(2)
        .subMap(TestSeries.START + 500_000, true, TestSeries.START + 900_000, true)
        .clear();
    Files.createDirectories(folder.resolve("wal"));
    assertThat(dump(promtool)).isEqualTo(texts(series.all));
  }

  @ParameterizedTest
  @ValueSource(strings = {"promtool242", "promtool35"})
  void weReadTheirBlocksAndWriteThemByteByByte(String promtool) throws Exception {
    StringBuilder text = new StringBuilder();
    TreeMap<Labels, TreeMap<Long, Double>> expected = new TreeMap<>();
    for (int metric = 0; metric < 3; metric++) {
      text.append("# TYPE metric_").append(metric).append(" gauge\n");
      for (int s = 0; s < 70; s++) {
        Labels labels =
            Labels.of("__name__", "metric_" + metric, "i", "h" + s, "x", s % 7 == 0 ? "" : "ü" + s);
        TreeMap<Long, Double> samples = new TreeMap<>();
        for (int k = 0; k < 290; k++) {
          double value = s % 3 == 0 ? s : k * 0.1 * s;
          samples.put(1_700_000_000_000L + k * 15_000L, value);
          text.append("metric_").append(metric).append("{i=\"h").append(s).append("\"");
          if (s % 7 != 0) {
            text.append(",x=\"ü").append(s).append("\"");
          }
          text.append("} ").append(value).append(' ').append(1_700_000_000 + k * 15).append('\n');
        }
        expected.put(labels, samples);
      }
    }
    Path input = folder.resolve("input.om");
    Files.writeString(input, text + "# EOF\n");
    Path theirs = folder.resolve("theirs");
    succeed(
        promtool, "tsdb", "create-blocks-from", "openmetrics", input.toString(), theirs.toString());
    BlockDirectory.Blocks blocks = new BlockDirectory(Disk.SYSTEM, theirs).open();
    assertThat(blocks.broken()).isEmpty();
    assertThat(blocks.blocks()).isNotEmpty();
    List<String> read = new ArrayList<>();
    for (Block block : blocks.blocks()) {
      try (block;
          Querier querier = block.querier(Long.MIN_VALUE, Long.MAX_VALUE)) {
        read.addAll(TestSeries.lines(querier, Long.MIN_VALUE, Long.MAX_VALUE, ANY));
        Path ours = folder.resolve("ours");
        rewrite(block, ours);
        for (String file : new String[] {"index", "chunks/000001", "tombstones", "meta.json"}) {
          byte[] written = Files.readAllBytes(ours.resolve(block.meta().ulid() + "/" + file));
          byte[] original = Files.readAllBytes(block.directory().resolve(file));
          if (file.equals("meta.json")) {
            // They leave out what kind the samples are.
            written =
                Utf8.bytes(
                    Utf8.text(written, 0, written.length)
                        .replaceFirst("\n\t\t\"numFloatSamples\": \\d+,", ""));
          }
          assertThat(written).as(file).isEqualTo(original);
        }
      }
    }
    TestSeries all = new TestSeries();
    all.all.putAll(expected);
    assertThat(read).containsExactlyInAnyOrderElementsOf(all.lines(0, Long.MAX_VALUE));
  }

  @ParameterizedTest
  @ValueSource(strings = {"promtool242", "promtool35"})
  void peersReplayOurLog(String promtool) throws Exception {
    TestSeries series = TestSeries.random(8, 400, 40);
    writeLog(series, WalCompression.SNAPPY);
    assertThat(dump(promtool)).isEqualTo(texts(series.all));
  }

  @Test
  void peersReplayOurLogOfZstd() throws Exception {
    TestSeries series = TestSeries.random(9, 400, 40);
    writeLog(series, WalCompression.ZSTD);
    assertThat(dump("promtool35")).isEqualTo(texts(series.all));
  }

  @Test
  void weReplayTheirLog() throws Exception {
    Path log = runPrometheus(Process::destroyForcibly);
    LogContent content = new LogContent();
    content.readAll(log);
    assertThat(content.samples).hasSizeGreaterThan(300);
    assertThat(texts(content.samples)).isEqualTo(dump("promtool35"));
  }

  @Test
  void weReadTheirHeadChunks() throws Exception {
    LogContent content = new LogContent();
    content.readAll(runPrometheus(Process::destroy));
    TreeMap<Labels, TreeMap<Long, Double>> read = new TreeMap<>();
    Map<Long, Long> chunks = new HashMap<>();
    try (HeadChunks files =
            HeadChunks.open(
                Disk.SYSTEM,
                folder.resolve("chunks_head"),
                (ref, series, minTime, maxTime, encoding, outOfOrder, samples) -> {
                  assertThat(encoding).isEqualTo(1);
                  assertThat(samples).isPositive();
                  chunks.put(ref, series);
                });
        HeadChunks.View view = files.view()) {
      assertThat(files.repair()).isNull();
      ChunkBytes bytes = new ChunkBytes();
      SampleBuffer buffer = new SampleBuffer();
      chunks.forEach((ref, series) -> {
        view.read(ref, bytes, new CRC32C());
        buffer.clear();
        XorDecoder.decode(bytes.bytes(), bytes.from(), bytes.length(), 0, Long.MAX_VALUE, buffer);
        TreeMap<Long, Double> into =
            read.computeIfAbsent(content.labels(series), k -> new TreeMap<>());
        for (int i = 0; i < buffer.size(); i++) {
          into.put(buffer.timestamps()[i], buffer.values()[i]);
        }
      });
    }
    assertThat(read).hasSizeGreaterThan(300);
    assertThat(texts(content.samples)).containsAll(texts(read));
  }

  @ParameterizedTest
  @ValueSource(strings = {"promtool242", "promtool35"})
  void peersReadOurHeadChunks(String promtool) throws Exception {
    TestSeries series = TestSeries.random(10, 30, 500);
    try (Wal wal =
            Wal.open(Disk.SYSTEM, new FakeClock(0), folder.resolve("wal"), WalCompression.SNAPPY);
        HeadChunks files =
            HeadChunks.open(
                Disk.SYSTEM,
                folder.resolve("chunks_head"),
                20_000,
                (ref, s, minTime, maxTime, encoding, outOfOrder, samples) -> {});
        SlabAllocator allocator = new SlabAllocator();
        XorBuilder chunk = new XorBuilder(allocator)) {
      WalBatch batch = new WalBatch();
      long ref = 0;
      for (Labels labels : series.all.keySet()) {
        batch.series(++ref, labels);
        TreeMap<Long, Double> samples = series.all.getOrDefault(labels, new TreeMap<>());
        long first = 0;
        for (var sample : samples.entrySet()) {
          if (sample.getKey().equals(samples.lastKey())) {
            // The newest sample is only in the log.
            batch.samples(
                new long[] {ref},
                new long[] {sample.getKey()},
                new double[] {sample.getValue()},
                0,
                1);
          } else {
            first = chunk.count() == 0 ? sample.getKey() : first;
            chunk.append(sample.getKey(), sample.getValue());
          }
          boolean full = chunk.count() == 120 || sample.getKey().equals(samples.lastKey());
          if (full && chunk.count() > 0) {
            byte[] bytes = chunk.finish();
            long last = samples.lowerKey(sample.getKey() + (chunkIsFull(bytes) ? 1 : 0));
            files.append(ref, first, last, 1, false, bytes, 0, bytes.length - XorDecoder.PADDING);
          }
        }
      }
      wal.append(batch);
    }
    assertThat(Disk.SYSTEM.list(folder.resolve("chunks_head"))).hasSizeGreaterThan(2);
    assertThat(dump(promtool)).isEqualTo(texts(series.all));
  }

  private static boolean chunkIsFull(byte[] chunk) {
    return XorDecoder.count(chunk, 0) == 120;
  }

  /** The series and samples of a log. */
  private static final class LogContent implements WalHandler {
    private final Map<Long, Labels> series = new HashMap<>();
    private final TreeMap<Labels, TreeMap<Long, Double>> samples = new TreeMap<>();

    void readAll(Path log) {
      try (WalReader reader =
          new WalReader(
              Disk.SYSTEM, new WalDirectory(Disk.SYSTEM, log).replay(Integer.MAX_VALUE))) {
        assertThat(reader.readAll(new WalDecoder(), this)).isNull();
      }
    }

    Labels labels(long ref) {
      Labels labels = series.get(ref);
      if (labels == null) {
        throw new AssertionError("no series " + ref);
      }
      return labels;
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      series.put(ref, Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length)));
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      for (int i = 0; i < n; i++) {
        samples
            .computeIfAbsent(labels(refs[i]), k -> new TreeMap<>())
            .put(timestamps[i], values[i]);
      }
    }

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {}
  }

  /** Lets Prometheus scrape itself for some seconds, ends it, and answers where its log is. */
  private Path runPrometheus(Consumer<Process> end) throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("prometheus.yml");
    Files.writeString(
        configuration,
        """
        global: {scrape_interval: 50ms, scrape_timeout: 50ms}
        scrape_configs:
          - job_name: self
            static_configs: [{targets: ["127.0.0.1:%d"]}]
        """
            .formatted(port));
    Path log = folder.resolve("wal");
    Process process =
        new ProcessBuilder(
                Peers.program("prometheus35").toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.samples-per-chunk=8",
                "--storage.tsdb.path=" + folder,
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("prometheus.log").toFile())
            .start();
    try {
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      Path segment = log.resolve("00000000");
      while (!Files.exists(segment) || Files.size(segment) < 150_000) {
        assertThat(System.nanoTime()).as("Prometheus writes its log in time").isLessThan(deadline);
        assertThat(process.waitFor(50, TimeUnit.MILLISECONDS)).as("it runs").isFalse();
      }
    } finally {
      end.accept(process);
      process.waitFor();
    }
    return log;
  }

  private void writeLog(TestSeries series, WalCompression compression) {
    try (Wal wal =
        Wal.open(Disk.SYSTEM, new FakeClock(0), folder.resolve("wal"), 1 << 15, compression)) {
      WalBatch batch = new WalBatch();
      long ref = 1;
      for (Labels labels : series.all.keySet()) {
        batch.series(ref++, labels);
      }
      wal.append(batch);
      for (int round = 0; round < 40; round++) {
        List<long[]> keys = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        ref = 1;
        for (TreeMap<Long, Double> samples : series.all.values()) {
          long time = List.copyOf(samples.keySet()).get(round);
          keys.add(new long[] {ref++, time});
          values.add(samples.get(time));
        }
        batch.clear();
        batch.samples(
            keys.stream().mapToLong(k -> k[0]).toArray(),
            keys.stream().mapToLong(k -> k[1]).toArray(),
            values.stream().mapToDouble(v -> v).toArray(),
            0,
            keys.size());
        wal.append(batch);
      }
      assertThat(wal.segment()).isPositive();
    }
  }

  /** Writes a block anew from what our reader says of it. */
  private static void rewrite(Block block, Path database) {
    Disk.SYSTEM.createDirectories(database);
    ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();
    ChunkMetas metas = new ChunkMetas();
    try (BlockWriter writer =
        new BlockWriter(Disk.SYSTEM, database, block.meta().with(BlockMeta.Stats.NONE))) {
      SeriesEntry entry = block.index().entry();
      for (int ref : block.index().allSeries().toArray()) {
        entry.read(ref).chunks(metas);
        writer.series(entry.labels());
        for (int i = 0; i < metas.size(); i++) {
          block.chunks().read(metas.ref(i), chunk);
          int samples = (chunk.bytes()[1] & 0xff) << 8 | (chunk.bytes()[2] & 0xff);
          writer.chunk(
              metas.minTime(i),
              metas.maxTime(i),
              chunk.encoding(),
              samples,
              chunk.bytes(),
              1,
              chunk.length());
        }
      }
      assertThat(writer.finish()).isNotNull();
    }
  }

  private static Peers.Result succeed(String program, String... arguments)
      throws IOException, InterruptedException {
    Peers.Result result = Peers.run(program, arguments);
    assertThat(result.exitCode()).as(result.err()).isZero();
    return result;
  }

  /** The lines that a promtool dumps of the database, with values and times we can compare. */
  private TreeSet<String> dump(String promtool) throws IOException, InterruptedException {
    TreeSet<String> lines = new TreeSet<>();
    for (String line : succeed(promtool, "tsdb", "dump", folder.toString()).out().split("\n")) {
      int end = line.lastIndexOf(' ');
      int middle = line.lastIndexOf(' ', end - 1);
      String value = line.substring(middle + 1, end).replace("Inf", "Infinity");
      lines.add(
          text(line.substring(0, middle), line.substring(end + 1), Double.parseDouble(value)));
    }
    return lines;
  }

  private static TreeSet<String> texts(TreeMap<Labels, TreeMap<Long, Double>> series) {
    TreeSet<String> lines = new TreeSet<>();
    series.forEach((labels, samples) ->
        samples.forEach((time, value) -> lines.add(text(labels.toString(), "" + time, value))));
    return lines;
  }

  private static String text(String labels, String time, double value) {
    return labels + " " + time + " " + (value == 0 ? "0.0" : "" + value);
  }
}
