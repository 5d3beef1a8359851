package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import io.narthex.promql.ast.VectorSelector.Extension;
import io.narthex.promql.engine.core.Column;
import org.jspecify.annotations.Nullable;

/**
 * {@code rate}, {@code increase} and {@code delta} over an anchored or smoothed range: the
 * difference between the values at the window's edges, without extrapolation. Anchored takes the
 * newest sample before an edge as the value there, smoothed interpolates between the samples around
 * it.
 */
final class EdgeRate implements WindowFunction {

  private final boolean counter;
  private final boolean perSecond;

  EdgeRate(boolean counter, boolean perSecond) {
    this.counter = counter;
    this.perSecond = perSecond;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clear();
    for (int i = 0; i < into.steps(); i++) {
      boolean floats = window.to()[i] > window.from()[i];
      boolean histograms = window.histogramTo(i) > window.histogramFrom(i);
      if (floats && histograms) {
        remarks.mixed();
      } else if (floats) {
        floats(window, i, into);
      } else if (histograms) {
        histograms(window, i, remarks, into);
      }
    }
  }

  /** The samples that count, first and last; or null if none lies inside the window. */
  private record Edges(int first, int last) {}

  private interface Times {
    long at(int sample);
  }

  private static @Nullable Edges edges(
      Times times, int from, int to, long start, long end, boolean smoothed) {
    int last = to - 1;
    int first = from;
    while (first < last && times.at(first) <= start) {
      first++;
    }
    first = Math.max(from, first - 1);
    if (smoothed) {
      int i = from;
      while (i < last && times.at(i) < end) {
        i++;
      }
      last = i;
    }
    if (times.at(last) <= start || (smoothed && times.at(first) > end)) {
      return null;
    }
    return new Edges(first, last);
  }

  private void floats(Window window, int step, Column into) {
    WindowShape shape = window.shape();
    long start = shape.start(step);
    long end = shape.end(step);
    boolean smoothed = shape.extension() == Extension.SMOOTHED;
    long[] times = window.times();
    double[] values = window.values();
    Edges edges =
        edges(i -> times[i], window.from()[step], window.to()[step], start, end, smoothed);
    if (edges == null) {
      return;
    }
    int first = edges.first;
    int last = edges.last;
    double left =
        smoothed && times[first] < start
            ? interpolate(times, values, first, start, counter)
            : values[first];
    double right =
        smoothed && last > window.from()[step] && times[last] > end
            ? interpolate(times, values, last - 1, end, counter)
            : values[last];
    double result = right - left;
    if (counter) {
      // The edges have seen to the resets that they lie in.
      int inner = times[first] <= start ? first + 1 : first;
      int innerLast = times[last] >= end ? last - 1 : last;
      double correction = 0;
      double previous = left;
      for (int i = inner; i <= innerLast; i++) {
        if (values[i] < previous) {
          correction += previous;
        }
        previous = values[i];
      }
      if (right < previous) {
        correction += previous;
      }
      result += correction;
    }
    into.set(step, perSecond ? result / (shape.range() / 1000.0) : result);
  }

  /** The value between a sample and the next; a counter that falls between them began at zero. */
  static double interpolate(long[] times, double[] values, int sample, long time, boolean counter) {
    double a = values[sample];
    double b = values[sample + 1];
    if (counter && b < a) {
      a = 0;
    }
    return a
        + (b - a) * (double) (time - times[sample]) / (double) (times[sample + 1] - times[sample]);
  }

