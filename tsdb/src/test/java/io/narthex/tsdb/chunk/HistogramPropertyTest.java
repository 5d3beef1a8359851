package io.narthex.tsdb.chunk;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.chunk.HistogramAppender.Result;
import io.narthex.tsdb.chunk.Samples.Sample;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;

/** Series of histograms that grow, change their layout, fall, become stale: all come back. */
class HistogramPropertyTest {

  private static final ChunkEncoding[] ENCODINGS = {
    ChunkEncoding.HISTOGRAM,
    ChunkEncoding.FLOAT_HISTOGRAM,
    ChunkEncoding.HISTOGRAM_ST,
    ChunkEncoding.FLOAT_HISTOGRAM_ST
  };

  /** A chunk and what was put into it. */
  private record Chunk(byte[] bytes, ResetHint header, List<Sample> samples) {}

  @Property
  void anySeriesComesBack(@ForAll long seed) {
    for (ChunkEncoding encoding : ENCODINGS) {
      Random random = new Random(seed);
      for (Chunk chunk : append(encoding, series(random, encoding.floatCounts()))) {
        check(encoding, chunk);
      }
    }
  }

  private static void check(ChunkEncoding encoding, Chunk chunk) {
    assertThat(encoding.header(chunk.bytes, 0)).isEqualTo(chunk.header);
    assertThat(encoding.count(chunk.bytes, 0)).isEqualTo(chunk.samples.size());
    List<Sample> read = Samples.read(encoding, chunk.bytes);
    assertThat(read).hasSameSizeAs(chunk.samples);
    SampleBuffer buffer = new SampleBuffer();
    byte[] padded = BitText.padded(chunk.bytes);
    ChunkDecoder.of(encoding)
        .decode(padded, 0, chunk.bytes.length, Long.MIN_VALUE, Long.MAX_VALUE, buffer);
    assertThat(buffer.size()).isEqualTo(read.size());
    FloatHistogram before = null;
    for (int i = 0; i < read.size(); i++) {
      Sample written = chunk.samples.get(i);
      SpanHistogram back = read.get(i).histogram();
      boolean stale = written.histogram().isStale();
      ResetHint hint =
          stale
              ? ResetHint.UNKNOWN
              : chunk.header == ResetHint.GAUGE
                  ? ResetHint.GAUGE
                  : i == 0 ? ResetHint.UNKNOWN : ResetHint.NO_RESET;
      assertThat(read.get(i).time()).isEqualTo(written.time());
      assertThat(buffer.timestamps()[i]).isEqualTo(written.time());
      long start = encoding.startTimestamps() ? written.start() : 0;
      assertThat(read.get(i).start()).isEqualTo(start);
      assertThat(buffer.startTimestamp(i)).isEqualTo(start);
      assertThat(back.hint()).isEqualTo(hint);
      FloatHistogram histogram = Objects.requireNonNull(buffer.histogram(i));
      assertThat(histogram.hint()).isEqualTo(hint);
      assertThat(histogram.sameAs(back.toFloat())).isTrue();
      if (stale) {
        assertThat(back).isEqualTo(Samples.stale(encoding.floatCounts(), hint));
        continue;
      }
      assertThat(back.count()).isEqualTo(written.histogram().count());
      assertThat(histogram.sameAs(written.histogram().toFloat()))
          .as("%s is %s", written.histogram(), back)
          .isTrue();
      if (hint == ResetHint.NO_RESET) {
        // What the chunk claims is true.
        FloatHistogram last = Objects.requireNonNull(before);
        assertThat(histogram.copy().hint(ResetHint.UNKNOWN).isResetAfter(last)).isFalse();
      }
      before = histogram;
    }
    assertThat(HistogramOracle.chunk(encoding, chunk.header, read)).isEqualTo(chunk.bytes);
    // What was read, appended once more, is the same chunk.
    HistogramAppender again = new HistogramAppender(encoding);
    again.resume(padded, 0, chunk.bytes.length);
    assertThat(BitText.bare(again.finish())).isEqualTo(chunk.bytes);
  }

  private static List<Chunk> append(ChunkEncoding encoding, List<Sample> samples) {
    HistogramAppender appender = new HistogramAppender(encoding);
    List<Chunk> chunks = new ArrayList<>();
    List<Sample> open = new ArrayList<>();
    for (Sample sample : samples) {
      if (appender.count() == 30) {
        chunks.add(finish(appender, open));
      }
      SpanHistogram original = Samples.copy(sample.histogram());
      Result result = appender.append(sample.start(), sample.time(), sample.histogram());
      if (result == Result.NEW_CHUNK) {
        chunks.add(finish(appender, open));
        result = appender.append(sample.start(), sample.time(), sample.histogram());
        assertThat(result).isEqualTo(Result.ADDED);
      }
      assertThat(sample.histogram()).as("it is left as it is").isEqualTo(original);
      open.add(sample);
    }
    chunks.add(finish(appender, open));
    return chunks;
  }

