package io.narthex.promql.engine.core;

import java.util.Arrays;

/** Quantiles of values. */
public final class Quantiles {

  private Quantiles() {}

  /**
   * The quantile of some values, interpolated between the two around it; NaN counts as smaller than
   * all numbers.
   *
   * @param quantile -Inf is the answer below 0, +Inf above 1
   * @param values sorted by this method up to {@code size}
   */
  public static double of(double quantile, double[] values, int size) {
    if (size == 0 || Double.isNaN(quantile)) {
      return Double.NaN;
    }
    if (quantile < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (quantile > 1) {
      return Double.POSITIVE_INFINITY;
    }
    Arrays.sort(values, 0, size);
    // The sort puts NaNs last; they are to be first.
    int nans = 0;
    while (nans < size && Double.isNaN(values[size - 1 - nans])) {
      nans++;
    }
    double rank = quantile * (size - 1);
    int lower = (int) Math.max(0, Math.floor(rank));
    int upper = Math.min(size - 1, lower + 1);
    double weight = rank - Math.floor(rank);
    return at(values, size, nans, lower) * (1 - weight) + at(values, size, nans, upper) * weight;
  }

  private static double at(double[] values, int size, int nans, int index) {
    return index < nans ? values[size - 1] : values[index - nans];
  }
}