  private void histograms(Window window, int step, SeriesRemarks remarks, Column into) {
    WindowShape shape = window.shape();
    long start = shape.start(step);
    long end = shape.end(step);
    boolean smoothed = shape.extension() == Extension.SMOOTHED;
    int from = window.histogramFrom(step);
    Edges edges =
        edges(window::histogramTime, from, window.histogramTo(step), start, end, smoothed);
    if (edges == null || !valid(window, edges, remarks)) {
      return;
    }
    int first = edges.first;
    int last = edges.last;
    FloatHistogram left;
    FloatHistogram right;
    try {
      left =
          smoothed && window.histogramTime(first) < start
              ? interpolate(window, first, start, counter, remarks)
              : window.histogram(first).copy();
      right =
          smoothed && last > from && window.histogramTime(last) > end
              ? interpolate(window, last - 1, end, counter, remarks)
              : window.histogram(last).copy();
    } catch (IncompatibleHistogramsException e) {
      remarks.mixedSchemas();
      return;
    }
    if (!counter && (left.hint() != ResetHint.GAUGE || right.hint() != ResetHint.GAUGE)) {
      remarks.notGauge();
    }
    FloatHistogram result = right.copy();
    if (!HistogramRate.combine(result, left, false, remarks)) {
      return;
    }
    if (counter && !addResets(window, edges, left, right, start, smoothed, result, remarks)) {
      return;
    }
    if (perSecond) {
      result.divide(shape.range() / 1000.0);
    }
    into.set(step, result.hint(ResetHint.GAUGE).compact());
  }

  private boolean valid(Window window, Edges edges, SeriesRemarks remarks) {
    boolean custom = window.histogram(edges.first).usesCustomBuckets();
    for (int i = edges.first; i <= edges.last; i++) {
      FloatHistogram histogram = window.histogram(i);
      if (histogram.usesCustomBuckets() != custom) {
        remarks.mixedSchemas();
        return false;
      }
      if (counter && histogram.hint() == ResetHint.GAUGE) {
        remarks.notCounter();
      }
    }
    return true;
  }

  private boolean addResets(
      Window window,
      Edges edges,
      FloatHistogram left,
      FloatHistogram right,
      long start,
      boolean smoothed,
      FloatHistogram result,
      SeriesRemarks remarks) {
    int first = edges.first + 1;
    FloatHistogram previous = left;
    if (smoothed
        && window.histogramTime(edges.first) < start
        && window.histogram(first).isResetAfter(window.histogram(edges.first))) {
      // The left edge lies in this reset and has seen to it.
      previous = window.histogram(first);
      first++;
    }
    // The last sample is what the right edge is made of, and so has the same hint.
    int last = edges.last - 1;
    if (first > last + 1) {
      return true;
    }
    FloatHistogram correction = null;
    for (int i = first; i <= last + 1; i++) {
      FloatHistogram current = i <= last ? window.histogram(i) : right;
      if (current.isResetAfter(previous)) {
        if (correction == null) {
          correction = previous.copy();
        } else if (!HistogramRate.combine(correction, previous, true, remarks)) {
          return false;
        }
      }
      previous = current;
    }
    return correction == null || HistogramRate.combine(result, correction, true, remarks);
  }

  /** The value between a histogram and the next; null, with a remark, where there is none. */
  static @Nullable FloatHistogram between(
      Window window, int sample, long time, SeriesRemarks remarks) {
    try {
      if (window.histogram(sample).usesCustomBuckets()
          != window.histogram(sample + 1).usesCustomBuckets()) {
        remarks.mixedSchemas();
        return null;
      }
      boolean counter = window.histogram(sample + 1).hint() != ResetHint.GAUGE;
      return interpolate(window, sample, time, counter, remarks);
    } catch (IncompatibleHistogramsException e) {
      remarks.mixedSchemas();
      return null;
    }
  }

  /** The histogram between a sample and the next. */
  private static FloatHistogram interpolate(
      Window window, int sample, long time, boolean counter, SeriesRemarks remarks) {
    return interpolate(
        window.histogram(sample),
        window.histogramTime(sample),
        window.histogram(sample + 1),
        window.histogramTime(sample + 1),
        time,
        counter,
        remarks);
  }

  private static FloatHistogram interpolate(
      FloatHistogram a,
      long aTime,
      FloatHistogram b,
      long bTime,
      long time,
      boolean counter,
      SeriesRemarks remarks) {
    if (time == aTime) {
      return a.copy();
    }
    if (time == bTime) {
      return b.copy();
    }
    double fraction = (double) (time - aTime) / (double) (bTime - aTime);
    if (counter && b.isResetAfter(a)) {
      return b.copy().multiply(fraction);
    }
    FloatHistogram result = b.copy().subtract(a);
    if (result.boundsReconciled()) {
      remarks.reconciled("subtraction");
    }
    result.multiply(fraction).add(a);
    if (result.boundsReconciled()) {
      remarks.reconciled("addition");
    }
    return result;
  }
}
