package io.narthex.model.histogram;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FloatHistogramTest {

  private static FloatHistogram exponential(int schema, int first, double... counts) {
    double total = 0;
    for (double c : counts) {
      total += c;
    }
    return new FloatHistogram(schema).positive(first, counts).count(total).sum(total);
  }

  @Test
  void boundsAreThePowersOfTheBase() {
    FloatHistogram whole = new FloatHistogram(0);
    assertThat(whole.bound(0)).isEqualTo(1);
    assertThat(whole.bound(3)).isEqualTo(8);
    assertThat(whole.bound(-2)).isEqualTo(0.25);
    FloatHistogram fine = new FloatHistogram(2);
    assertThat(fine.bound(1)).isEqualTo(1.189207115002721);
    assertThat(fine.bound(-1)).isEqualTo(0.8408964152537145);
    FloatHistogram coarse = new FloatHistogram(-2);
    assertThat(coarse.bound(1)).isEqualTo(16);
    assertThat(whole.bound(1024)).isEqualTo(Double.MAX_VALUE);
    assertThat(whole.bound(1025)).isEqualTo(Double.POSITIVE_INFINITY);
  }

  @Test
  void additionMeetsAtTheLowerResolution() {
    FloatHistogram fine = exponential(1, 1, 1, 2, 3, 4);
    FloatHistogram coarse = exponential(0, 1, 10, 20);

    FloatHistogram sum = fine.copy().add(coarse);

    assertThat(sum.schema()).isZero();
    assertThat(sum).hasToString("{count:40, sum:40, (1,2]:13, (2,4]:27}");
    assertThat(coarse.copy().add(fine).sameAs(sum)).isTrue();
    assertThat(fine).hasToString(exponential(1, 1, 1, 2, 3, 4).toString());
  }

  @Test
  void zeroBucketsMeetAtAThresholdThatCutsNoPopulatedBucket() {
    FloatHistogram narrow = exponential(0, -1, 3, 0, 5).zero(0.001, 2).count(10);
    FloatHistogram wide = exponential(0, 1, 7).zero(0.3, 1).count(8);

    FloatHistogram sum = narrow.copy().add(wide);

    // 0.3 lies inside the populated bucket (0.25, 0.5], so all of it goes into the zero bucket.
    assertThat(sum.zeroThreshold()).isEqualTo(0.5);
    assertThat(sum.zeroCount()).isEqualTo(6);
    assertThat(sum.count()).isEqualTo(18);
    assertThat(sum.compact()).hasToString("{count:18, sum:15, [-0.5,0.5]:6, (1,2]:12}");
  }

  @Test
  void customBoundsMeetAtThoseInCommon() {
    FloatHistogram a = FloatHistogram.custom(1, 2, 4).positive(0, 1, 2, 3, 4).count(10);
    FloatHistogram b = FloatHistogram.custom(2, 3, 4).positive(0, 10, 20, 30, 40).count(100);

    FloatHistogram sum = a.copy().add(b);

    assertThat(sum.boundsReconciled()).isTrue();
    assertThat(sum.bounds()).containsExactly(2, 4);
    assertThat(sum).hasToString("{count:110, sum:0, [-Inf,2]:13, (2,4]:53, (4,+Inf]:44}");
    assertThat(a.copy().add(a).boundsReconciled()).isFalse();
  }

  @Test
  void exponentialAndCustomBucketsDoNotMeet() {
    assertThatThrownBy(() -> new FloatHistogram(0).add(FloatHistogram.custom(1)))
        .isInstanceOf(IncompatibleHistogramsException.class);
  }

  @Test
  void hintsCollideOnlyWhereTheyContradict() {
    FloatHistogram reset = new FloatHistogram(0).hint(ResetHint.RESET);
    FloatHistogram none = new FloatHistogram(0).hint(ResetHint.NO_RESET);
    FloatHistogram unknown = new FloatHistogram(0);
    FloatHistogram gauge = new FloatHistogram(0).hint(ResetHint.GAUGE);

    FloatHistogram collided = reset.copy().add(none);
    assertThat(collided.resetCollision()).isTrue();
    assertThat(collided.hint()).isEqualTo(ResetHint.UNKNOWN);
    assertThat(none.copy().add(none).hint()).isEqualTo(ResetHint.NO_RESET);
    assertThat(none.copy().add(unknown).hint()).isEqualTo(ResetHint.UNKNOWN);
    assertThat(none.copy().add(gauge).hint()).isEqualTo(ResetHint.GAUGE);
    assertThat(none.copy().add(gauge).resetCollision()).isFalse();
  }

  @Test
  void aCounterThatFellAnywhereWasReset() {
    FloatHistogram before = exponential(0, 1, 1, 2, 3);

    assertThat(exponential(0, 1, 1, 2, 3).isResetAfter(before)).isFalse();
    assertThat(exponential(0, 1, 2, 2, 3, 9).isResetAfter(before)).isFalse();
    assertThat(exponential(0, 1, 9, 1, 9).isResetAfter(before)).isTrue();
    assertThat(exponential(0, 2, 9, 9).isResetAfter(before)).isTrue();
    assertThat(exponential(1, 1, 9, 9, 9, 9, 9, 9).isResetAfter(before)).isTrue();
    assertThat(exponential(-1, 1, 3, 3).isResetAfter(before)).isFalse();
    assertThat(exponential(0, 1, 0.5).hint(ResetHint.NO_RESET).isResetAfter(before)).isFalse();
    assertThat(exponential(0, 1, 9, 9, 9).hint(ResetHint.RESET).isResetAfter(before)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void subtractionUndoesAddition(long seed) {
    Random random = new Random(seed);
    for (int i = 0; i < 200; i++) {
      FloatHistogram a = random(random);
      FloatHistogram b = random(random);
      FloatHistogram back = a.copy().add(b).subtract(b).compact();
      FloatHistogram reduced = a.copy().reduceTo(Math.min(a.schema(), b.schema())).compact();
      assertThat(back.hint(reduced.hint()).sameAs(reduced))
          .as("%s + %s - itself = %s", a, b, back)
          .isTrue();
    }
  }

  private static FloatHistogram random(Random random) {
    double[] positive = random.ints(random.nextInt(6), 0, 100).asDoubleStream().toArray();
    double[] negative = random.ints(random.nextInt(6), 0, 100).asDoubleStream().toArray();
    return new FloatHistogram(random.nextInt(5) - 2)
        .positive(random.nextInt(20) - 5, positive)
        .negative(random.nextInt(20) - 5, negative)
        .zero(1e-9, random.nextInt(10))
        .count(random.nextInt(1000))
        .sum(random.nextInt(1000));
  }

  @Test
  void aCompensatedSumKeepsWhatRoundingLoses() {
    FloatHistogram large = exponential(0, 1, 1e100).count(1e100).sum(1e100);
    FloatHistogram small = exponential(0, 1, 1).count(1).sum(1);
    HistogramSum sum = new HistogramSum(large);
    sum.add(small);
    sum.add(large.copy().multiply(-1));

    assertThat(sum.result()).hasToString("{count:1, sum:1, (1,2]:1}");
  }

  @Test
  void bucketsAreWalkedInOrderOfTheirValues() {
    FloatHistogram h =
        new FloatHistogram(0).positive(0, 1, 2).negative(0, 3, 4).zero(0.75, 5).count(15);
    StringBuilder up = new StringBuilder();
    for (BucketCursor b = h.ascending(); b.next(); ) {
      up.append(b.lower()).append("..").append(b.upper()).append(':').append(b.count()).append(' ');
    }
    assertThat(up.toString())
        .isEqualTo("-2.0..-1.0:4.0 -1.0..-0.75:3.0 -0.75..0.75:5.0 0.75..1.0:1.0 1.0..2.0:2.0 ");
    StringBuilder down = new StringBuilder();
    for (BucketCursor b = h.descending(); b.next(); ) {
      down.append(b.count()).append(' ');
    }
    assertThat(down.toString()).isEqualTo("2.0 1.0 5.0 3.0 4.0 ");
  }
}
