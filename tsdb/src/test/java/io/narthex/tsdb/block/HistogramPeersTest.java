package io.narthex.tsdb.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.SeriesEntry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Prometheus replays a log of histograms and writes its head as a block: our chunks of the same
 * histograms are equal, byte by byte, in number, and in what times they span.
 */
class HistogramPeersTest {

  private static final long START = 1_700_000_000_000L / 7_200_000 * 7_200_000;
  private static final long RANGE = 7_200_000;
  private static final int PAGE = 1 << 15;

  @TempDir Path folder;

  private record Sample(long time, SpanHistogram histogram) {}

  @Test
  void ourChunksAreTheirs() throws Exception {
    List<List<Sample>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      all.add(series(new Random(i), i % 2 == 1));
    }
    writeLog(all);
    Path snapshot = snapshot();
    int chunks = 0;
    try (Block block = Block.open(Disk.SYSTEM, snapshot)) {
      assertThat(block.index().allSeries().getLongCardinality()).isEqualTo(all.size());
      SeriesEntry entry = block.index().entry();
      for (int ref : block.index().allSeries().toArray()) {
        ChunkMetas metas = new ChunkMetas();
        entry.read(ref).chunks(metas);
        int number = Integer.parseInt(String.valueOf(entry.labels().get("n")));
        List<String> ours = new OurHead(number % 2 == 1).append(all.get(number));
        List<String> theirs = new ArrayList<>();
        ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();
        for (int i = 0; i < metas.size(); i++) {
          block.chunks().read(metas.ref(i), chunk);
          byte[] bytes = Arrays.copyOfRange(chunk.bytes(), 1, 1 + chunk.length());
          theirs.add(line(metas.minTime(i), metas.maxTime(i), chunk.encoding(), bytes));
        }
        // They encode the open chunk anew for the block, without the one before it.
        ours.set(ours.size() - 1, withoutHint(ours.getLast()));
        theirs.set(theirs.size() - 1, withoutHint(theirs.getLast()));
        for (int i = 0; i < ours.size(); i++) {
          String our = ours.get(i);
          assertThat(our)
              .as("series %d, chunk %d: %s", number, i, around(all.get(number), our))
              .isEqualTo(i < theirs.size() ? theirs.get(i) : "none");
        }
        assertThat(theirs).hasSameSizeAs(ours);
        chunks += theirs.size();
      }
    }
    assertThat(chunks).isGreaterThan(2000);
  }

  private static String line(long minTime, long maxTime, int encoding, byte[] bytes) {
    return minTime + " " + maxTime + " " + encoding + " " + HexFormat.of().formatHex(bytes);
  }

  /** A chunk whose header says nothing of resets, but whether it has gauges. */
  private static String withoutHint(String line) {
    int flags = line.lastIndexOf(' ') + 5;
    String hint = line.substring(flags, flags + 2);
    return hint.equals("c0") ? line : line.substring(0, flags) + "00" + line.substring(flags + 2);
  }

  /** The histograms at a chunk's beginning. */
  private static String around(List<Sample> samples, String line) {
    long minTime = Long.parseLong(line.substring(0, line.indexOf(' ')));
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < samples.size(); i++) {
      if (Math.abs(samples.get(i).time - minTime) < 40_000) {
        text.append('\n').append(samples.get(i));
      }
    }
    return text.toString();
  }

  /** Ends chunks where Prometheus' head does. */
  private static final class OurHead {
    private final HistogramAppender appender;
    private final List<String> chunks = new ArrayList<>();
    private long minTime;
    private long nextCut;
    private boolean predicted;

    OurHead(boolean floats) {
      appender =
          new HistogramAppender(floats ? ChunkEncoding.FLOAT_HISTOGRAM : ChunkEncoding.HISTOGRAM);
    }

    List<String> append(List<Sample> samples) {
      for (Sample sample : samples) {
        append(sample);
      }
      store();
      return chunks;
    }

    private void append(Sample sample) {
      long time = sample.time;
      if (appender.count() > 0 && full(time)) {
        store();
      }
      if (appender.count() == 0) {
        open(time);
        predicted = false;
      }
      if (appender.append(0, time, sample.histogram) == HistogramAppender.Result.NEW_CHUNK) {
        store();
        open(time); // a prediction stays one, though it was another chunk's
        appender.append(0, time, sample.histogram);
      }
    }

    private boolean full(long time) {
      int bytes = appender.length();
      long rangeEnd = predicted ? minTime / RANGE * RANGE + RANGE : nextCut;
      if (!predicted && bytes >= 256) {
        double chunks =
            (double) (nextCut - minTime)
                / ((double) (appender.lastTime() - minTime + 1) * (1024.0 / bytes));
        if (chunks > 1) {
          nextCut = (long) (minTime + (nextCut - minTime) / Math.floor(chunks));
        }
        predicted = true;
      }
      return (time >= nextCut || bytes >= 2048) && (appender.count() >= 10 || time >= rangeEnd);
    }

    private void open(long time) {
      minTime = time;
      nextCut = time / RANGE * RANGE + RANGE;
    }

    private void store() {
      long maxTime = appender.lastTime();
      byte[] padded = appender.finish();
      byte[] bytes = Arrays.copyOf(padded, padded.length - ChunkDecoder.PADDING);
      chunks.add(line(minTime, maxTime, appender.encoding().code(), bytes));
    }
  }

  // --- Histograms ---

  private static List<Sample> series(Random random, boolean floats) {
    List<Sample> samples = new ArrayList<>();
    TreeMap<Integer, Double> positive = new TreeMap<>();
    TreeMap<Integer, Double> negative = new TreeMap<>();
    boolean custom = random.nextInt(4) == 0;
    boolean gauge = random.nextInt(4) == 0;
    int schema = custom ? FloatHistogram.CUSTOM_BUCKETS : random.nextInt(13) - 4;
    double[] thresholds = {0, 0x1p-128, 1e-100, 0.001, 1};
    double threshold = custom ? 0 : thresholds[random.nextInt(5)];
    double[] bounds = {0.005, 0.1, 1, 33_554.43, 1e9};
    double zeros = 0;
    double total = 0;
    long time = START + random.nextInt(60_000);
    int calm = 1 + random.nextInt(200);
    int length = 50 + random.nextInt(400);
    for (int i = 0; i < length; i++) {
      time += 15_000 + (random.nextInt(4) == 0 ? random.nextInt(300) : 0);
      boolean event = random.nextInt(calm) == 0;
      switch (event ? random.nextInt(8) : 8) {
        case 0 -> positive.clear();
        case 1 -> gauge = !gauge;
        case 2 -> {
          schema = custom ? schema : random.nextInt(13) - 4;
          bounds = new double[] {0.005, 0.1, random.nextInt(50) + 1, 1e9};
        }
        case 3 -> threshold = custom ? 0 : thresholds[random.nextInt(5)];
        case 4 -> positive.pollFirstEntry();
        case 5 -> positive.put(custom ? 0 : random.nextInt(30) - 15, 0.0);
        case 6 -> grow(random, floats, positive, custom, 3);
        default -> {}
      }
      for (int more = random.nextInt(4); more > 0; more--) {
        if (!positive.isEmpty()) {
          Integer[] known = positive.keySet().toArray(Integer[]::new);
          double by = floats ? random.nextInt(1000) / 7.0 : random.nextInt(100);
          positive.merge(known[random.nextInt(known.length)], by, Double::sum);
        }
      }
      if (positive.isEmpty() || random.nextInt(60) == 0) {
        grow(random, floats, positive, custom, 2);
      }
      if (!custom && random.nextInt(80) == 0) {
        grow(random, floats, negative, false, 2);
      }
      zeros += custom ? 0 : random.nextInt(3);
      if (event && random.nextInt(3) == 0) {
        ResetHint hint = gauge && random.nextBoolean() ? ResetHint.GAUGE : ResetHint.UNKNOWN;
        samples.add(
            new Sample(time, new SpanHistogram().reset(floats).hint(hint).sum(StaleMarker.VALUE)));
        continue;
      }
      double count = zeros;
      for (double c : positive.values()) {
        count += c;
      }
      for (double c : negative.values()) {
        count += c;
      }
      total += random.nextInt(5) == 0 ? random.nextGaussian() : 1;
      ResetHint hint =
          gauge
              ? ResetHint.GAUGE
              : event && random.nextInt(4) == 0
                  ? ResetHint.RESET
                  : random.nextInt(3) == 0 ? ResetHint.NO_RESET : ResetHint.UNKNOWN;
      SpanHistogram h =
          new SpanHistogram()
              .reset(floats)
              .schema(schema)
              .hint(hint)
              .count(raw(floats, count))
              .zero(threshold, raw(floats, zeros))
              .sum(total);
      if (custom) {
        for (double bound : bounds) {
          h.addBound(bound);
        }
      }
      fill(random, h, h.positive(), positive);
      fill(random, h, h.negative(), negative);
      samples.add(new Sample(time, h));
    }
    return samples;
  }

  private static void grow(
      Random random, boolean floats, TreeMap<Integer, Double> buckets, boolean custom, int by) {
    for (int i = 0; i < by; i++) {
      int index = custom ? random.nextInt(4) : (int) (random.nextGaussian() * 8);
      buckets.merge(index, floats ? random.nextDouble() : 1 + random.nextInt(5), Double::sum);
    }
  }

  /** Puts buckets into spans; of the empty ones one in four is left out, which leaves a hole. */
  private static void fill(
      Random random, SpanHistogram h, SpanHistogram.Side side, TreeMap<Integer, Double> buckets) {
    int next = 0;
    int end = 0;
    int first = 0;
    for (var bucket : buckets.entrySet()) {
      if (bucket.getValue() == 0 && random.nextInt(4) == 0) {
        continue;
      }
      int index = bucket.getKey();
      boolean adjoining = random.nextInt(40) == 0;
      if (side.buckets() == 0) {
        first = index;
      } else if (index != next || adjoining) {
        side.addSpan(first - end, next - first);
        end = next;
        if (random.nextInt(20) == 0) {
          side.addSpan(0, 0);
        }
        first = index;
      }
      next = index + 1;
      side.addBucket(raw(h.floats(), bucket.getValue()));
    }
    if (side.buckets() > 0) {
      side.addSpan(first - end, next - first);
    }
  }

  private static long raw(boolean floats, double count) {
    return floats ? Double.doubleToRawLongBits(count) : (long) count;
  }

  // --- The log: one record per sample, none across a page ---

  private void writeLog(List<List<Sample>> all) throws IOException {
    ByteArrayOutputStream segment = new ByteArrayOutputStream();
    for (int i = 0; i < all.size(); i++) {
      ByteArrayOutputStream series = new ByteArrayOutputStream();
      series.write(1);
      i64(series, i + 1);
      uvarint(series, 2);
      for (String text : new String[] {"__name__", "h", "n", "" + i}) {
        uvarint(series, text.length());
        series.writeBytes(Utf8.bytes(text));
      }
      record(segment, series.toByteArray());
    }
    // By time, as it would come.
    int longest = all.stream().mapToInt(List::size).max().orElse(0);
    for (int at = 0; at < longest; at++) {
      for (int i = 0; i < all.size(); i++) {
        if (at < all.get(i).size()) {
          record(segment, record(i + 1, all.get(i).get(at)));
        }
      }
    }
    Path log = Files.createDirectories(folder.resolve("data/wal"));
    Files.write(log.resolve("00000000"), segment.toByteArray());
  }

  private static void record(ByteArrayOutputStream segment, byte[] record) {
    int used = segment.size() % PAGE;
    if (used + 7 + record.length > PAGE) {
      segment.writeBytes(new byte[PAGE - used]);
    }
    CRC32C crc = new CRC32C();
    crc.update(record);
    ByteBuffer head = ByteBuffer.allocate(7).put((byte) 1).putShort((short) record.length);
    segment.writeBytes(head.putInt((int) crc.getValue()).array());
    segment.writeBytes(record);
  }

  private static byte[] record(long ref, Sample sample) {
    SpanHistogram h = sample.histogram;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(7 + (h.floats() ? 1 : 0) + (h.usesCustomBuckets() ? 2 : 0));
    i64(out, ref);
    i64(out, sample.time);
    varint(out, 0);
    varint(out, 0);
    out.write(
        switch (h.hint()) {
          case UNKNOWN -> 0;
          case RESET -> 1;
          case NO_RESET -> 2;
          case GAUGE -> 3;
        });
    varint(out, h.schema());
    i64(out, Double.doubleToRawLongBits(h.zeroThreshold()));
    if (h.floats()) {
      i64(out, h.zeroCount());
      i64(out, h.count());
    } else {
      uvarint(out, h.zeroCount());
      uvarint(out, h.count());
    }
    i64(out, Double.doubleToRawLongBits(h.sum()));
    for (SpanHistogram.Side side : List.of(h.positive(), h.negative())) {
      uvarint(out, side.spans());
      for (int i = 0; i < side.spans(); i++) {
        varint(out, side.spanOffset(i));
        uvarint(out, side.spanLength(i));
      }
    }
    for (SpanHistogram.Side side : List.of(h.positive(), h.negative())) {
      uvarint(out, side.buckets());
      for (int i = 0; i < side.buckets(); i++) {
        if (h.floats()) {
          i64(out, side.bucket(i));
        } else {
          varint(out, side.bucket(i) - (i == 0 ? 0 : side.bucket(i - 1)));
        }
      }
    }
    if (h.usesCustomBuckets()) {
      uvarint(out, h.bounds());
      for (int i = 0; i < h.bounds(); i++) {
        i64(out, Double.doubleToRawLongBits(h.bound(i)));
      }
    }
    return out.toByteArray();
  }

  private static void i64(ByteArrayOutputStream out, long value) {
    out.writeBytes(ByteBuffer.allocate(8).putLong(value).array());
  }

  private static void uvarint(ByteArrayOutputStream out, long value) {
    byte[] bytes = new byte[Varint.MAX_BYTES];
    out.write(bytes, 0, Varint.putUnsigned(bytes, 0, value));
  }

  private static void varint(ByteArrayOutputStream out, long value) {
    byte[] bytes = new byte[Varint.MAX_BYTES];
    out.write(bytes, 0, Varint.putSigned(bytes, 0, value));
  }

  // --- The peer ---

  /** Lets Prometheus replay the log and write its head as a block; answers where that is. */
  private Path snapshot() throws IOException, InterruptedException {
    int port;
    try (ServerSocket free = new ServerSocket(0)) {
      port = free.getLocalPort();
    }
    Path configuration = folder.resolve("prometheus.yml");
    Files.writeString(configuration, "global: {scrape_interval: 1h}\n");
    Path output = folder.resolve("prometheus.log");
    Process process =
        new ProcessBuilder(
                Peers.program("prometheus35").toString(),
                "--config.file=" + configuration,
                "--storage.tsdb.path=" + folder.resolve("data"),
                "--storage.tsdb.retention.time=100y",
                "--enable-feature=native-histograms",
                "--web.enable-admin-api",
                "--web.listen-address=127.0.0.1:" + port)
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest request =
          HttpRequest.newBuilder(
                  URI.create("http://127.0.0.1:" + port + "/api/v1/admin/tsdb/snapshot"))
              .POST(HttpRequest.BodyPublishers.noBody())
              .build();
      long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (true) {
        assertThat(System.nanoTime()).as("%s", Files.readString(output)).isLessThan(deadline);
        assertThat(process.waitFor(100, TimeUnit.MILLISECONDS))
            .as("it runs: %s", Files.readString(output))
            .isFalse();
        try {
          if (client.send(request, HttpResponse.BodyHandlers.ofString()).statusCode() == 200) {
            break;
          }
        } catch (IOException notYetListening) {
          continue;
        }
      }
    } finally {
      process.destroy();
      process.waitFor();
    }
    assertThat(Files.readString(output)).doesNotContain("level=ERROR");
    List<Path> blocks = Disk.SYSTEM.list(folder.resolve("data/snapshots"));
    assertThat(blocks).hasSize(1);
    return Disk.SYSTEM.list(blocks.getFirst()).getFirst();
  }
}
