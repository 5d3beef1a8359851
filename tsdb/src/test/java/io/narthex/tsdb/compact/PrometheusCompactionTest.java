package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.value.StaleMarker;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.XorBuilder;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The real Prometheus and we compact copies of the same blocks, and come to the same bytes.
 * Prometheus begins a minute after its start.
 */
class PrometheusCompactionTest {

  private static final long HOUR = 3_600_000;
  private static final long RANGE = 2 * HOUR;
  private static final long T0 = 1_700_000_000_000L / (27 * RANGE) * (27 * RANGE);

  private final Random dice = new Random(42);
  private long nextUlid = T0 << 16;

  /** A series of a block: what its samples are like, and when they are taken. */
  private void series(BlockWriter writer, XorBuilder floats, int number, long from, long to) {
    String kind = number % 5 == 3 ? "histogram" : number % 5 == 4 ? "floathistogram" : "float";
    writer.series(
        Labels.of(
            "__name__", "metric_" + number % 7, "kind", kind, "number", Integer.toString(number)));
    long step = dice.nextInt(4) == 0 ? 15_000 : 60_000;
    long time = from + (dice.nextBoolean() ? 0 : dice.nextInt(60_000));
    int chunkSize = dice.nextBoolean() ? 120 : 1 + dice.nextInt(200);
    if (!kind.equals("float")) {
      histograms(writer, kind.equals("floathistogram"), time, to, step, chunkSize);
      return;
    }
    long first = time;
    double value = dice.nextInt(100);
    for (; time < to; time += step + (number % 3 == 0 ? dice.nextInt(5) : 0)) {
      first = floats.count() == 0 ? time : first;
      value += number % 2 == 0 ? dice.nextInt(3) : dice.nextGaussian();
      floats.append(time, dice.nextInt(50) == 0 ? StaleMarker.VALUE : value);
      if (floats.count() == chunkSize || time + step >= to) {
        int count = floats.count();
        byte[] bytes = floats.finish();
        writer.chunk(first, time, 1, count, bytes, 0, bytes.length - ChunkDecoder.PADDING);
        if (dice.nextInt(9) == 0) {
          time += 20 * step;
        }
      }
    }
    if (floats.count() > 0) {
      floats.finish();
    }
  }

  private void histograms(
      BlockWriter writer, boolean floats, long from, long to, long step, int chunkSize) {
    ChunkEncoding encoding = floats ? ChunkEncoding.FLOAT_HISTOGRAM : ChunkEncoding.HISTOGRAM;
    HistogramAppender appender = new HistogramAppender(encoding);
    boolean gauge = dice.nextInt(4) == 0;
    long[] counts = new long[12];
    int used = 1 + dice.nextInt(3);
    long first = from;
    long last = from;
    for (long time = from; time < to; time += step) {
      for (int i = 0; i < used; i++) {
        counts[i] += gauge ? dice.nextInt(7) - 3 : dice.nextInt(5);
        counts[i] = Math.max(0, counts[i]);
      }
      if (dice.nextInt(20) == 0) {
        used = Math.min(counts.length, used + 1);
      }
      if (dice.nextInt(60) == 0) {
        Arrays.fill(counts, 0);
      }
      SpanHistogram made = new SpanHistogram().reset(floats).schema(2).sum(dice.nextInt(1000));
      made.hint(gauge ? ResetHint.GAUGE : ResetHint.UNKNOWN);
      long sum = 0;
      made.positive().addSpan(1, used);
      for (int i = 0; i < used; i++) {
        sum += counts[i];
        made.positive().addBucket(raw(floats, counts[i]));
      }
      made.count(raw(floats, sum)).zero(0.001, raw(floats, 0));
      if (appender.count() >= chunkSize) {
        write(writer, appender, first, last);
      }
      if (appender.append(0, time, made) == HistogramAppender.Result.NEW_CHUNK) {
        write(writer, appender, first, last);
        appender.append(0, time, made);
      }
      first = appender.count() == 1 ? time : first;
      last = time;
    }
    write(writer, appender, first, last);
  }

  private static void write(BlockWriter writer, HistogramAppender from, long first, long last) {
    int count = from.count();
    byte[] bytes = from.finish();
    int code = from.encoding().code();
    writer.chunk(first, last, code, count, bytes, 0, bytes.length - ChunkDecoder.PADDING);
  }

  private static long raw(boolean floats, long count) {
    return floats ? Double.doubleToRawLongBits(count) : count;
  }

