package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.engine.core.Column;
import java.util.Arrays;

/**
 * {@code rate}, {@code increase} and {@code delta}: the difference between the last and the first
 * sample of a window, resets of a counter made good, extended to the window's edges.
 *
 * <p>Prometheus' extrapolation, which this follows to the bit: towards each edge the slope is
 * extended to the edge if the gap is shorter than 1.1 times the average distance of samples, else
 * by half that distance; a counter is never extended beyond the moment where it would have been
 * zero; and a start timestamp inside the window stands for a sample of zero.
 *
 * <p>All of that but the zero point depends on timestamps alone, and series that are scraped
 * together share those. So the factors are kept until the windows move, and a step of a
 * well-behaved counter costs a subtraction, a multiplication and two comparisons.
 */
final class Rate implements WindowFunction {

  private final boolean counter;
  private final boolean perSecond;
  private final boolean useStarts;

  // By step, from timestamps alone; valid while the window's stamp is this.
  private long stamp = -1;
  private double[] interval = new double[0];
  private double[] toStart = new double[0];
  private double[] toEnd = new double[0];
  private double[] factor = new double[0];
  // A counter's zero point may only be nearer than the start if first <= reach * result.
  private double[] reach = new double[0];
  private boolean allPresent;
  // The samples that are smaller than the one before.
  private int[] resets = new int[0];

  /**
   * @param counter whether samples that fall are resets
   * @param perSecond whether the result is divided by the window's width
   * @param useStarts whether start timestamps count
   */
  Rate(boolean counter, boolean perSecond, boolean useStarts) {
    this.counter = counter;
    this.perSecond = perSecond;
    this.useStarts = useStarts;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    if (window.hasHistograms() || (useStarts && counter && window.hasStarts())) {
      into.clear();
      for (int i = 0; i < into.steps(); i++) {
        applyAny(window, i, remarks, into);
      }
      return;
    }
    into.clearHistograms();
    if (stamp != window.moved()) {
      extrapolations(window);
    }
    int resetCount = counter ? findResets(window) : 0;
    if (resetCount > 0) {
      withResets(window, resetCount, into.values());
    } else {
      withoutResets(window, into.values());
    }
  }

  private void extrapolations(Window window) {
    int steps = window.steps();
    if (interval.length < steps) {
      interval = new double[steps];
      toStart = new double[steps];
      toEnd = new double[steps];
      factor = new double[steps];
      reach = new double[steps];
    }
    allPresent = true;
    long[] times = window.times();
    WindowShape shape = window.shape();
    for (int i = 0; i < steps; i++) {
      int first = window.from()[i];
      int last = window.to()[i] - 1;
      if (last <= first) {
        allPresent = false;
        continue;
      }
      double sampled = (times[last] - times[first]) / 1000.0;
      double average = sampled / (last - first);
      double threshold = average * 1.1;
      double before = (times[first] - shape.start(i)) / 1000.0;
      double behind = (shape.end(i) - times[last]) / 1000.0;
      interval[i] = sampled;
      toStart[i] = before >= threshold ? average / 2 : before;
      toEnd[i] = behind >= threshold ? average / 2 : behind;
      factor[i] = factor(sampled, toStart[i], toEnd[i], shape);
      // A little more than the quotient, so that rounding never hides a case.
      reach[i] = counter ? toStart[i] / sampled * 1.000001 : Double.NEGATIVE_INFINITY;
    }
    stamp = window.moved();
  }

  private double factor(double sampled, double before, double behind, WindowShape shape) {
    double factor = (sampled + before + behind) / sampled;
    return perSecond ? factor / seconds(shape) : factor;
  }

  private static double seconds(WindowShape shape) {
    return shape.range() / 1000.0;
  }

  private int findResets(Window window) {
    double[] values = window.values();
    int size = window.size();
    int count = 0;
    for (int i = 1; i < size; i++) {
      if (values[i] < values[i - 1]) {
        if (count == resets.length) {
          resets = Arrays.copyOf(resets, Math.max(16, count * 2));
        }
        resets[count++] = i;
      }
    }
    return count;
  }

  private void withoutResets(Window window, double[] out) {
    double[] values = window.values();
    int[] from = window.from();
    int[] to = window.to();
    double[] factors = factor;
    double[] reaches = reach;
    if (!allPresent) {
      for (int i = 0; i < out.length; i++) {
        int first = from[i];
        int last = to[i] - 1;
        out[i] =
            last <= first
                ? Column.ABSENT
                : extended(window, i, values[first], values[last] - values[first]);
      }
      return;
    }
    for (int i = 0; i < out.length; i++) {
      double first = values[from[i]];
      double result = values[to[i] - 1] - first;
      out[i] =
          first <= reaches[i] * result ? extended(window, i, first, result) : result * factors[i];
    }
  }

  private void withResets(Window window, int resetCount, double[] out) {
    double[] values = window.values();
    int next = 0;
    for (int i = 0; i < out.length; i++) {
      int first = window.from()[i];
      int last = window.to()[i] - 1;
      if (last <= first) {
        out[i] = Column.ABSENT;
        continue;
      }
      while (next < resetCount && resets[next] <= first) {
        next++;
      }
      double result = values[last] - values[first];
      for (int r = next; r < resetCount && resets[r] <= last; r++) {
        result += values[resets[r] - 1];
      }
      out[i] = extended(window, i, values[first], result);
    }
  }

