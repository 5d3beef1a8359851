package io.narthex.model.histogram;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.value.StaleMarker;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpanHistogramTest {

  private static SpanHistogram whole() {
    SpanHistogram h =
        new SpanHistogram().schema(1).hint(ResetHint.NO_RESET).zero(0.001, 4).count(20).sum(-1.5);
    h.positive().addSpan(-2, 2);
    h.positive().addSpan(3, 1);
    h.positive().addBucket(1);
    h.positive().addBucket(0);
    h.positive().addBucket(5);
    h.negative().addSpan(0, 1);
    h.negative().addSpan(0, 1);
    h.negative().addBucket(7);
    h.negative().addBucket(3);
    return h;
  }

  @Test
  void spansBecomeIndices() {
    FloatHistogram h = whole().toFloat();

    assertThat(h.schema()).isEqualTo(1);
    assertThat(h.hint()).isEqualTo(ResetHint.NO_RESET);
    assertThat(h.zeroThreshold()).isEqualTo(0.001);
    assertThat(h.zeroCount()).isEqualTo(4);
    assertThat(h.count()).isEqualTo(20);
    assertThat(h.sum()).isEqualTo(-1.5);
    assertThat(h.positiveBuckets()).isEqualTo(3);
    assertThat(new int[] {h.positiveIndex(0), h.positiveIndex(1), h.positiveIndex(2)})
        .containsExactly(-2, -1, 3);
    assertThat(h.positiveCount(1)).isZero();
    assertThat(h.positiveCount(2)).isEqualTo(5);
    assertThat(new int[] {h.negativeIndex(0), h.negativeIndex(1)}).containsExactly(0, 1);
  }

  @Test
  void theWayThereAndBackLosesNothing() {
    FloatHistogram h =
        new FloatHistogram(3)
            .positive(-4, 1.5, 0, Double.NaN)
            .negative(7, 2)
            .zero(1e-10, 0.25)
            .count(12)
            .sum(3)
            .hint(ResetHint.GAUGE);

    SpanHistogram spans = SpanHistogram.of(h);

    assertThat(spans.floats()).isTrue();
    assertThat(spans.positive().spans()).isEqualTo(1);
    assertThat(spans.positive().spanOffset(0)).isEqualTo(-4);
    assertThat(spans.positive().spanLength(0)).isEqualTo(3);
    assertThat(spans.toFloat().sameAs(h)).isTrue();
    assertThat(spans.toFloat().hint()).isEqualTo(ResetHint.GAUGE);
    assertThat(SpanHistogram.of(whole().toFloat()).toFloat().sameAs(whole().toFloat())).isTrue();
  }

  @Test
  void customBoundsAreSharedUntilTheyChange() {
    SpanHistogram h = new SpanHistogram().schema(FloatHistogram.CUSTOM_BUCKETS).count(3);
    h.addBound(1);
    h.addBound(2);
    h.positive().addSpan(1, 2);
    h.positive().addBucket(1);
    h.positive().addBucket(2);

    FloatHistogram first = h.toFloat();
    assertThat(h.toFloat().bounds()).isSameAs(first.bounds());
    h.addBound(4);

    assertThat(first).hasToString("{count:3, sum:0, (1,2]:1, (2,+Inf]:2}");
    assertThat(h.toFloat()).hasToString("{count:3, sum:0, (1,2]:1, (2,4]:2}");
    assertThat(SpanHistogram.of(first).toFloat().sameAs(first)).isTrue();
  }

  @Test
  void largeCountsAreUnsigned() {
    FloatHistogram h = new SpanHistogram().count(-1).zero(0, Long.MIN_VALUE + 1).toFloat();

    assertThat(h.count()).isEqualTo(0x1p64);
    assertThat(h.zeroCount()).isEqualTo(0x1p63);
  }

  @Test
  void everyFieldCountsForEquality() {
    SpanHistogram copy = new SpanHistogram();
    copy.copyFrom(whole());
    assertThat(copy).isEqualTo(whole()).hasSameHashCodeAs(whole()).hasToString(whole().toString());

    assertThat(whole().hint(ResetHint.GAUGE)).isNotEqualTo(whole());
    assertThat(whole().schema(2)).isNotEqualTo(whole());
    assertThat(whole().zero(0.002, 4)).isNotEqualTo(whole());
    assertThat(whole().zero(0.001, 5)).isNotEqualTo(whole());
    assertThat(whole().count(21)).isNotEqualTo(whole());
    assertThat(whole().sum(StaleMarker.VALUE)).isNotEqualTo(whole().sum(Double.NaN));
    SpanHistogram other = whole();
    other.positive().bucket(2, 6);
    assertThat(other).isNotEqualTo(whole());
    other = whole();
    other.negative().addSpan(1, 0);
    assertThat(other).isNotEqualTo(whole());
    other = whole();
    other.addBound(1);
    assertThat(other).isNotEqualTo(whole());
    other = whole();
    assertThat(other.reset(true)).isEqualTo(new SpanHistogram().reset(true));
    assertThat(other).isNotEqualTo(new SpanHistogram());
  }

  @Test
  void theSameSampleMayHaveZeroLengthSpansAndAnotherHint() {
    SpanHistogram split = new SpanHistogram();
    split.copyFrom(whole().hint(ResetHint.GAUGE));
    split.positive().clear();
    split.positive().addSpan(-5, 0);
    split.positive().addSpan(3, 2);
    split.positive().addSpan(1, 0);
    split.positive().addSpan(2, 1);
    split.positive().addSpan(9, 0);
    split.positive().addBucket(1);
    split.positive().addBucket(0);
    split.positive().addBucket(5);

    assertThat(split.sameAs(whole())).isTrue();
    assertThat(whole().sameAs(split)).isTrue();
    split.positive().addSpan(0, 1);
    assertThat(split.sameAs(whole())).isFalse();
    // Adjoining spans are another layout than one long span.
    SpanHistogram joined = whole();
    joined.negative().clear();
    joined.negative().addSpan(0, 2);
    joined.negative().addBucket(7);
    joined.negative().addBucket(3);
    assertThat(joined.sameAs(whole())).isFalse();
    assertThat(joined.toFloat().sameAs(whole().toFloat())).isTrue();
  }

  @Test
  void aStaleOneHasTheMarkerAsItsSum() {
    assertThat(whole().sum(StaleMarker.VALUE).isStale()).isTrue();
    assertThat(whole().sum(Double.NaN).isStale()).isFalse();
    assertThat(StaleMarker.is(whole().sum(StaleMarker.VALUE).toFloat().sum())).isTrue();
  }

  /** Whole counts of some buckets from an index on, in spans of at most two. */
  private static SpanHistogram counted(int schema, long zero, int[] indices, long[] counts) {
    SpanHistogram h = new SpanHistogram().schema(schema).zero(0.001, zero);
    long total = zero;
    int next = 0;
    for (int i = 0; i < indices.length; i++) {
      h.positive().addSpan(indices[i] - next, 1);
      next = indices[i] + 1;
      h.positive().addBucket(counts[i]);
      h.negative().addBucket(counts[i]);
      total += 2 * counts[i];
    }
    h.negative().copySpans(h.positive());
    return h.count(total).sum(total / 2.0);
  }

  @Test
  void whatWasCountedSinceIsExactAndHasTheLaterLayout() {
    long large = (1L << 60) + 1;
    SpanHistogram earlier = counted(2, 1, new int[] {-3, 4, 6}, new long[] {large, 0, 7});
    SpanHistogram later = counted(2, 3, new int[] {-3, -2, 6}, new long[] {large + 2, 5, 7});
    assertThat(later.hasGrownFrom(earlier)).isTrue();
    assertThat(earlier.hasGrownFrom(later)).isFalse();
    assertThat(later.hasGrownFrom(later)).isTrue();

    later.subtract(earlier);

    SpanHistogram since = counted(2, 2, new int[] {-3, -2, 6}, new long[] {2, 5, 0});
    assertThat(later.sum(since.sum())).isEqualTo(since);
  }

  @Test
  void anyCountThatIsSmallerIsABeginning() {
    SpanHistogram h = counted(2, 1, new int[] {1, 3}, new long[] {4, 5});
    assertThat(counted(2, 0, new int[] {1, 3}, new long[] {4, 6}).hasGrownFrom(h)).isFalse();
    assertThat(counted(2, 1, new int[] {1, 3}, new long[] {3, 9}).hasGrownFrom(h)).isFalse();
    assertThat(counted(2, 1, new int[] {1, 2}, new long[] {4, 9}).hasGrownFrom(h)).isFalse();
    assertThat(counted(2, 1, new int[] {3}, new long[] {50}).hasGrownFrom(h)).isFalse();
    assertThat(counted(3, 1, new int[] {1, 3}, new long[] {4, 5}).hasGrownFrom(h)).isFalse();
    SpanHistogram same = counted(2, 1, new int[] {1, 3}, new long[] {4, 5});
    assertThat(same.hasGrownFrom(h)).isTrue();
    assertThat(same.hint(ResetHint.RESET).hasGrownFrom(h)).isFalse();
  }

  @Test
  void aCoarserOneIsComparedAndSubtractedAtItsResolution() {
    SpanHistogram earlier = counted(3, 1, new int[] {1, 2, 5}, new long[] {1, 2, 3});
    SpanHistogram later = counted(2, 2, new int[] {1, 3}, new long[] {4, 3});
    assertThat(later.hasGrownFrom(earlier)).isTrue();

    later.subtract(earlier);

    assertThat(later.floats()).isFalse();
    assertThat(later.toFloat().compact())
        .hasToString(
            counted(2, 1, new int[] {1}, new long[] {1}).sum(later.sum()).toFloat().toString());
    assertThat(HistogramRules.violation(later)).isNull();
    SpanHistogram custom = new SpanHistogram().schema(FloatHistogram.CUSTOM_BUCKETS);
    assertThat(custom.hasGrownFrom(new SpanHistogram())).isFalse();
  }

  @Test
  void itIsTheArithmeticOfFloatHistograms() {
    Random random = new Random(7);
    int grown = 0;
    for (int round = 0; round < 5_000; round++) {
      boolean floats = random.nextBoolean();
      SpanHistogram earlier = random(random, floats, 3);
      SpanHistogram later = random(random, floats, 30);
      assertThat(later.hasGrownFrom(earlier))
          .isEqualTo(!later.toFloat().isResetAfter(earlier.toFloat()));
      if (later.hasGrownFrom(earlier)) {
        grown++;
        FloatHistogram since = later.toFloat().subtract(earlier.toFloat()).compact();
        later.subtract(earlier);
        assertThat(later.toFloat().compact().sameAs(since)).isTrue();
        assertThat(HistogramRules.violation(later)).isNull();
      }
    }
    assertThat(grown).isBetween(500, 4_500);
  }

  private static SpanHistogram random(Random random, boolean floats, int most) {
    SpanHistogram h = new SpanHistogram().reset(floats).schema(1);
    long total = 0;
    for (SpanHistogram.Side side : List.of(h.positive(), h.negative())) {
      for (int span = random.nextInt(3); span > 0; span--) {
        int length = random.nextInt(3);
        side.addSpan(random.nextInt(2), length);
        for (int i = 0; i < length; i++) {
          long count = random.nextInt(most);
          total += count;
          side.addBucket(floats ? Double.doubleToRawLongBits(count) : count);
        }
      }
    }
    return h.count(floats ? Double.doubleToRawLongBits(total) : total).sum(random.nextInt(9));
  }
}