  private void block(Path database, double from, double to) {
    Ulid ulid = new Ulid(nextUlid += 1 << 16, dice.nextLong());
    long minTime = T0 + (long) (from * RANGE);
    long maxTime = T0 + (long) (to * RANGE);
    BlockMeta meta =
        new BlockMeta(
            ulid,
            minTime,
            maxTime,
            BlockMeta.Stats.NONE,
            BlockMeta.Compaction.ofHead(ulid),
            Map.of());
    try (SlabAllocator allocator = new SlabAllocator();
        XorBuilder floats = new XorBuilder(allocator);
        BlockWriter writer = new BlockWriter(Disk.SYSTEM, database, meta)) {
      List<Integer> numbers = new ArrayList<>();
      for (int i = 0; i < 30; i++) {
        if (dice.nextInt(4) > 0) {
          numbers.add(i);
        }
      }
      // In the order of labels.
      numbers.sort(
          Comparator.comparing((Integer n) -> n % 7)
              .thenComparing(
                  n -> n % 5 == 3 ? "histogram" : n % 5 == 4 ? "floathistogram" : "float")
              .thenComparing(n -> Integer.toString(n)));
      for (int number : numbers) {
        series(writer, floats, number, minTime, maxTime);
      }
      Objects.requireNonNull(writer.finish());
    }
    if (dice.nextBoolean()) {
      try (Block written = Block.open(Disk.SYSTEM, database.resolve(ulid.toString()))) {
        for (int i = 0; i < 3; i++) {
          long deleted = minTime + dice.nextLong(maxTime - minTime);
          written.delete(
              deleted,
              deleted + dice.nextLong(RANGE / 2),
              List.of(new Matcher(Matcher.Type.EQUAL, "__name__", "metric_" + dice.nextInt(7))));
        }
        written.delete(
            minTime, maxTime, List.of(Matcher.equal("number", Integer.toString(dice.nextInt(30)))));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
  }

  /** The blocks of a database by what they are about. */
  private static Map<String, Path> blocks(Path database) {
    Map<String, Path> found = new TreeMap<>();
    for (Path path : Disk.SYSTEM.list(database)) {
      Path meta = path.resolve("meta.json");
      if (Ulid.isUlid(String.valueOf(path.getFileName())) && Disk.SYSTEM.exists(meta)) {
        BlockMeta read = BlockMeta.parse(Disk.SYSTEM.readAll(meta));
        // Prometheus 3.5 does not tell floats and histograms apart.
        BlockMeta.Stats stats = read.stats();
        found.put(
            (read.minTime() - T0) / (RANGE / 4)
                + "-"
                + (read.maxTime() - T0) / (RANGE / 4)
                + " "
                + List.of(stats.samples(), stats.series(), stats.chunks(), stats.tombstones())
                + " level "
                + read.compaction().level()
                + " sources "
                + read.compaction().sources(),
            path);
      }
    }
    return found;
  }

  @Test
  void compactedBlocksHavePrometheusBytes(@TempDir Path folder) throws Exception {
    Peers.program("prometheus35");
    Path ours = folder.resolve("ours");
    Path theirs = folder.resolve("theirs");
    Files.createDirectories(ours);
    // Three that are of the same time, some that overlap in part, some that do not.
    block(ours, 0, 1);
    block(ours, 0, 1);
    block(ours, 0, 1);
    block(ours, 1, 2);
    block(ours, 1.25, 2.5);
    block(ours, 2.25, 3);
    block(ours, 4, 5);
    block(ours, 5, 6);
    block(ours, 6, 7);
    block(ours, 9, 10);
    block(ours, 10, 11);
    copy(ours, theirs);

    Database database =
        Database.open(
            ours,
            DatabaseOptions.DEFAULT,
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database.replay();
    database.maintain();
    database.close();
    Map<String, Path> expected = blocks(ours);
    assertThat(expected).hasSizeLessThan(6);

    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path config = folder.resolve("prometheus.yml");
    Path log = folder.resolve("log");
    Files.writeString(config, "global: {}\n");
    Process process =
        new ProcessBuilder(
                Peers.program("prometheus35").toString(),
                "--config.file=" + config,
                "--storage.tsdb.path=" + theirs,
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      for (int i = 0; i < 100 && !blocks(theirs).keySet().equals(expected.keySet()); i++) {
        LockSupport.parkNanos(1_000_000_000L);
      }
    } finally {
      process.destroy();
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).isTrue();
    }
    Map<String, Path> found = blocks(theirs);
    assertThat(found.keySet()).as(Files.readString(log)).isEqualTo(expected.keySet());
    for (String name : found.keySet()) {
      Path a = Objects.requireNonNull(expected.get(name));
      Path b = Objects.requireNonNull(found.get(name));
      for (String file : List.of("chunks/000001", "index", "tombstones")) {
        assertThat(Files.readAllBytes(a.resolve(file)))
            .as("%s: %s", name, file)
            .isEqualTo(Files.readAllBytes(b.resolve(file)));
      }
    }
  }
}
