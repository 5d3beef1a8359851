package io.narthex.model.histogram;

import java.util.Arrays;

/**
 * Gathers the series of one classic histogram and makes a native one with custom buckets of them,
 * as upstream's {@code util/convertnhcb} does: the bounds are those of the classic buckets, counts
 * are whole if all of the classic ones are, and the bucket of {@code +Inf} is the overall count if
 * it is missing. Reusable, for one thread.
 */
public final class ClassicBuckets {

  /** The longest run of empty buckets that is written rather than skipped, in whole histograms. */
  private static final int EMPTY_KEPT = 2;

  private double[] bounds = new double[16];
  private double[] counts = new double[16];
  private int size;
  private double count;
  private boolean hasCount;
  private double sum;
  private boolean wrong;

  /** Forgets all. */
  public void clear() {
    size = 0;
    count = 0;
    hasCount = false;
    sum = 0;
    wrong = false;
  }

  /**
   * Adds a bucket, the first of those with one bound.
   *
   * @param bound the upper bound, not NaN
   * @param cumulative the observations up to it
   */
  public void bucket(double bound, double cumulative) {
    wrong |= cumulative < 0;
    int at = size;
    while (at > 0 && bounds[at - 1] > bound) {
      at--;
    }
    if (at > 0 && bounds[at - 1] == bound) {
      return;
    }
    if (size == bounds.length) {
      bounds = Arrays.copyOf(bounds, size * 2);
      counts = Arrays.copyOf(counts, size * 2);
    }
    System.arraycopy(bounds, at, bounds, at + 1, size - at);
    System.arraycopy(counts, at, counts, at + 1, size - at);
    bounds[at] = bound;
    counts[at] = cumulative;
    size++;
  }

  /** Sets the number of all observations. */
  public void count(double value) {
    wrong |= value < 0;
    count = value;
    hasCount = true;
  }

  /** Sets the sum of all observations. */
  public void sum(double value) {
    sum = value;
  }

  /**
   * Writes the histogram.
   *
   * @param into is emptied first
   * @return false if the series contradict each other: counts that fall, or another number of
   *     observations than the last bucket has
   */
  public boolean convert(SpanHistogram into) {
    if (wrong) {
      return false;
    }
    if (!hasCount && size > 0) {
      count = counts[size - 1];
    }
    if (size == 0 || bounds[size - 1] != Double.POSITIVE_INFINITY) {
      bucket(Double.POSITIVE_INFINITY, count);
    }
    double before = 0;
    boolean whole = isWhole(count);
    for (int i = 0; i < size; i++) {
      if (!(counts[i] >= before)) {
        return false;
      }
      whole &= isWhole(counts[i]);
      before = counts[i];
    }
    if (count != before) {
      return false;
    }
    fill(into, whole);
    return HistogramRules.violation(into) == null;
  }

  private static boolean isWhole(double value) {
    return value == (double) (long) value && Math.abs(value) < 0x1p63;
  }

  private void fill(SpanHistogram into, boolean whole) {
    into.reset(!whole).schema(FloatHistogram.CUSTOM_BUCKETS).sum(sum).count(number(count, whole));
    for (int i = 0; i < size - 1; i++) {
      into.addBound(bounds[i]);
    }
    int kept = whole ? EMPTY_KEPT : 0;
    int behind = 0;
    int i = firstFull(0);
    while (i < size) {
      int from = i;
      int to = i + 1;
      for (i = firstFull(to); i < size && i - to <= kept; i = firstFull(to)) {
        to = i + 1;
      }
      into.positive().addSpan(from - behind, to - from);
      behind = to;
      for (int bucket = from; bucket < to; bucket++) {
        into.positive().addBucket(number(own(bucket), whole));
      }
    }
  }

  private int firstFull(int from) {
    int i = from;
    while (i < size && own(i) == 0) {
      i++;
    }
    return i;
  }

  private double own(int bucket) {
    return bucket == 0 ? counts[0] : counts[bucket] - counts[bucket - 1];
  }

  private static long number(double value, boolean whole) {
    return whole ? (long) value : Double.doubleToRawLongBits(value);
  }
}
