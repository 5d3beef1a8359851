package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import java.util.ArrayList;
import java.util.List;

/** Histograms for tests, and what decoders make of chunks. */
final class Samples {

  private Samples() {}

  /** A sample of a chunk. */
  record Sample(long start, long time, SpanHistogram histogram) {}

  /** A histogram with counts of either kind. */
  static SpanHistogram histogram(boolean floats, ResetHint hint, long count, long zero) {
    SpanHistogram made = new SpanHistogram().reset(floats).schema(1).hint(hint).sum(count * 1.5);
    return made.count(raw(floats, count)).zero(0.001, raw(floats, zero));
  }

  static SpanHistogram stale(boolean floats, ResetHint hint) {
    return new SpanHistogram().reset(floats).hint(hint).sum(StaleMarker.VALUE);
  }

  static long raw(boolean floats, long count) {
    return floats ? Double.doubleToRawLongBits(count) : count;
  }

  /** Adds spans: offset, length, offset, length, ... */
  static SpanHistogram spans(SpanHistogram to, SpanHistogram.Side side, int... spans) {
    for (int i = 0; i < spans.length; i += 2) {
      side.addSpan(spans[i], spans[i + 1]);
    }
    return to;
  }

  static SpanHistogram buckets(SpanHistogram to, SpanHistogram.Side side, long... counts) {
    for (long count : counts) {
      side.addBucket(raw(to.floats(), count));
    }
    return to;
  }

  /** With two positive buckets, of the indices 0 and 1. */
  static SpanHistogram simple(
      boolean floats, ResetHint hint, long count, long zero, long first, long second) {
    SpanHistogram made = histogram(floats, hint, count, zero);
    spans(made, made.positive(), 0, 2);
    return buckets(made, made.positive(), first, second);
  }

  static SpanHistogram custom(boolean floats, ResetHint hint, long count, double... bounds) {
    SpanHistogram made = histogram(floats, hint, count, 0).zero(0, 0);
    made.schema(FloatHistogram.CUSTOM_BUCKETS);
    for (double bound : bounds) {
      made.addBound(bound);
    }
    spans(made, made.positive(), 0, 1);
    return buckets(made, made.positive(), count);
  }

  static SpanHistogram copy(SpanHistogram of) {
    SpanHistogram copy = new SpanHistogram();
    copy.copyFrom(of);
    return copy;
  }

  /** All samples of a histogram chunk with nothing behind it. */
  static List<Sample> read(ChunkEncoding encoding, byte[] chunk) {
    ChunkDecoder decoder = ChunkDecoder.of(encoding);
    List<Sample> samples = new ArrayList<>();
    for (decoder.open(BitText.padded(chunk), 0, chunk.length); decoder.next(); ) {
      samples.add(new Sample(decoder.startTimestamp(), decoder.time(), copy(decoder.histogram())));
    }
    return samples;
  }
}
