package io.narthex.promql.engine.core;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.HistogramSum;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import org.jspecify.annotations.Nullable;

/**
 * The sum or the mean of histograms, compensated. A mean is the sum divided by the number, or the
 * mean of the mean before and the next one from where on the sum would overflow. Not thread-safe.
 */
public final class HistogramAccumulator {

  private final boolean average;
  private @Nullable HistogramSum sum;
  private int count;
  private boolean incremental;
  private boolean reset;
  private boolean noReset;
  private boolean reconciled;

  /**
   * @param average whether the result is the mean
   */
  public HistogramAccumulator(boolean average) {
    this.average = average;
  }

  /**
   * Adds a histogram, which stays as it is.
   *
   * @throws IncompatibleHistogramsException if one has custom buckets and the other has not
   */
  public void add(FloatHistogram histogram) {
    reset |= histogram.hint() == ResetHint.RESET;
    noReset |= histogram.hint() == ResetHint.NO_RESET;
    count++;
    if (sum == null) {
      sum = new HistogramSum(histogram);
      return;
    }
    if (average && !incremental) {
      HistogramSum next = sum.copy();
      next.add(histogram);
      reconciled |= next.uncorrected().boundsReconciled();
      if (!next.uncorrected().hasOverflow()) {
        sum = next;
        return;
      }
      incremental = true;
      sum.divide(count - 1);
    }
    if (incremental) {
      sum.multiply((count - 1) / (double) count);
      sum.add(histogram.copy().divide(count));
    } else {
      sum.add(histogram);
    }
    reconciled |= sum.uncorrected().boundsReconciled();
  }

  /** The result, or null if nothing was added. The accumulator is used up. */
  public @Nullable FloatHistogram result() {
    if (sum == null) {
      return null;
    }
    if (average && !incremental) {
      sum.divide(count);
    }
    return sum.result();
  }

  /** Whether some histograms said that the counting began anew and others that it did not. */
  public boolean resetCollision() {
    return reset && noReset;
  }

  /** Whether custom bounds differed. */
  public boolean reconciled() {
    return reconciled;
  }
}