  private double extended(Window window, int step, double first, double result) {
    // The zero point is nearer than the start where interval * first / result < toStart. The
    // division is only done where the product says that it may be so.
    if (first <= reach[step] * result && counter && result > 0 && first >= 0) {
      double toZero = interval[step] * (first / result);
      if (toZero < toStart[step]) {
        return result * factor(interval[step], toZero, toEnd[step], window.shape());
      }
    }
    return result * factor[step];
  }

  // --- Histograms and start timestamps ---

  private void applyAny(Window window, int step, SeriesRemarks remarks, Column into) {
    int from = window.from()[step];
    int to = window.to()[step];
    int histogramFrom = window.histogramFrom(step);
    int histogramTo = window.histogramTo(step);
    boolean floats = to > from;
    if (floats && histogramTo > histogramFrom) {
      remarks.mixed();
      return;
    }
    if (!floats && histogramTo == histogramFrom) {
      return;
    }
    long firstTime;
    long lastTime;
    long firstStart;
    int gaps;
    double first;
    double result = 0;
    FloatHistogram histogram = null;
    if (floats) {
      gaps = to - 1 - from;
      firstTime = window.times()[from];
      lastTime = window.times()[to - 1];
      firstStart = useStarts ? window.start(from) : 0;
      first = window.values()[from];
      result = difference(window, from, to, remarks);
    } else {
      gaps = histogramTo - 1 - histogramFrom;
      firstTime = window.histogramTime(histogramFrom);
      lastTime = window.histogramTime(histogramTo - 1);
      firstStart = useStarts ? window.histogramStart(histogramFrom) : 0;
      first = window.histogram(histogramFrom).count();
      if (gaps > 0) {
        histogram =
            HistogramRate.difference(
                window, histogramFrom, histogramTo, counter, useStarts, remarks);
        if (histogram == null) {
          return;
        }
      }
    }
    WindowShape shape = window.shape();
    double before = (firstTime - shape.start(step)) / 1000.0;
    double behind = (shape.end(step) - lastTime) / 1000.0;
    double sampled = (lastTime - firstTime) / 1000.0;
    double average = gaps > 0 ? sampled / gaps : 0;
    double threshold = average * 1.1;
    if (counter && firstStart != 0 && firstStart > shape.start(step) && firstStart < firstTime) {
      before = 0;
      sampled = (lastTime - firstStart) / 1000.0;
      if (floats) {
        result += first;
      } else {
        FloatHistogram zeroth = window.histogram(histogramFrom);
        histogram =
            histogram == null ? zeroth.copy() : HistogramRate.sum(histogram, zeroth, remarks);
        if (histogram == null) {
          return;
        }
      }
    } else if (gaps == 0) {
      return;
    } else {
      if (before >= threshold) {
        before = average / 2;
      }
      double whole = histogram == null ? result : histogram.count();
      if (counter && whole > 0 && first >= 0) {
        before = Math.min(before, sampled * (first / whole));
      }
    }
    if (behind >= threshold) {
      behind = average / 2;
    }
    double scale = sampled != 0 ? (sampled + before + behind) / sampled : 1;
    if (perSecond) {
      scale /= seconds(shape);
    }
    if (histogram == null) {
      into.set(step, result * scale);
    } else {
      into.set(step, histogram.multiply(scale));
    }
  }

  private double difference(Window window, int from, int to, SeriesRemarks remarks) {
    double[] values = window.values();
    double result = values[to - 1] - values[from];
    if (!counter) {
      return result;
    }
    boolean overlap = false;
    for (int i = from + 1; i < to; i++) {
      boolean reset = values[i] < values[i - 1];
      if (useStarts && window.hasStarts()) {
        if (!overlap && Starts.overlap(window, i)) {
          remarks.overlappingStart();
          overlap = true;
        }
        reset |= Starts.reset(window, i);
      }
      if (reset) {
        result += values[i - 1];
      }
    }
    return result;
  }

  /** Resets that start timestamps tell of. */
  static final class Starts {
    private Starts() {}

    /** Whether a float was counted from anew after the one before it. */
    static boolean reset(Window window, int sample) {
      return reset(
          window.start(sample - 1),
          window.times()[sample - 1],
          window.start(sample),
          window.times()[sample]);
    }

    /** Whether a histogram was counted from anew after the one before it. */
    static boolean histogramReset(Window window, int sample) {
      return reset(
          window.histogramStart(sample - 1),
          window.histogramTime(sample - 1),
          window.histogramStart(sample),
          window.histogramTime(sample));
    }

    /**
     * A start behind the sample before is a reset; one at that very sample is so only if that
     * sample had a start of its own before it (else the producer does not know its start). A start
     * that is unknown or not before its sample says nothing.
     */
    static boolean reset(long previousStart, long previousTime, long start, long time) {
      if (start == 0 || start >= time || start < previousTime) {
        return false;
      }
      if (start > previousTime) {
        return true;
      }
      return previousStart != 0 && previousStart < previousTime;
    }

    /** Whether a float claims to have been counted since before the one before it. */
    static boolean overlap(Window window, int sample) {
      return overlap(window.start(sample - 1), window.times()[sample - 1], window.start(sample));
    }

    /** Whether a histogram claims to have been counted since before the one before it. */
    static boolean histogramOverlap(Window window, int sample) {
      return overlap(
          window.histogramStart(sample - 1),
          window.histogramTime(sample - 1),
          window.histogramStart(sample));
    }

    private static boolean overlap(long previousStart, long previousTime, long start) {
      return start != 0 && start < previousTime && start != previousStart;
    }
  }
}
