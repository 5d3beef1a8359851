package io.narthex.tsdb.compact;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.RawChunk;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.index.ChunkMetas;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compaction of histograms, and of samples with start timestamps. */
class MixedCompactionTest {

  private static final Labels LABELS = Labels.of("__name__", "m");

  @TempDir Path folder;
  private final List<Block> open = new ArrayList<>();
  private final Random random = new Random(5);
  private long nextUlid;

  @AfterEach
  void close() {
    open.forEach(Block::close);
  }

  /** A chunk ready to be written. */
  private record Made(long from, long to, ChunkEncoding encoding, int samples, byte[] bytes) {}

  private Block write(Made... chunks) {
    Ulid ulid = new Ulid(++nextUlid, 0);
    BlockMeta meta =
        new BlockMeta(
            ulid, 0, 1_000_000, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    try (BlockWriter writer = new BlockWriter(Disk.SYSTEM, folder, meta)) {
      writer.series(LABELS);
      for (Made chunk : chunks) {
        writer.chunk(
            chunk.from,
            chunk.to,
            chunk.encoding.code(),
            chunk.samples,
            chunk.bytes,
            0,
            chunk.bytes.length - ChunkDecoder.PADDING);
      }
      Objects.requireNonNull(writer.finish());
    }
    return open(ulid);
  }

  private Block open(Ulid ulid) {
    Block block = Block.open(Disk.SYSTEM, folder.resolve(ulid.toString()));
    open.add(block);
    return block;
  }

  private Block compact(Block... sources) {
    Compactor compactor =
        new Compactor(Disk.SYSTEM, new FakeClock(9), random, folder, 512L << 20, () -> false);
    return open(Objects.requireNonNull(compactor.compact(List.of(sources)).block()).ulid());
  }

  private static SpanHistogram histogram(boolean floats, long n) {
    SpanHistogram made = new SpanHistogram().reset(floats).schema(1).sum(n * 2.5);
    made.count(raw(floats, 3 * n + 1)).zero(0.001, raw(floats, 1));
    made.positive().addSpan(0, 2);
    made.positive().addBucket(raw(floats, n));
    made.positive().addBucket(raw(floats, 2 * n));
    return made;
  }

  private static long raw(boolean floats, long count) {
    return floats ? Double.doubleToRawLongBits(count) : count;
  }

  /** Histograms that grow with time. */
  private static Made histograms(ChunkEncoding encoding, long from, int count, long step) {
    HistogramAppender appender = new HistogramAppender(encoding);
    for (int i = 0; i < count; i++) {
      long time = from + i * step;
      HistogramAppender.Result result =
          appender.append(
              encoding.startTimestamps() ? from - 5 : 0,
              time,
              histogram(encoding.floatCounts(), time / 100));
      assertThat(result).isEqualTo(HistogramAppender.Result.ADDED);
    }
    return new Made(from, from + (count - 1) * step, encoding, count, appender.finish());
  }

  private static Made floats(long from, int count, long step, long start) {
    Xor2Appender appender = new Xor2Appender();
    for (int i = 0; i < count; i++) {
      appender.append(start, from + i * step, i);
    }
    return new Made(from, from + (count - 1) * step, ChunkEncoding.XOR2, count, appender.finish());
  }

  /** The chunks of a block: encoding, times, number, header. */
  private static List<String> chunks(Block block) {
    return list(block, false);
  }

  /** The samples of a block. */
  private static List<String> samples(Block block) {
    return list(block, true);
  }

  private static List<String> list(Block block, boolean wantSamples) {
    List<String> found = new ArrayList<>();
    ChunkMetas metas = new ChunkMetas();
    RawChunk chunk = new RawChunk();
    try (BlockScan scan = block.scan()) {
      assertThat(scan.next()).isTrue();
      scan.chunks(metas);
      for (int i = 0; i < metas.size(); i++) {
        scan.read(metas.ref(i), chunk);
        ChunkEncoding encoding = ChunkEncoding.of(chunk.encoding());
        if (!wantSamples) {
          found.add(
              encoding.text()
                  + " ["
                  + metas.minTime(i)
                  + ", "
                  + metas.maxTime(i)
                  + "] "
                  + encoding.count(chunk.bytes(), chunk.from())
                  + " "
                  + encoding.header(chunk.bytes(), chunk.from()));
          continue;
        }
        ChunkDecoder decoder = ChunkDecoder.of(encoding);
        for (decoder.open(chunk.bytes(), chunk.from(), chunk.length()); decoder.next(); ) {
          found.add(
              decoder.time()
                  + "@"
                  + decoder.startTimestamp()
                  + " "
                  + (encoding.histograms()
                      ? decoder.histogram().hint(ResetHint.UNKNOWN).toFloat()
                      : Double.toString(decoder.value())));
        }
      }
    }
    return found;
  }

  @Test
  void histogramsPassAsTheyAreWhereNothingOverlaps() {
    Block first =
        write(
            histograms(ChunkEncoding.HISTOGRAM, 1000, 30, 100),
            histograms(ChunkEncoding.FLOAT_HISTOGRAM_ST, 5000, 7, 100));
    Block second =
        write(
            floats(10_000, 20, 100, 9000), histograms(ChunkEncoding.FLOAT_HISTOGRAM, 20_000, 3, 9));
    Block merged = compact(first, second);
    List<String> expected = new ArrayList<>(chunks(first));
    expected.addAll(chunks(second));
    assertThat(chunks(merged)).isEqualTo(expected);
    expected = new ArrayList<>(samples(first));
    expected.addAll(samples(second));
    assertThat(samples(merged)).isEqualTo(expected);
    assertThat(merged.meta().stats()).isEqualTo(new BlockMeta.Stats(60, 20, 40, 1, 4, 0));
  }

  @Test
  void overlappingHistogramsAreEncodedAnew() {
    for (ChunkEncoding encoding : ChunkEncoding.values()) {
      if (!encoding.histograms()) {
        continue;
      }
      Block first = write(histograms(encoding, 1000, 100, 100));
      Block second = write(histograms(encoding, 1050, 100, 100));
      Block merged = compact(first, second);
      assertThat(chunks(merged))
          .containsExactly(
              encoding.text() + " [1000, 6950] 120 UNKNOWN",
              encoding.text() + " [7000, 10950] 80 UNKNOWN");
      List<String> expected = new ArrayList<>(samples(first));
      expected.addAll(samples(second));
      expected.sort(MixedCompactionTest::compareTimes);
      assertThat(samples(merged)).isEqualTo(expected);
    }
  }

  private static int compareTimes(String a, String b) {
    return Long.compare(
        Long.parseLong(a.substring(0, a.indexOf('@'))),
        Long.parseLong(b.substring(0, b.indexOf('@'))));
  }

  @Test
  void aResetBetweenBlocksCutsTheChunk() {
    // The second block's histograms lie between those of the first, and are ever smaller.
    HistogramAppender falling = new HistogramAppender(ChunkEncoding.HISTOGRAM);
    falling.append(0, 1050, histogram(false, 3));
    byte[] bytes = falling.finish();
    Block first = write(histograms(ChunkEncoding.HISTOGRAM, 1000, 3, 100));
    Block second = write(new Made(1050, 1050, ChunkEncoding.HISTOGRAM, 1, bytes));
    assertThat(chunks(compact(first, second)))
        .containsExactly("histogram [1000, 1000] 1 UNKNOWN", "histogram [1050, 1200] 3 RESET");
  }

  @Test
  void kindsTakeTurns() {
    Block first = write(histograms(ChunkEncoding.HISTOGRAM, 1000, 4, 1000));
    Block second = write(floats(1500, 2, 2000, 0));
    Block third = write(histograms(ChunkEncoding.FLOAT_HISTOGRAM, 3600, 1, 1));
    Block merged = compact(first, second, third);
    // Without start timestamps floats become plain ones.
    assertThat(chunks(merged))
        .containsExactly(
            "histogram [1000, 1000] 1 UNKNOWN",
            "XOR [1500, 1500] 1 UNKNOWN",
            "histogram [2000, 3000] 2 UNKNOWN",
            "XOR [3500, 3500] 1 UNKNOWN",
            "floathistogram [3600, 3600] 1 UNKNOWN",
            "histogram [4000, 4000] 1 UNKNOWN");
    assertThat(merged.meta().stats().histogramSamples()).isEqualTo(5);
    assertThat(merged.meta().stats().floatSamples()).isEqualTo(2);
  }

  @Test
  void startTimestampsStay() {
    Block first = write(floats(1000, 100, 100, 900));
    Block second = write(floats(1050, 100, 100, 0));
    Block merged = compact(first, second);
    assertThat(chunks(merged))
        .containsExactly("XOR2 [1000, 6950] 120 UNKNOWN", "XOR2 [7000, 10950] 80 UNKNOWN");
    assertThat(samples(merged)).contains("1000@900 0.0", "1050@0 0.0", "10900@900 99.0");
  }

  @Test
  void aPartOfAHistogramChunkIsDeleted() {
    for (ChunkEncoding encoding : ChunkEncoding.values()) {
      Made made =
          switch (encoding) {
            case XOR -> null;
            case XOR2 -> floats(1000, 50, 100, 800);
            case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST ->
                histograms(encoding, 1000, 50, 100);
          };
      if (made == null) {
        continue;
      }
      Block source = write(made);
      List<String> expected = new ArrayList<>(samples(source));
      source.delete(1500, 2000, List.of(Content.ANY));
      source.delete(0, 1000, List.of(Content.ANY));
      expected.subList(5, 11).clear();
      expected.removeFirst();
      Block rewritten = compact(source);
      assertThat(chunks(rewritten)).containsExactly(encoding.text() + " [1100, 5900] 43 UNKNOWN");
      assertThat(samples(rewritten)).isEqualTo(expected);
    }
  }
}
