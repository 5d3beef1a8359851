package io.narthex.promql.engine.function;

import java.util.Arrays;

/**
 * The buckets of one classic histogram at one step: upper bounds and counts of what is not above
 * them. Reusable; not thread-safe.
 */
final class ClassicBuckets {

  // Counts that differ by less than this share are taken to be equal: floats were added in
  // different orders.
  private static final double TOLERANCE = 1e-12;

  private double[] bounds = new double[16];
  private double[] counts = new double[16];
  private int size;
  private boolean fixed;
  private double lowFixed;
  private double highFixed;
  private double mostFixed;

  void clear() {
    size = 0;
  }

  void add(double bound, double count) {
    if (size == bounds.length) {
      bounds = Arrays.copyOf(bounds, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    // Insertion: the buckets come nearly in order, and there are few.
    int at = size++;
    while (at > 0 && bounds[at - 1] > bound) {
      bounds[at] = bounds[at - 1];
      counts[at] = counts[at - 1];
      at--;
    }
    bounds[at] = bound;
    counts[at] = count;
  }

  boolean isEmpty() {
    return size == 0;
  }

  /** Whether the last quantile needed counts that fell to be raised. */
  boolean fixed() {
    return fixed;
  }

  double lowFixed() {
    return lowFixed;
  }

  double highFixed() {
    return highFixed;
  }

  double mostFixed() {
    return mostFixed;
  }

  /**
   * The value below which a share of the observations lies, interpolated within its bucket. May
   * change the counts.
   */
  double quantile(double q) {
    fixed = false;
    if (Double.isNaN(q)) {
      return Double.NaN;
    }
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (bounds[size - 1] != Double.POSITIVE_INFINITY) {
      return Double.NaN;
    }
    mergeEqual();
    makeMonotonic();
    if (size < 2) {
      return Double.NaN;
    }
    double observations = counts[size - 1];
    if (observations == 0) {
      return Double.NaN;
    }
    double rank = q * observations;
    int b = 0;
    while (b < size - 1 && !(counts[b] >= rank)) {
      b++;
    }
    if (b == size - 1) {
      return bounds[size - 2];
    }
    if (b == 0 && bounds[0] <= 0) {
      return bounds[0];
    }
    double start = 0;
    double count = counts[b];
    if (b > 0) {
      start = bounds[b - 1];
      count -= counts[b - 1];
      rank -= counts[b - 1];
    }
    return start + (bounds[b] - start) * (rank / count);
  }

  /** The share of the observations between two values, interpolated within buckets. */
  double fraction(double lower, double upper) {
    if (bounds[size - 1] != Double.POSITIVE_INFINITY) {
      return Double.NaN;
    }
    mergeEqual();
    double observations = counts[size - 1];
    if (observations == 0 || Double.isNaN(lower) || Double.isNaN(upper)) {
      return Double.NaN;
    }
    if (lower >= upper) {
      return 0;
    }
    return (rank(upper, observations) - rank(lower, observations)) / observations;
  }

  /** How many observations are not above a value. */
  private double rank(double value, double observations) {
    double below = 0;
    for (int i = 0; i < size; i++) {
      double start = start(i);
      if (start >= value) {
        return Math.min(below, observations);
      }
      if (bounds[i] > value) {
        // Nothing can be said within a bucket without a lower bound: all of it counts.
        double rank =
            start == Double.NEGATIVE_INFINITY
                ? counts[i]
                : below + (counts[i] - below) * (value - start) / (bounds[i] - start);
        return Math.min(rank, observations);
      }
      below = counts[i];
    }
    return observations;
  }

  private double start(int bucket) {
    if (bucket > 0) {
      return bounds[bucket - 1];
    }
    return bounds[0] > 0 ? 0 : Double.NEGATIVE_INFINITY;
  }

  private void mergeEqual() {
    int last = 0;
    for (int i = 1; i < size; i++) {
      if (bounds[i] == bounds[last]) {
        counts[last] += counts[i];
      } else {
        last++;
        bounds[last] = bounds[i];
        counts[last] = counts[i];
      }
    }
    size = last + 1;
  }

  private void makeMonotonic() {
    double previous = counts[0];
    lowFixed = Double.POSITIVE_INFINITY;
    highFixed = Double.NEGATIVE_INFINITY;
    mostFixed = 0;
    for (int i = 1; i < size; i++) {
      double current = counts[i];
      double distance = Math.abs(current - previous);
      if (distance == 0) {
        continue;
      }
      if (distance / current <= TOLERANCE) {
        counts[i] = previous;
        continue;
      }
      if (current < previous) {
        fixed = true;
        lowFixed = Math.min(lowFixed, bounds[i]);
        highFixed = Math.max(highFixed, bounds[i]);
        mostFixed = Math.max(mostFixed, previous - current);
        counts[i] = previous;
      } else {
        previous = current;
      }
    }
  }
}
