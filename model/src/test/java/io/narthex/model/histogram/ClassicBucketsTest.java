package io.narthex.model.histogram;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ClassicBucketsTest {

  private final ClassicBuckets classic = new ClassicBuckets();
  private final SpanHistogram made = new SpanHistogram();

  private void buckets(double... boundsAndCounts) {
    classic.clear();
    for (int i = 0; i < boundsAndCounts.length; i += 2) {
      classic.bucket(boundsAndCounts[i], boundsAndCounts[i + 1]);
    }
  }

  @Test
  void wholeCountsMakeAWholeHistogram() {
    buckets(1, 2, 2, 2, 5, 7, Double.POSITIVE_INFINITY, 8);
    classic.count(8);
    classic.sum(12.5);
    assertThat(classic.convert(made)).isTrue();
    assertThat(made.floats()).isFalse();
    assertThat(made.schema()).isEqualTo(FloatHistogram.CUSTOM_BUCKETS);
    assertThat(made.count()).isEqualTo(8);
    assertThat(made.sum()).isEqualTo(12.5);
    assertThat(made.bounds()).isEqualTo(3);
    assertThat(made.positive().spans()).isEqualTo(1);
    assertThat(made.positive().buckets()).isEqualTo(4);
    assertThat(made.positive().bucket(2)).isEqualTo(5);
  }

  @Test
  void longRunsOfEmptyBucketsAreLeftOut() {
    buckets(1, 0, 2, 1, 3, 1, 4, 1, 5, 1, 6, 2, 7, 2);
    classic.count(2);
    assertThat(classic.convert(made)).isTrue();
    assertThat(made.positive().spans()).isEqualTo(2);
    assertThat(made.positive().spanOffset(0)).isEqualTo(1);
    assertThat(made.positive().spanOffset(1)).isEqualTo(3);
    assertThat(made.positive().buckets()).isEqualTo(2);
    assertThat(made.bounds()).isEqualTo(7);
  }

  @Test
  void brokenCountsMakeAHistogramOfFloats() {
    buckets(1, 0.5);
    classic.count(1.5);
    assertThat(classic.convert(made)).isTrue();
    assertThat(made.floats()).isTrue();
    assertThat(Double.longBitsToDouble(made.positive().bucket(1))).isEqualTo(1);
  }

  @Test
  void theOrderDoesNotMatterAndTheLastBucketMayBeMissing() {
    buckets(5, 3, 1, 1);
    classic.bucket(5, 9);
    assertThat(classic.convert(made)).isTrue();
    assertThat(made.count()).isEqualTo(3);
    assertThat(made.bound(0)).isEqualTo(1);
    classic.clear();
    classic.count(4);
    assertThat(classic.convert(made)).isTrue();
    assertThat(made.bounds()).isZero();
    assertThat(made.count()).isEqualTo(4);
  }

  @Test
  void contradictionsMakeNone() {
    buckets(1, 3, 2, 1);
    assertThat(classic.convert(made)).as("falling counts").isFalse();
    buckets(1, 3, Double.POSITIVE_INFINITY, 3);
    classic.count(4);
    assertThat(classic.convert(made)).as("another count than the last bucket").isFalse();
    buckets(1, -1);
    assertThat(classic.convert(made)).as("a negative count").isFalse();
    buckets(1, Double.NaN);
    assertThat(classic.convert(made)).as("a count that is no number").isFalse();
    buckets();
    assertThat(classic.convert(made)).as("nothing observed").isTrue();
  }
}