  private static Chunk finish(HistogramAppender appender, List<Sample> open) {
    assertThat(appender.count()).isEqualTo(open.size());
    ResetHint header = appender.header();
    Chunk chunk = new Chunk(BitText.bare(appender.finish()), header, List.copyOf(open));
    open.clear();
    return chunk;
  }

  private static List<Sample> series(Random random, boolean floats) {
    List<Sample> samples = new ArrayList<>();
    TreeMap<Integer, Double> positive = new TreeMap<>();
    TreeMap<Integer, Double> negative = new TreeMap<>();
    boolean gauge = random.nextInt(4) == 0;
    int schema = random.nextInt(3) == 0 ? FloatHistogram.CUSTOM_BUCKETS : random.nextInt(13) - 4;
    double threshold = 1e-5;
    double bound = 1;
    double zeros = 0;
    long time = random.nextLong() >> 20;
    long step = 1 + random.nextInt(60_000);
    long start = 0;
    int length = 1 + random.nextInt(200);
    for (int i = 0; i < length; i++) {
      time += random.nextInt(3) == 0 ? step + random.nextInt(100) : step;
      start = random.nextInt(20) == 0 ? time - random.nextInt(1000) : start;
      grow(random, floats, positive, schema == FloatHistogram.CUSTOM_BUCKETS);
      switch (random.nextInt(30)) {
        case 0 -> {
          positive.clear();
          negative.clear();
        }
        case 1 -> gauge = !gauge;
        case 2 -> {
          schema = schema == FloatHistogram.CUSTOM_BUCKETS ? schema : random.nextInt(13) - 4;
          threshold *= 1.5;
          bound *= 2;
        }
        case 3, 4, 5 -> {
          if (schema != FloatHistogram.CUSTOM_BUCKETS) {
            grow(random, floats, negative, false);
            zeros += random.nextInt(3);
          }
        }
        case 6 -> {
          // A bucket falls, or is gone.
          if (!positive.isEmpty() && random.nextBoolean()) {
            positive.pollFirstEntry();
          }
        }
        default -> {}
      }
      if (random.nextInt(25) == 0) {
        ResetHint hint = gauge ? ResetHint.GAUGE : ResetHint.UNKNOWN;
        samples.add(new Sample(start, time, Samples.stale(floats, hint)));
        continue;
      }
      ResetHint hint =
          gauge
              ? ResetHint.GAUGE
              : random.nextInt(30) == 0
                  ? ResetHint.RESET
                  : random.nextBoolean() ? ResetHint.NO_RESET : ResetHint.UNKNOWN;
      double count = zeros;
      for (double c : positive.values()) {
        count += c;
      }
      for (double c : negative.values()) {
        count += c;
      }
      boolean custom = schema == FloatHistogram.CUSTOM_BUCKETS;
      SpanHistogram h =
          new SpanHistogram()
              .reset(floats)
              .schema(schema)
              .hint(hint)
              .count(raw(floats, count))
              .zero(custom ? 0 : threshold, custom ? 0 : raw(floats, zeros))
              .sum(random.nextInt(4) == 0 ? random.nextGaussian() : count);
      if (custom) {
        h.addBound(bound);
        h.addBound(bound * 4);
      }
      fill(random, h, h.positive(), positive);
      fill(random, h, h.negative(), negative);
      samples.add(new Sample(start, time, h));
    }
    return samples;
  }

  private static void grow(
      Random random, boolean floats, TreeMap<Integer, Double> buckets, boolean custom) {
    int changes = random.nextInt(4);
    for (int i = 0; i < changes; i++) {
      int index = custom ? random.nextInt(3) : (int) (random.nextGaussian() * 6);
      double more =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(1000);
            case 2 -> 1;
            default -> floats ? random.nextDouble() : 3;
          };
      buckets.merge(index, more, Double::sum);
    }
  }

  /** Spans as servers make them: with empty buckets, zero-length and adjoining spans. */
  private static void fill(
      Random random, SpanHistogram h, SpanHistogram.Side side, TreeMap<Integer, Double> buckets) {
    int next = 0;
    int end = 0;
    int length = 0;
    int offset = 0;
    boolean untidy = random.nextInt(3) == 0;
    for (var bucket : buckets.entrySet()) {
      if (bucket.getValue() == 0 && random.nextBoolean()) {
        continue; // an empty bucket may be left out
      }
      int index = bucket.getKey();
      if (length > 0 && (index != next || (untidy && random.nextInt(4) == 0))) {
        side.addSpan(offset, length);
        end = next;
        length = 0;
        if (untidy && random.nextInt(3) == 0) {
          side.addSpan(0, 0);
        }
      }
      if (length == 0) {
        offset = index - end;
        if (untidy && side.spans() > 0 && offset > 1 && random.nextInt(3) == 0) {
          side.addSpan(1, 0);
          offset--;
        }
      }
      length++;
      next = index + 1;
      side.addBucket(raw(h.floats(), bucket.getValue()));
    }
    if (length > 0) {
      side.addSpan(offset, length);
    }
  }

  private static long raw(boolean floats, double count) {
    return floats ? Double.doubleToRawLongBits(count) : (long) count;
  }
}
