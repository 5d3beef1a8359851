package io.narthex.model.histogram;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.value.StaleMarker;
import org.junit.jupiter.api.Test;

/** Upstream's rules, in its words. */
class HistogramRulesTest {

  private static long bits(double value) {
    return Double.doubleToRawLongBits(value);
  }

  /** Two buckets of 1 and 2, a zero bucket of 3, on the negative side 4. */
  private static SpanHistogram whole() {
    SpanHistogram h = new SpanHistogram().reset(false).schema(3).zero(0.5, 3).count(10).sum(5);
    h.positive().addSpan(-2, 1);
    h.positive().addSpan(3, 1);
    h.positive().addBucket(1);
    h.positive().addBucket(2);
    h.negative().addSpan(0, 1);
    h.negative().addBucket(4);
    return h;
  }

  private static SpanHistogram custom(double... bounds) {
    SpanHistogram h = new SpanHistogram().reset(true).schema(FloatHistogram.CUSTOM_BUCKETS);
    h.count(bits(3)).sum(1);
    for (double bound : bounds) {
      h.addBound(bound);
    }
    h.positive().addSpan(1, 2);
    h.positive().addBucket(bits(1));
    h.positive().addBucket(bits(2));
    return h;
  }

  @Test
  void soundOnes() {
    assertThat(HistogramRules.violation(whole())).isNull();
    assertThat(HistogramRules.violation(whole().count(11).sum(Double.NaN))).isNull();
    assertThat(HistogramRules.violation(custom(1, 2))).isNull();
    assertThat(HistogramRules.violation(custom(Double.NEGATIVE_INFINITY, 2, 3))).isNull();
    assertThat(HistogramRules.violation(new SpanHistogram())).isNull();
    assertThat(HistogramRules.violation(new SpanHistogram().sum(StaleMarker.VALUE))).isNull();
    // Float counts need not add up: they are not exact.
    assertThat(HistogramRules.violation(custom(1, 2).count(bits(1)))).isNull();
  }

  @Test
  void aBucketThatIsThereTwiceIsAddedUp() {
    SpanHistogram h = new SpanHistogram().reset(false).count(6).sum(1);
    h.positive().addSpan(2, 2);
    h.positive().addSpan(-1, 1);
    h.positive().addSpan(1, 1);
    for (long count : new long[] {1, 0, 2, 3}) {
      h.positive().addBucket(count);
    }
    assertThat(h.toFloat().toString()).isEqualTo("{count:6, sum:1, (2,4]:1, (4,8]:2, (16,32]:3}");
    assertThat(HistogramRules.violation(h)).contains("a span whose offset is negative");
  }

  @Test
  void schemas() {
    assertThat(HistogramRules.violation(whole().schema(9)))
        .isEqualTo(
            "histogram has an invalid schema, which must be between -4 and 8 for exponential"
                + " buckets, or -53 for custom buckets, got schema 9");
    assertThat(HistogramRules.violation(whole().schema(-5))).endsWith("got schema -5");
  }

  @Test
  void spans() {
    SpanHistogram h = whole();
    h.positive().addSpan(-1, 0);
    assertThat(HistogramRules.violation(h))
        .isEqualTo(
            "positive side: span number 3 with offset -1: histogram has a span whose offset is"
                + " negative");
    h = whole();
    h.negative().addSpan(1, 2);
    assertThat(HistogramRules.violation(h))
        .isEqualTo(
            "negative side: spans need 3 buckets, have 1 buckets: histogram spans specify different"
                + " number of buckets than provided");
    assertThat(HistogramRules.isSound(h)).isFalse();
    h = whole();
    h.positive().addSpan(Integer.MAX_VALUE, 0);
    assertThat(HistogramRules.violation(h)).contains("the index is too great");
  }

  @Test
  void counts() {
    SpanHistogram h = whole();
    h.negative().bucket(0, -4);
    assertThat(HistogramRules.violation(h))
        .isEqualTo(
            "negative side: bucket number 1 has observation count of -4: histogram has a bucket"
                + " whose observation count is negative");
    SpanHistogram floats = custom(1, 2);
    floats.positive().bucket(1, bits(-0.5));
    assertThat(HistogramRules.violation(floats))
        .isEqualTo(
            "positive side: bucket number 2 has observation count of -0.5: histogram has a bucket"
                + " whose observation count is negative");
    assertThat(HistogramRules.violation(whole().count(9)))
        .isEqualTo(
            "10 observations found in buckets, but the Count field is 9: histogram's observation"
                + " count should equal the number of observations found in the buckets (in absence"
                + " of NaN)");
    assertThat(HistogramRules.violation(whole().count(9).sum(Double.NaN)))
        .isEqualTo(
            "10 observations found in buckets, but the Count field is 9: histogram's observation"
                + " count should be at least the number of observations found in the buckets");
  }

  @Test
  void customBounds() {
    assertThat(HistogramRules.violation(custom(1)))
        .isEqualTo(
            "custom buckets: only 1 custom bounds defined which is insufficient to cover total span"
                + " length of 3: histogram custom bounds are too few");
    assertThat(HistogramRules.violation(custom(2, 2)))
        .isEqualTo(
            "custom buckets: previous bound is 2.000000 and current is 2.000000: histogram custom"
                + " bounds must be in strictly increasing order");
    assertThat(HistogramRules.violation(custom(2, Double.POSITIVE_INFINITY)))
        .isEqualTo(
            "custom buckets: last +Inf bound must not be explicitly defined: histogram custom bounds"
                + " must be finite");
    assertThat(HistogramRules.violation(custom(2, Double.NaN, 3)))
        .isEqualTo("custom buckets: histogram custom bounds must not be NaN");
    assertThat(HistogramRules.violation(custom(1, 2).zero(0, bits(1))))
        .isEqualTo("custom buckets: must have zero count of 0");
    assertThat(HistogramRules.violation(custom(1, 2).zero(1, 0)))
        .isEqualTo("custom buckets: must have zero threshold of 0");
    SpanHistogram h = custom(1, 2);
    h.negative().addSpan(0, 0);
    assertThat(HistogramRules.violation(h))
        .isEqualTo("custom buckets: must not have negative spans");
    h = custom(1, 2);
    h.negative().addBucket(0);
    assertThat(HistogramRules.violation(h))
        .isEqualTo("custom buckets: must not have negative buckets");
    h = whole();
    h.addBound(1);
    assertThat(HistogramRules.violation(h))
        .isEqualTo("histogram with exponential schema must not have custom bounds");
  }
}
