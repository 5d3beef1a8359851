package io.narthex.tsdb.chunk;

import static io.narthex.tsdb.chunk.Samples.buckets;
import static io.narthex.tsdb.chunk.Samples.custom;
import static io.narthex.tsdb.chunk.Samples.histogram;
import static io.narthex.tsdb.chunk.Samples.simple;
import static io.narthex.tsdb.chunk.Samples.spans;
import static io.narthex.tsdb.chunk.Samples.stale;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.HistogramAppender.Result;
import io.narthex.tsdb.chunk.Samples.Sample;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class HistogramChunkTest {

  private static final ResetHint UNKNOWN = ResetHint.UNKNOWN;

  private static ChunkEncoding encoding(boolean floats) {
    return floats ? ChunkEncoding.FLOAT_HISTOGRAM : ChunkEncoding.HISTOGRAM;
  }

  private static SpanHistogram three(boolean floats, long count, double sum, long... buckets) {
    SpanHistogram made = histogram(floats, UNKNOWN, count, 2).sum(sum);
    made.zero(1e-100, made.zeroCount());
    spans(made, made.positive(), 0, 2, 1, 1);
    return buckets(made, made.positive(), buckets);
  }

  private static final String LAYOUT_OF_THREE =
      "11111111"
          + bits(1e-100)
          // schema 1; two positive spans (length 2, offset 0), (length 1, offset 1); no negative
          + "10 001"
          + "10 010  10 010 0  10 001 10 001"
          + "0";

  private static String bits(double value) {
    return new BitText().real(value).toString();
  }

  /** Worked out by hand from upstream's histogram.go, varbit.go and histogram_meta.go. */
  private static final String[] WHOLE = {
    LAYOUT_OF_THREE
        // 1000; count 5, zero count 2; buckets 1, 3, 2 as differences
        + "11110 001111101000"
        + "10 101  10 010"
        + bits(18)
        + "10 001  10 010  10 111",
    // 1060, dod 60; count 8, dod 3; zero count 0; the same sum; 2, 4, 2: differences +1, 0, -1
    "1110 000111100" + "10 011  0" + "0" + "10 001  0  10 111",
    // 1120, dod 0; count 9, dod -2; 0; 19 after 18: 15 leading zeros, one bit; 2, 5, 2: +0, +1, -1
    "0" + "10 110  0" + "11 01111 000001 1" + "10 111  10 001  0"
  };

  private static List<Sample> wholeSamples(long... starts) {
    return List.of(
        new Sample(starts[0], 1000, three(false, 5, 18, 1, 3, 2)),
        new Sample(starts[1], 1060, three(false, 8, 18, 2, 4, 2)),
        new Sample(starts[2], 1120, three(false, 9, 19, 2, 5, 2)));
  }

  private static byte[] append(ChunkEncoding encoding, List<Sample> samples) {
    HistogramAppender appender = new HistogramAppender(encoding);
    for (Sample sample : samples) {
      assertThat(appender.append(sample.start(), sample.time(), sample.histogram()))
          .isEqualTo(Result.ADDED);
    }
    assertThat(appender.count()).isEqualTo(samples.size());
    int length = appender.length();
    byte[] copied = new byte[length];
    appender.copyTo(copied, 0, length);
    byte[] finished = BitText.bare(appender.finish());
    assertThat(finished).isEqualTo(copied);
    assertThat(encoding.count(finished, 0)).isEqualTo(samples.size());
    return finished;
  }

  private static void check(ChunkEncoding encoding, List<Sample> samples, String... bits) {
    BitText expected = new BitText();
    for (String part : bits) {
      expected.bits(part);
    }
    byte[] chunk = append(encoding, samples);
    assertThat(chunk).isEqualTo(expected.bytes());
    assertThat(HistogramOracle.chunk(encoding, UNKNOWN, samples)).isEqualTo(chunk);
    List<Sample> read = Samples.read(encoding, chunk);
    assertThat(read).hasSameSizeAs(samples);
    for (int i = 0; i < read.size(); i++) {
      SpanHistogram original = Samples.copy(samples.get(i).histogram());
      original.hint(i == 0 ? UNKNOWN : ResetHint.NO_RESET);
      assertThat(read.get(i).histogram()).isEqualTo(original);
      assertThat(read.get(i).time()).isEqualTo(samples.get(i).time());
      assertThat(read.get(i).start())
          .isEqualTo(encoding.startTimestamps() ? samples.get(i).start() : 0);
    }
  }

  @Test
  void wholeCounts() {
    check(
        ChunkEncoding.HISTOGRAM,
        wholeSamples(0, 0, 0),
        "0000000000000011 00 000000",
        WHOLE[0],
        WHOLE[1],
        WHOLE[2]);
  }

  /** Upstream's histogram_st.go and st.go. */
  @Test
  void startTimestamps() {
    String header = "00 00000000000011";
    check(
        ChunkEncoding.HISTOGRAM_ST,
        wholeSamples(0, 0, 0),
        header + "0 0000000",
        WHOLE[0],
        WHOLE[1],
        WHOLE[2]);
    // Unknown at first, then 500: 1000 - 500, then how 1060 - 500 differs from that.
    check(
        ChunkEncoding.HISTOGRAM_ST,
        wholeSamples(0, 500, 500),
        header + "0 0000001",
        WHOLE[0],
        WHOLE[1] + "11110 000111110100",
        WHOLE[2] + "1110 000111100");
    // Known from the first on, 600 before it (a varint, 1200 after zigzag); no change.
    check(
        ChunkEncoding.HISTOGRAM_ST,
        wholeSamples(400, 400, 400),
        header + "1 0000000",
        WHOLE[0] + "10110000 00001001",
        WHOLE[1],
        WHOLE[2]);
    // A change at the third: 1060 - 1055.
    check(
        ChunkEncoding.HISTOGRAM_ST,
        wholeSamples(400, 400, 1055),
        header + "1 0000010",
        WHOLE[0] + "10110000 00001001",
        WHOLE[1],
        WHOLE[2] + "110 000101");
  }

  @Test
  void floatCounts() {
    List<Sample> samples =
        List.of(
            new Sample(0, 1000, three(true, 5, 18, 1, 3, 2)),
            new Sample(300, 1060, three(true, 5, 19, 1, 4, 2)));
    String first =
        LAYOUT_OF_THREE
            + "11110 001111101000"
            + bits(5)
            + bits(2)
            + bits(18)
            + bits(1)
            + bits(3)
            + bits(2);
    // 4 after 3: 4010 xor 4008, 11 leading zeros, 2 bits.
    String second = "1110 000111100" + "0 0" + "11 01111 000001 1" + "0  11 01011 000010 11  0";
    check(ChunkEncoding.FLOAT_HISTOGRAM, samples, "0000000000000010 00 000000", first, second);
    check(
        ChunkEncoding.FLOAT_HISTOGRAM_ST,
        samples,
        "00 00000000000010 0 0000001",
        first,
        second + "11110 001010111100");
  }

  @ParameterizedTest
  @EnumSource(names = {"HISTOGRAM", "FLOAT_HISTOGRAM", "HISTOGRAM_ST", "FLOAT_HISTOGRAM_ST"})
  void aStaleMarkerHasNoBuckets(ChunkEncoding encoding) {
    boolean floats = encoding.floatCounts();
    List<Sample> samples =
        List.of(
            new Sample(7, 1000, three(floats, 5, 18, 1, 3, 2)),
            new Sample(7, 2000, three(floats, 6, 19, 1, 3, 3)),
            new Sample(7, 3000, stale(floats, UNKNOWN)),
            new Sample(7, 4500, stale(floats, UNKNOWN)));
    byte[] chunk = append(encoding, samples);
    assertThat(chunk).isEqualTo(HistogramOracle.chunk(encoding, UNKNOWN, samples));
    List<Sample> read = Samples.read(encoding, chunk);
    assertThat(read.get(2).histogram()).isEqualTo(stale(floats, UNKNOWN));
    assertThat(read.get(3))
        .isEqualTo(new Sample(read.get(3).start(), 4500, stale(floats, UNKNOWN)));
    // One with counts and buckets is written as one without.
    SpanHistogram full = three(floats, 9, 0, 1, 2, 3).sum(StaleMarker.VALUE);
    byte[] same =
        append(
            encoding,
            List.of(samples.get(0), samples.get(1), new Sample(7, 3000, full), samples.get(3)));
    assertThat(same).isEqualTo(chunk);
    byte[] onlyStale = append(encoding, List.of(new Sample(0, 1000, full)));
    assertThat(onlyStale)
        .isEqualTo(append(encoding, List.of(new Sample(0, 1000, stale(floats, UNKNOWN)))));
  }

  /** The layouts are those of the example in upstream's histogram.go. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aChunkThatLacksBucketsIsWrittenAnew(boolean floats) {
    SpanHistogram old = histogram(floats, UNKNOWN, 100, 0);
    spans(old, old.positive(), 0, 2, 2, 1, 3, 2, 3, 1, 1, 1);
    buckets(old, old.positive(), 6, 3, 3, 2, 4, 5, 1);
    SpanHistogram next = histogram(floats, UNKNOWN, 120, 0);
    spans(next, next.positive(), 0, 3, 1, 1, 1, 4, 3, 3);
    buckets(next, next.positive(), 6, 3, 1, 3, 1, 1, 2, 4, 5, 1, 1);
    SpanHistogram widened = histogram(floats, UNKNOWN, 100, 0);
    spans(widened, widened.positive(), 0, 3, 1, 1, 1, 4, 3, 3);
    buckets(widened, widened.positive(), 6, 3, 0, 3, 0, 0, 2, 4, 5, 0, 1);

    for (ChunkEncoding encoding :
        new ChunkEncoding[] {
          encoding(floats), floats ? ChunkEncoding.FLOAT_HISTOGRAM_ST : ChunkEncoding.HISTOGRAM_ST
        }) {
      HistogramAppender appender = new HistogramAppender(encoding);
      assertThat(appender.append(50, 1000, old)).isEqualTo(Result.ADDED);
      assertThat(appender.append(60, 2000, old)).isEqualTo(Result.ADDED);
      assertThat(appender.append(60, 3000, next)).isEqualTo(Result.RECODED);
      assertThat(appender.append(60, 4000, next)).isEqualTo(Result.ADDED);

      assertThat(BitText.bare(appender.finish()))
          .isEqualTo(
              append(
                  encoding,
                  List.of(
                      new Sample(50, 1000, widened),
                      new Sample(60, 2000, widened),
                      new Sample(60, 3000, next),
                      new Sample(60, 4000, next))));
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHistogramThatLacksEmptyBucketsIsWidened(boolean floats) {
    SpanHistogram old = histogram(floats, UNKNOWN, 10, 0);
    spans(old, old.positive(), -3, 2, 0, 1, 4, 1);
    buckets(old, old.positive(), 0, 5, 0, 0);
    SpanHistogram next = histogram(floats, UNKNOWN, 10, 0);
    spans(next, next.positive(), -2, 1);
    buckets(next, next.positive(), 7);
    SpanHistogram widened = histogram(floats, UNKNOWN, 10, 0);
    spans(widened, widened.positive(), -3, 2, 0, 1, 4, 1);
    buckets(widened, widened.positive(), 0, 7, 0, 0);
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    appender.append(0, 1000, old);
    assertThat(appender.append(0, 2000, next)).isEqualTo(Result.ADDED);
    assertThat(next.positive().spans()).as("it is left as it was").isEqualTo(1);
    assertThat(appender.append(0, 3000, old)).as("5 after 7").isEqualTo(Result.NEW_CHUNK);
    assertThat(BitText.bare(appender.finish()))
        .isEqualTo(
            append(
                encoding(floats), List.of(new Sample(0, 1000, old), new Sample(0, 2000, widened))));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void bothMayLackBuckets(boolean floats) {
    // Positive: the chunk has -3 (empty), -2 and 9 (empty); the histogram has -2 and 4 in spans
    // that adjoin others or are empty. Negative: only the histogram has any, in two spans.
    SpanHistogram old = histogram(floats, UNKNOWN, 10, 0);
    spans(old, old.positive(), -3, 2, 10, 1);
    buckets(old, old.positive(), 0, 5, 0);
    SpanHistogram next = histogram(floats, UNKNOWN, 20, 0);
    spans(next, next.positive(), -2, 1, 2, 0, 3, 1);
    buckets(next, next.positive(), 7, 2);
    spans(next, next.negative(), 1, 1, 0, 1);
    buckets(next, next.negative(), 3, 4);
    SpanHistogram united = new SpanHistogram();
    spans(united, united.positive(), -3, 2, 5, 1, 4, 1);
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    appender.append(0, 1000, old);
    assertThat(appender.append(0, 2000, next)).isEqualTo(Result.RECODED);
    List<Sample> read = Samples.read(encoding(floats), BitText.bare(appender.finish()));

    SpanHistogram first = read.get(0).histogram();
    SpanHistogram second = read.get(1).histogram();
    assertThat(first.positive().sameSpans(united.positive())).isTrue();
    assertThat(first.negative().sameSpans(next.negative())).as("as they came").isTrue();
    assertThat(first.toFloat().sameAs(old.toFloat())).isTrue();
    assertThat(second.toFloat().sameAs(next.toFloat())).isTrue();
    assertThat(second.positive().buckets()).isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void gaugesTakeAnyBuckets(boolean floats) {
    SpanHistogram old = simple(floats, ResetHint.GAUGE, 9, 1, 4, 5);
    SpanHistogram next = histogram(floats, ResetHint.GAUGE, 3, 0);
    spans(next, next.positive(), 1, 1, 0, 1);
    buckets(next, next.positive(), 1, 2);
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    appender.append(0, 1000, old);
    assertThat(appender.append(0, 2000, next)).isEqualTo(Result.RECODED);
    // Fewer buckets, all counts lower: still the same chunk.
    assertThat(appender.append(0, 3000, histogram(floats, ResetHint.GAUGE, 0, 0)))
        .isEqualTo(Result.ADDED);
    assertThat(appender.header()).isEqualTo(ResetHint.GAUGE);
    List<Sample> read = Samples.read(encoding(floats), BitText.bare(appender.finish()));
    SpanHistogram neat = new SpanHistogram();
    spans(neat, neat.positive(), 0, 3);
    assertThat(read).allMatch(s -> s.histogram().positive().sameSpans(neat.positive()));
    assertThat(read).allMatch(s -> s.histogram().hint() == ResetHint.GAUGE);
    assertThat(read.get(0).histogram().toFloat().sameAs(old.toFloat())).isTrue();
    assertThat(read.get(1).histogram().toFloat().sameAs(next.toFloat())).isTrue();
    assertThat(read.get(2).histogram().toFloat().count()).isZero();
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void otherSpansForTheSameBucketsChangeNothing(boolean floats) {
    SpanHistogram old = simple(floats, UNKNOWN, 9, 1, 4, 5);
    SpanHistogram next = histogram(floats, UNKNOWN, 10, 1);
    spans(next, next.positive(), -4, 0, 4, 1, 0, 0, 0, 1, 7, 0);
    buckets(next, next.positive(), 4, 6);
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    appender.append(0, 1000, old);
    assertThat(appender.append(0, 2000, next)).isEqualTo(Result.ADDED);
    List<Sample> read = Samples.read(encoding(floats), BitText.bare(appender.finish()));
    assertThat(read.get(1).histogram()).isEqualTo(simple(floats, ResetHint.NO_RESET, 10, 1, 4, 6));
    // What opens a chunk is kept as it came.
    appender.append(0, 3000, next);
    assertThat(Samples.read(encoding(floats), BitText.bare(appender.finish())).get(0).histogram())
        .isEqualTo(next);
  }

  @Test
  void queriesGetTheFormToComputeWith() {
    HistogramAppender appender = new HistogramAppender(ChunkEncoding.HISTOGRAM_ST);
    appender.append(1, 1000, custom(false, ResetHint.RESET, 1, 0.5, 1));
    for (int i = 2; i < 6; i++) {
      appender.append(i, i * 1000L, custom(false, UNKNOWN, i, 0.5, 1));
    }
    byte[] chunk = BitText.padded(BitText.bare(appender.finish()));
    assertThat(ChunkEncoding.HISTOGRAM_ST.header(chunk, 0)).isEqualTo(ResetHint.RESET);
    SampleBuffer buffer = new SampleBuffer();
    buffer.add(-5, 3.5);
    ChunkDecoder decoder = ChunkDecoder.of(ChunkEncoding.HISTOGRAM_ST);
    int length = chunk.length - ChunkDecoder.PADDING;

    decoder.decode(chunk, 0, length, 2000, 4999, buffer);
    assertThat(buffer.size()).isEqualTo(4);
    assertThat(buffer.histogram(0)).isNull();
    assertThat(buffer.timestamps()).startsWith(-5, 2000, 3000, 4000);
    assertThat(buffer.startTimestamp(0)).isZero();
    assertThat(buffer.startTimestamp(3)).isEqualTo(4);
    FloatHistogram third = buffer.histogram(3);
    assertThat(third).hasToString("{count:4, sum:6, [-Inf,0.5]:4}");
    assertThat(third).isNotNull().extracting(FloatHistogram::hint).isEqualTo(ResetHint.NO_RESET);
    buffer.clear();
    decoder.decode(chunk, 0, length, 0, 1000, buffer);
    assertThat(buffer.size()).isEqualTo(1);
    assertThat(buffer.histogram(0))
        .isNotNull()
        .extracting(FloatHistogram::hint)
        .as("the chunk before may be gone")
        .isEqualTo(UNKNOWN);
    buffer.clear();
    decoder.decode(chunk, 0, length, 5001, Long.MAX_VALUE, buffer);
    assertThat(buffer.size()).isZero();
  }

  @Test
  void tooFineSchemasAreReducedForQueriesOnly() {
    SpanHistogram fine = simple(false, UNKNOWN, 9, 0, 4, 5).schema(10);
    HistogramAppender appender = new HistogramAppender(ChunkEncoding.HISTOGRAM);
    appender.append(0, 1000, fine);
    byte[] chunk = BitText.bare(appender.finish());
    assertThat(Samples.read(ChunkEncoding.HISTOGRAM, chunk).get(0).histogram()).isEqualTo(fine);
    SampleBuffer buffer = new SampleBuffer();
    ChunkDecoder.of(ChunkEncoding.HISTOGRAM)
        .decode(BitText.padded(chunk), 0, chunk.length, 0, 1000, buffer);
    FloatHistogram reduced = Objects.requireNonNull(buffer.histogram(0));
    assertThat(reduced.schema()).isEqualTo(8);
    assertThat(reduced.positiveCount(0) + reduced.positiveCount(1)).isEqualTo(9);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aRepeatedHistogramIsKnown(boolean floats) {
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    SpanHistogram h = simple(floats, UNKNOWN, 9, 0, 4, 5);
    assertThat(appender.repeats(h)).isFalse();
    appender.append(0, 1000, h);
    assertThat(appender.repeats(simple(floats, ResetHint.RESET, 9, 0, 4, 5))).isTrue();
    assertThat(appender.repeats(simple(!floats, UNKNOWN, 9, 0, 4, 5))).isFalse();
    assertThat(appender.repeats(simple(floats, UNKNOWN, 9, 0, 4, 6))).isFalse();
    assertThat(appender.repeats(stale(floats, UNKNOWN))).isFalse();
    appender.append(0, 2000, stale(floats, UNKNOWN));
    assertThat(appender.repeats(stale(floats, UNKNOWN))).isTrue();
    assertThat(appender.lastIsStale()).isTrue();
    assertThat(appender.lastTime()).isEqualTo(2000);
    assertThat(appender.repeats(h)).isFalse();
  }

  @Test
  void aChunkIsFullWhenItsCountIs() {
    HistogramAppender appender = new HistogramAppender(ChunkEncoding.HISTOGRAM_ST);
    SpanHistogram h = simple(false, UNKNOWN, 9, 0, 4, 5);
    for (int i = 0; i < 0x3fff; i++) {
      assertThat(appender.append(1, i, h)).isEqualTo(Result.ADDED);
    }
    assertThat(appender.append(1, 0x3fff, h)).isEqualTo(Result.NEW_CHUNK);
    byte[] chunk = BitText.bare(appender.finish());
    assertThat(Samples.read(ChunkEncoding.HISTOGRAM_ST, chunk)).hasSize(0x3fff);
    appender.append(1, 0x3fff, h);
    assertThat(appender.header()).isEqualTo(ResetHint.NO_RESET);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void histogramsOfOneLayoutLeaveNoGarbage(boolean floats) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long thread = Thread.currentThread().threadId();
    HistogramAppender appender = new HistogramAppender(encoding(floats));
    SpanHistogram narrow = histogram(floats, UNKNOWN, 0, 0);
    spans(narrow, narrow.positive(), 0, 1);
    buckets(narrow, narrow.positive(), 4);
    SpanHistogram h = simple(floats, UNKNOWN, 0, 0, 4, 0);
    long least = Long.MAX_VALUE;
    for (int round = 0; round < 60; round++) {
      if (appender.count() > 0) {
        appender.finish();
      }
      appender.append(0, 0, h);
      appender.append(0, 1, narrow);
      long before = threads.getThreadAllocatedBytes(thread);
      for (int i = 2; i < 1000; i++) {
        // Each second one lacks an empty bucket.
        appender.append(0, i * 1000L, i % 2 == 0 ? h : narrow);
      }
      least = Math.min(least, threads.getThreadAllocatedBytes(thread) - before);
    }
    assertThat(least).isLessThan(500);
  }

  @Test
  void misuseIsRefused() {
    HistogramAppender appender = new HistogramAppender(ChunkEncoding.HISTOGRAM);
    assertThatThrownBy(appender::finish).isInstanceOf(IllegalStateException.class);
    SpanHistogram floats = simple(true, UNKNOWN, 9, 0, 4, 5);
    assertThatThrownBy(() -> appender.append(0, 0, floats))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new HistogramAppender(ChunkEncoding.XOR))
        .isInstanceOf(IllegalArgumentException.class);
    appender.append(0, 0, simple(false, UNKNOWN, 9, 0, 4, 5));
    assertThatThrownBy(appender::forget).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ChunkDecoder.of(ChunkEncoding.XOR).histogram())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ChunkDecoder.of(ChunkEncoding.HISTOGRAM).value())
        .isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> ChunkEncoding.of(7))
        .isInstanceOf(StorageException.class)
        .hasMessage("invalid chunk encoding 7");
    for (ChunkEncoding encoding : ChunkEncoding.values()) {
      assertThat(ChunkEncoding.of(encoding.code())).isSameAs(encoding);
      assertThat(ChunkDecoder.of(encoding).encoding()).isSameAs(encoding);
    }
  }
}
