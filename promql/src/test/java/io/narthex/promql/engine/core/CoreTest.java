package io.narthex.promql.engine.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import java.util.List;
import java.util.Random;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class CoreTest {

  @Test
  void projectionsKeepOrDropLabels() {
    Labels labels = Labels.of("__name__", "m", "a", "1", "ab", "2", "b", "3", "z", "4");

    assertThat(LabelProjection.keeping(List.of("b", "a", "none")).apply(labels))
        .isEqualTo(Labels.of("a", "1", "b", "3"));
    assertThat(LabelProjection.dropping(List.of("b", "a", "none")).apply(labels))
        .isEqualTo(Labels.of("__name__", "m", "ab", "2", "z", "4"));
    assertThat(LabelProjection.droppingWithMetric(List.of("z")).apply(labels))
        .isEqualTo(Labels.of("a", "1", "ab", "2", "b", "3"));
    assertThat(LabelProjection.keeping(List.of()).apply(labels)).isEqualTo(Labels.EMPTY);
    assertThat(LabelProjection.dropping(List.of()).apply(labels)).isSameAs(labels);
    assertThat(
            Metadata.drop(Labels.of("__name__", "m", "__type__", "t", "__unit__", "u", "A", "1")))
        .isEqualTo(Labels.of("A", "1"));
  }

  @Test
  void labelSetsAreNumberedInTheOrderOfTheirAppearance() {
    LabelIndex index = new LabelIndex();
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 1000; i++) {
        assertThat(index.number(Labels.of("a", "v" + i))).isEqualTo(i);
      }
    }
    assertThat(index.size()).isEqualTo(1000);
    assertThat(index.labels(7)).isEqualTo(Labels.of("a", "v7"));
  }

  @Test
  void quantilesAreInterpolated() {
    double[] values = {3, 1, 2, Double.NaN};
    assertThat(Quantiles.of(1, values.clone(), 4)).isEqualTo(3);
    assertThat(Quantiles.of(0, values.clone(), 4)).isNaN();
    assertThat(Quantiles.of(0.5, values.clone(), 3)).isEqualTo(2);
    assertThat(Quantiles.of(0.25, values.clone(), 3)).isEqualTo(1.5);
    assertThat(Quantiles.of(-1, values.clone(), 3)).isEqualTo(Double.NEGATIVE_INFINITY);
    assertThat(Quantiles.of(2, values.clone(), 3)).isEqualTo(Double.POSITIVE_INFINITY);
    assertThat(Quantiles.of(0.5, values, 0)).isNaN();
  }

  @Test
  void compensationKeepsWhatRoundingLoses() {
    Kahan sum = new Kahan();
    DoubleStream.of(1, 1e100, 1, -1e100).forEach(sum::add);
    assertThat(sum.total()).isEqualTo(2);
  }

  /** The branchless error that sums use is the compared one's equal, both being exact. */
  @Test
  void bothWaysToTheErrorOfAnAdditionAgree() {
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      double a = Math.scalb(random.nextDouble() - 0.5, random.nextInt(600) - 300);
      double b = Math.scalb(random.nextDouble() - 0.5, random.nextInt(600) - 300);
      double total = a + b;
      double part = total - a;
      double branchless = (a - (total - part)) + (b - part);
      assertThat(branchless).isEqualTo(Kahan.compensation(a, b, total, 0));
    }
  }

  @Test
  void gridsEndAtTheLastStepWithinTheRange() {
    assertThat(Grid.of(0, 25, 10)).isEqualTo(new Grid(0, 10, 3));
    assertThat(Grid.of(0, 25, 10).end()).isEqualTo(20);
    assertThat(Grid.of(10, 5, 10).count()).isZero();
    assertThat(Grid.instant(7).end()).isEqualTo(7);
  }
}
