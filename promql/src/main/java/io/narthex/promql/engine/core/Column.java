package io.narthex.promql.engine.core;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.value.StaleMarker;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What one series yields: a value per step of the grid, or none. Reusable; it belongs to one thread
 * at a time.
 *
 * <p>A step without a float holds {@link #ABSENT}, the stale marker's bits. The marker cannot be a
 * value: selectors drop it, and arithmetic on NaNs never yields a signalling NaN. So one array says
 * it all, which a bitmap beside the values would not: the hot loops read one stream of memory, and
 * a copy of the array is a copy of the column.
 *
 * <p>Steps that hold a histogram have it in a second array, which is there only where there are
 * any; the first array is {@code ABSENT} there, so that loops over floats pass histograms by.
 */
public final class Column {

  /** The value of a step that has no float. Compare with {@link #isAbsent}, never with ==. */
  public static final double ABSENT = StaleMarker.VALUE;

  /** An object with two short lists of buckets; what large ones take beyond it is not counted. */
  private static final long HISTOGRAM_BYTES = 256;

  private final double[] values;
  private @Nullable FloatHistogram @Nullable [] histograms;
  private int histogramCount;

  public Column(int steps) {
    values = new double[steps];
    Arrays.fill(values, ABSENT);
  }

  /** Whether a value stands for no float. */
  public static boolean isAbsent(double value) {
    return Double.doubleToRawLongBits(value) == StaleMarker.BITS;
  }

  /** The number of steps. */
  public int steps() {
    return values.length;
  }

  /** The floats, one per step; writing to them is fine. */
  public double[] values() {
    return values;
  }

  /** Whether any step holds a histogram. */
  public boolean hasHistograms() {
    return histogramCount > 0;
  }

  /** The histogram of a step, or null. It is shared: copy it before changing it. */
  public @Nullable FloatHistogram histogram(int step) {
    return histogramCount > 0 && histograms != null ? histograms[step] : null;
  }

  /** Puts a histogram at a step, in place of what was there. */
  public void set(int step, FloatHistogram histogram) {
    if (histograms == null) {
      histograms = new @Nullable FloatHistogram[values.length];
    }
    histogramCount += histograms[step] == null ? 1 : 0;
    histograms[step] = histogram;
    values[step] = ABSENT;
  }

  /** Puts a float at a step, in place of what was there. */
  public void set(int step, double value) {
    values[step] = value;
    if (histogramCount > 0 && histograms != null && histograms[step] != null) {
      histograms[step] = null;
      histogramCount--;
    }
  }

  /** Takes away what a step holds. */
  public void remove(int step) {
    set(step, ABSENT);
  }

  /** Whether a step holds anything. */
  public boolean present(int step) {
    return !isAbsent(values[step]) || histogram(step) != null;
  }

  /** Whether no step holds anything. */
  public boolean isEmpty() {
    for (double value : values) {
      if (!isAbsent(value)) {
        return false;
      }
    }
    return histogramCount == 0;
  }

  /** The number of steps that hold something; one that holds a histogram holds no float. */
  public int count() {
    int count = histogramCount;
    for (double value : values) {
      if (!isAbsent(value)) {
        count++;
      }
    }
    return count;
  }

  /** About how many bytes a column of so many steps takes, without histograms. */
  public static long bytes(int steps) {
    return 48 + 8L * steps;
  }

  /** About how many bytes it takes. */
  public long bytes() {
    return histogramCount == 0
        ? bytes(values.length)
        : bytes(values.length) + 4L * values.length + histogramCount * HISTOGRAM_BYTES;
  }

  /** Empties all steps. */
  public void clear() {
    Arrays.fill(values, ABSENT);
    clearHistograms();
  }

  /** Empties the steps that hold a histogram. */
  public void clearHistograms() {
    if (histogramCount > 0 && histograms != null) {
      Arrays.fill(histograms, null);
    }
    histogramCount = 0;
  }

  /** Takes over what one step of another column holds. */
  public void copyStep(int step, Column other, int otherStep) {
    FloatHistogram histogram = other.histogram(otherStep);
    if (histogram == null) {
      set(step, other.values[otherStep]);
    } else {
      set(step, histogram);
    }
  }

  /** Becomes equal to another column of the same number of steps; histograms are shared. */
  public void copyFrom(Column other) {
    System.arraycopy(other.values, 0, values, 0, values.length);
    clearHistograms();
    if (other.histogramCount > 0) {
      for (int i = 0; i < values.length; i++) {
        FloatHistogram histogram = other.histogram(i);
        if (histogram != null) {
          set(i, histogram);
        }
      }
    }
  }
}
