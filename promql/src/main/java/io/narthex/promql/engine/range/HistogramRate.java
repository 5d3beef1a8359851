package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import org.jspecify.annotations.Nullable;

/** The difference between the last and the first histogram of a window. */
final class HistogramRate {

  private HistogramRate() {}

  /**
   * The last minus the first histogram, with what was counted before each reset added; null, with a
   * remark, where they cannot be combined. At least two histograms.
   */
  static @Nullable FloatHistogram difference(
      Window window, int from, int to, boolean counter, boolean useStarts, SeriesRemarks remarks) {
    FloatHistogram previous = window.histogram(from);
    FloatHistogram last = window.histogram(to - 1);
    window.look(64 * (to - from));
    boolean starts = useStarts && window.hasStarts();
    if (counter && (isGauge(previous) || isGauge(last))) {
      remarks.notCounter();
    }
    if (counter) {
      FloatHistogram second = window.histogram(from + 1);
      if ((starts && Rate.Starts.histogramReset(window, from + 1))
          || second.isResetAfter(previous)) {
        // The first one's layout does not matter then: it is not looked at.
        previous =
            second.usesCustomBuckets()
                ? FloatHistogram.custom(second.bounds())
                : new FloatHistogram(second.schema());
      }
    }
    boolean custom = previous.usesCustomBuckets();
    if (last.usesCustomBuckets() != custom) {
      remarks.mixedSchemas();
      return null;
    }
    int schema = Math.min(last.schema(), previous.schema());
    if (counter) {
      for (int i = from + 1; i < to - 1; i++) {
        FloatHistogram current = window.histogram(i);
        if (isGauge(current)) {
          remarks.notCounter();
        }
        schema = Math.min(schema, current.schema());
        if (current.usesCustomBuckets() != custom) {
          remarks.mixedSchemas();
          return null;
        }
      }
    }
    FloatHistogram result = last.copy().reduceTo(schema);
    if (!combine(result, previous, false, remarks)) {
      return null;
    }
    if (counter) {
      boolean overlap = false;
      for (int i = from + 1; i < to; i++) {
        FloatHistogram current = window.histogram(i);
        if (starts && !overlap && Rate.Starts.histogramOverlap(window, i)) {
          remarks.overlappingStart();
          overlap = true;
        }
        boolean reset =
            (starts && Rate.Starts.histogramReset(window, i)) || current.isResetAfter(previous);
        if (reset && !combine(result, previous, true, remarks)) {
          return null;
        }
        previous = current;
      }
    } else if (!isGauge(window.histogram(from)) || !isGauge(last)) {
      remarks.notGauge();
    }
    return result.hint(ResetHint.GAUGE).compact();
  }

  private static boolean isGauge(FloatHistogram histogram) {
    return histogram.hint() == ResetHint.GAUGE;
  }

  /** Adds or subtracts in place; false, with a remark, where that is not possible. */
  static boolean combine(
      FloatHistogram into, FloatHistogram other, boolean add, SeriesRemarks remarks) {
    try {
      if (add) {
        into.add(other);
      } else {
        into.subtract(other);
      }
    } catch (IncompatibleHistogramsException e) {
      remarks.mixedSchemas();
      return false;
    }
    if (into.boundsReconciled()) {
      remarks.reconciled(add ? "addition" : "subtraction");
    }
    return true;
  }

  /** The sum, in place of the first; null, with a remark, where there is none. */
  static @Nullable FloatHistogram sum(
      FloatHistogram into, FloatHistogram other, SeriesRemarks remarks) {
    return combine(into, other, true, remarks) ? into : null;
  }
}
