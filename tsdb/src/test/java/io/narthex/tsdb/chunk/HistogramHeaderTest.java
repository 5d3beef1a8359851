package io.narthex.tsdb.chunk;

import static io.narthex.tsdb.chunk.Samples.custom;
import static io.narthex.tsdb.chunk.Samples.simple;
import static io.narthex.tsdb.chunk.Samples.stale;
import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.HistogramAppender.Result;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * When a histogram opens a new chunk, and what that chunk's header says, as upstream's {@code
 * AppendHistogram} and {@code AppendFloatHistogram} have it: whether the open chunk refuses the
 * histogram, or the caller ends the chunk first.
 */
class HistogramHeaderTest {

  private static SpanHistogram named(boolean floats, String name) {
    int dash = name.indexOf('-');
    ResetHint hint =
        dash < 0
            ? ResetHint.UNKNOWN
            : ResetHint.valueOf(name.substring(dash + 1).replace('-', '_'));
    return switch (dash < 0 ? name : name.substring(0, dash)) {
      case "base" -> simple(floats, hint, 10, 3, 4, 5);
      case "more" -> simple(floats, hint, 12, 3, 5, 6);
      case "fewer" -> simple(floats, hint, 9, 3, 5, 5);
      case "fewerZeros" -> simple(floats, hint, 12, 2, 5, 5);
      case "bucketFell" -> simple(floats, hint, 12, 4, 7, 4);
      case "bucketGone" -> {
        SpanHistogram h = simple(floats, hint, 12, 4, 7, 0);
        h.positive().clear();
        Samples.spans(h, h.positive(), 0, 1);
        yield Samples.buckets(h, h.positive(), 7);
      }
      case "newBucket" -> {
        SpanHistogram h = simple(floats, hint, 12, 4, 7, 0);
        h.positive().clear();
        Samples.spans(h, h.positive(), 0, 3);
        yield Samples.buckets(h, h.positive(), 7, 8, 9);
      }
      case "schema" -> simple(floats, hint, 12, 4, 7, 8).schema(0);
      case "threshold" -> {
        SpanHistogram h = simple(floats, hint, 12, 4, 7, 8);
        yield h.zero(0.002, h.zeroCount());
      }
      case "fewerAndSchema" -> simple(floats, hint, 9, 4, 7, 8).schema(0);
      case "custom" -> custom(floats, hint, 10, 1, 2);
      case "customMore" -> custom(floats, hint, 11, 1, 2);
      case "customBounds" -> custom(floats, hint, 11, 1, 3);
      case "stale" -> stale(floats, hint);
      default -> throw new IllegalArgumentException(name);
    };
  }

