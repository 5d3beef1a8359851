package io.narthex.tsdb.wal;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import java.util.Random;

/** Native histograms for tests: named ones and random ones. */
final class SomeHistograms {

  private SomeHistograms() {}

  /** Whole counts, two spans, a zero bucket; the first of upstream's checkpoint test. */
  static SpanHistogram exponential() {
    SpanHistogram histogram =
        new SpanHistogram()
            .reset(false)
            .hint(ResetHint.NO_RESET)
            .schema(1)
            .zero(0.001, 2)
            .count(5)
            .sum(18.4);
    histogram.positive().addSpan(0, 2);
    histogram.positive().addSpan(1, 2);
    for (long count : new long[] {1, 2, 1, 1}) {
      histogram.positive().addBucket(count);
    }
    return histogram;
  }

  /** Two custom buckets, up to 2.5 and above. */
  static SpanHistogram custom(boolean floats) {
    SpanHistogram histogram =
        new SpanHistogram()
            .reset(floats)
            .schema(FloatHistogram.CUSTOM_BUCKETS)
            .count(floats ? bits(8) : 8)
            .sum(50);
    histogram.positive().addSpan(0, 2);
    histogram.positive().addBucket(floats ? bits(3) : 3);
    histogram.positive().addBucket(floats ? bits(5) : 5);
    histogram.addBound(2.5);
    return histogram;
  }

  /** A gauge with float counts on both sides. */
  static SpanHistogram gauge() {
    SpanHistogram histogram =
        new SpanHistogram()
            .reset(true)
            .hint(ResetHint.GAUGE)
            .schema(-1)
            .zero(0, bits(0.5))
            .count(bits(2.75))
            .sum(-1);
    histogram.positive().addSpan(-3, 1);
    histogram.positive().addBucket(bits(1.25));
    histogram.negative().addSpan(2, 1);
    histogram.negative().addBucket(bits(1));
    return histogram;
  }

  static SpanHistogram random(Random random) {
    boolean floats = random.nextBoolean();
    boolean custom = random.nextInt(3) == 0;
    SpanHistogram histogram =
        new SpanHistogram()
            .reset(floats)
            .hint(ResetHint.values()[random.nextInt(4)])
            .schema(custom ? FloatHistogram.CUSTOM_BUCKETS : random.nextInt(-9, 9))
            .zero(custom ? 0 : random.nextDouble(), custom ? 0 : count(random, floats))
            .count(count(random, floats))
            .sum(random.nextInt(8) == 0 ? StaleMarker.VALUE : random.nextGaussian());
    fill(random, floats, histogram.positive());
    if (custom) {
      for (int i = random.nextInt(6); i > 0; i--) {
        histogram.addBound(random.nextGaussian());
      }
    } else {
      fill(random, floats, histogram.negative());
    }
    return histogram;
  }

  private static void fill(Random random, boolean floats, SpanHistogram.Side side) {
    int spans = random.nextInt(5);
    for (int i = 0; i < spans; i++) {
      int length = random.nextInt(4);
      side.addSpan(i == 0 ? random.nextInt(-1000, 1000) : random.nextInt(50), length);
      for (int bucket = 0; bucket < length; bucket++) {
        side.addBucket(count(random, floats));
      }
    }
  }

  private static long count(Random random, boolean floats) {
    // Of all sizes; the differences of neighbours must survive even where they overflow.
    return floats ? bits(random.nextDouble() * 100) : random.nextLong() >>> random.nextInt(64);
  }

  static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }
}
