package io.narthex.tsdb.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.testkit.Peers;
import io.narthex.tsdb.HistogramSeries;
import io.narthex.tsdb.HistogramSeries.Sample;
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

  @Test
  void ourChunksAreTheirs() throws Exception {
    List<List<Sample>> all = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      all.add(HistogramSeries.random(new Random(i), START, i % 2 == 1));
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
      if (Math.abs(samples.get(i).time() - minTime) < 40_000) {
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
      long time = sample.time();
      if (appender.count() > 0 && full(time)) {
        store();
      }
      if (appender.count() == 0) {
        open(time);
        predicted = false;
      }
      if (appender.append(0, time, sample.histogram()) == HistogramAppender.Result.NEW_CHUNK) {
        store();
        open(time); // a prediction stays one, though it was another chunk's
        appender.append(0, time, sample.histogram());
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
    SpanHistogram h = sample.histogram();
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(7 + (h.floats() ? 1 : 0) + (h.usesCustomBuckets() ? 2 : 0));
    i64(out, ref);
    i64(out, sample.time());
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