  // The chunk's only sample; the next one; what becomes of it; the header if the chunk refused it
  // (whole counts, float counts); the header if the chunk was ended before.
  @ParameterizedTest(name = "{0} then {1}")
  @CsvSource({
    "base, base, ADDED, , , NO_RESET, NO_RESET",
    "base, more, ADDED, , , NO_RESET, NO_RESET",
    "base, more-NO_RESET, ADDED, , , NO_RESET, NO_RESET",
    "base, newBucket, RECODED, , , NO_RESET, NO_RESET",
    "base, more-RESET, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, fewer, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, fewer-NO_RESET, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, fewerZeros, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, bucketFell, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, bucketGone, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, schema, NEW_CHUNK, UNKNOWN, UNKNOWN, UNKNOWN, NO_RESET",
    "base, threshold, NEW_CHUNK, UNKNOWN, UNKNOWN, UNKNOWN, NO_RESET",
    "base, fewerAndSchema, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, custom, NEW_CHUNK, UNKNOWN, UNKNOWN, UNKNOWN, NO_RESET",
    "custom, customMore, ADDED, , , NO_RESET, NO_RESET",
    "custom, customBounds, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, stale, ADDED, , , NO_RESET, NO_RESET",
    "base, stale-RESET, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "stale, stale, ADDED, , , NO_RESET, NO_RESET",
    "stale, base, NEW_CHUNK, UNKNOWN, UNKNOWN, UNKNOWN, NO_RESET",
    "stale, base-RESET, NEW_CHUNK, RESET, RESET, RESET, RESET",
    "base, more-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE",
    "base, stale-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE",
    "base-GAUGE, more, NEW_CHUNK, NO_RESET, UNKNOWN, NO_RESET, NO_RESET",
    "base-GAUGE, more-RESET, NEW_CHUNK, NO_RESET, UNKNOWN, RESET, RESET",
    "base-GAUGE, stale, NEW_CHUNK, NO_RESET, UNKNOWN, NO_RESET, NO_RESET",
    "base-GAUGE, fewer-GAUGE, ADDED, , , GAUGE, GAUGE",
    "base-GAUGE, bucketGone-GAUGE, ADDED, , , GAUGE, GAUGE",
    "base-GAUGE, newBucket-GAUGE, RECODED, , , GAUGE, GAUGE",
    "base-GAUGE, schema-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE",
    "base-GAUGE, threshold-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE",
    "custom-GAUGE, customBounds-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE",
    "base-GAUGE, stale-GAUGE, ADDED, , , GAUGE, GAUGE",
    "stale-GAUGE, base-GAUGE, NEW_CHUNK, GAUGE, GAUGE, GAUGE, GAUGE"
  })
  void headers(
      String first,
      String next,
      Result result,
      ResetHint refusedWhole,
      ResetHint refusedFloats,
      ResetHint endedWhole,
      ResetHint endedFloats) {
    for (ChunkEncoding encoding : ChunkEncoding.values()) {
      if (!encoding.histograms()) {
        continue;
      }
      boolean floats = encoding.floatCounts();
      HistogramAppender appender = new HistogramAppender(encoding);
      appender.append(0, 1000, named(floats, first));
      assertThat(appender.append(0, 2000, named(floats, next))).isEqualTo(result);
      if (result == Result.NEW_CHUNK) {
        assertThat(appender.count()).isEqualTo(1);
        appender.finish();
        assertThat(appender.append(0, 2000, named(floats, next))).isEqualTo(Result.ADDED);
        expect(appender, encoding, floats ? refusedFloats : refusedWhole);
      } else {
        assertThat(appender.count()).isEqualTo(2);
        appender.finish();
      }

      appender.forget();
      appender.append(0, 1000, named(floats, first));
      appender.finish();
      assertThat(appender.append(0, 2000, named(floats, next))).isEqualTo(Result.ADDED);
      expect(appender, encoding, floats ? endedFloats : endedWhole);
    }
  }

  private static void expect(
      HistogramAppender appender, ChunkEncoding encoding, ResetHint expected) {
    assertThat(appender.header()).as(encoding.text()).isEqualTo(expected);
    assertThat(encoding.header(appender.finish(), 0)).as(encoding.text()).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({"UNKNOWN, UNKNOWN", "RESET, RESET", "NO_RESET, UNKNOWN", "GAUGE, GAUGE"})
  void theFirstChunkOfASeriesHasNothingToCompareWith(ResetHint hint, ResetHint header) {
    for (boolean floats : new boolean[] {false, true}) {
      ChunkEncoding encoding = floats ? ChunkEncoding.FLOAT_HISTOGRAM : ChunkEncoding.HISTOGRAM;
      HistogramAppender appender = new HistogramAppender(encoding);
      appender.append(0, 1000, named(floats, "base-" + hint));
      expect(appender, encoding, header);
      appender.forget();
      appender.append(0, 2000, named(floats, "fewer-" + hint));
      expect(appender, encoding, header);
    }
  }

  @ParameterizedTest
  @CsvSource({"false", "true"})
  void recodingKeepsTheHeader(boolean floats) {
    ChunkEncoding encoding = floats ? ChunkEncoding.FLOAT_HISTOGRAM_ST : ChunkEncoding.HISTOGRAM_ST;
    HistogramAppender appender = new HistogramAppender(encoding);
    appender.append(0, 1000, named(floats, "base-RESET"));
    assertThat(appender.append(0, 2000, named(floats, "newBucket"))).isEqualTo(Result.RECODED);
    expect(appender, encoding, ResetHint.RESET);
  }

  /** A refusal is of one histogram: what is added in its place is not told by it. */
  @ParameterizedTest
  @CsvSource({"false", "true"})
  void anotherHistogramAfterARefusalIsComparedItself(boolean floats) {
    ChunkEncoding encoding = floats ? ChunkEncoding.FLOAT_HISTOGRAM : ChunkEncoding.HISTOGRAM;
    HistogramAppender appender = new HistogramAppender(encoding);
    appender.append(0, 1000, named(floats, "base"));
    assertThat(appender.append(0, 2000, named(floats, "fewer"))).isEqualTo(Result.NEW_CHUNK);
    assertThat(appender.append(0, 2000, named(floats, "more"))).isEqualTo(Result.ADDED);
    appender.finish();
    appender.append(0, 3000, named(floats, "newBucket"));
    expect(appender, encoding, ResetHint.NO_RESET);
  }
}
