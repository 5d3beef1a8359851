package io.narthex.model.histogram;

import java.util.HashMap;
import java.util.Map;

/**
 * A sum of histograms with the rounding errors of all its counts kept apart and added in the end
 * (Kahan's compensation in Neumaier's form, as for floats). Not thread-safe.
 */
public final class HistogramSum implements FloatHistogram.Side {

  private FloatHistogram sum;
  private double zeroError;
  private double countError;
  private double sumError;
  private Map<Integer, Double> positiveErrors = new HashMap<>();
  private Map<Integer, Double> negativeErrors = new HashMap<>();

  /** Starts with a histogram, which is copied. */
  public HistogramSum(FloatHistogram first) {
    sum = first.copy();
  }

  /** An independent copy. */
  public HistogramSum copy() {
    HistogramSum copy = new HistogramSum(sum);
    copy.zeroError = zeroError;
    copy.countError = countError;
    copy.sumError = sumError;
    copy.positiveErrors = new HashMap<>(positiveErrors);
    copy.negativeErrors = new HashMap<>(negativeErrors);
    return copy;
  }

  /**
   * Adds a histogram, which stays as it is.
   *
   * @throws IncompatibleHistogramsException if one has custom buckets and the other has not
   */
  public void add(FloatHistogram other) {
    sum.combine(other, 1, this);
  }

  /** The sum without its errors: read only. */
  public FloatHistogram uncorrected() {
    return sum;
  }

  /** Multiplies the sum and its errors. */
  public void multiply(double factor) {
    sum.multiply(factor);
    scaleErrors(factor);
  }

  /** Divides the sum and its errors. */
  public void divide(double divisor) {
    sum.divide(divisor);
    zeroError /= divisor;
    countError /= divisor;
    sumError /= divisor;
    positiveErrors.replaceAll((index, error) -> error / divisor);
    negativeErrors.replaceAll((index, error) -> error / divisor);
  }

  private void scaleErrors(double factor) {
    zeroError *= factor;
    countError *= factor;
    sumError *= factor;
    positiveErrors.replaceAll((index, error) -> error * factor);
    negativeErrors.replaceAll((index, error) -> error * factor);
  }

  /** The sum with its errors; the sum itself is used up. */
  public FloatHistogram result() {
    sum.addTotals(zeroError, countError, sumError);
    correct(sum.positiveSide(), positiveErrors);
    correct(sum.negativeSide(), negativeErrors);
    return sum;
  }

  private static void correct(Buckets buckets, Map<Integer, Double> errors) {
    for (int i = 0; i < buckets.size; i++) {
      buckets.counts[i] += errors.getOrDefault(buckets.indices[i], 0.0);
    }
  }

  @Override
  public void total(FloatHistogram into, double zero, double count, double total) {
    zeroError = error(into.zeroCount(), zero, zeroError);
    countError = error(into.count(), count, countError);
    sumError = error(into.sum(), total, sumError);
    into.addTotals(zero, count, total);
  }

  @Override
  public Buckets.Compensation positive() {
    return compensation(positiveErrors);
  }

  @Override
  public Buckets.Compensation negative() {
    return compensation(negativeErrors);
  }

  private static Buckets.Compensation compensation(Map<Integer, Double> errors) {
    return (index, sum, value) -> {
      double before = errors.getOrDefault(index, 0.0);
      double after = error(sum, value, before);
      if (after != before) {
        errors.put(index, after);
      }
      return sum + value;
    };
  }

  @Override
  public void reduce(int steps) {
    positiveErrors = reindex(positiveErrors, index -> ((index - 1) >> steps) + 1);
    negativeErrors = reindex(negativeErrors, index -> ((index - 1) >> steps) + 1);
  }

  @Override
  public void rebound(double[] bounds, double[] fewer) {
    positiveErrors =
        reindex(
            positiveErrors,
            index -> {
              double upper = FloatHistogram.bound(index, FloatHistogram.CUSTOM_BUCKETS, bounds);
              int target = 0;
              while (target < fewer.length && fewer[target] < upper) {
                target++;
              }
              return target;
            });
  }

  @Override
  public void widenZero(FloatHistogram of, double threshold) {
    zeroError += takeInside(of, positiveErrors, threshold);
    zeroError += takeInside(of, negativeErrors, threshold);
  }

  private static double takeInside(
      FloatHistogram of, Map<Integer, Double> errors, double threshold) {
    double taken = 0;
    for (var i = errors.entrySet().iterator(); i.hasNext(); ) {
      Map.Entry<Integer, Double> e = i.next();
      if (of.bound(e.getKey() - 1) < threshold) {
        taken += e.getValue();
        i.remove();
      }
    }
    return taken;
  }

  private interface Reindexing {
    int apply(int index);
  }

  private static Map<Integer, Double> reindex(Map<Integer, Double> errors, Reindexing to) {
    Map<Integer, Double> result = new HashMap<>();
    errors.forEach((index, error) -> result.merge(to.apply(index), error, Double::sum));
    return result;
  }

  private static double error(double sum, double value, double error) {
    double total = sum + value;
    if (Double.isInfinite(total)) {
      return 0;
    }
    return Math.abs(sum) >= Math.abs(value)
        ? error + ((sum - total) + value)
        : error + ((value - total) + sum);
  }
}
