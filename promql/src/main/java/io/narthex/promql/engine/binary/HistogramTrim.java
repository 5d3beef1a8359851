package io.narthex.promql.engine.binary;

import io.narthex.model.histogram.FloatHistogram;

/**
 * Cuts a histogram at a value: the observations above or below it go.
 *
 * <p>What is in the bucket that holds the value is divided as quantiles divide it, linearly in
 * custom and zero buckets and exponentially in exponential ones. Nothing can be divided in a bucket
 * that reaches to infinity: cutting towards its infinite end removes it, cutting away from it keeps
 * it. The new sum is that of all observations kept, each taken to lie in the middle of what is left
 * of its bucket; a cut that removes nothing leaves the sum as it was.
 */
final class HistogramTrim {

  private final FloatHistogram histogram;
  private final double value;
  private final boolean below;
  private final boolean custom;
  private double keptCount;
  private double keptSum;
  private boolean removed;

  private HistogramTrim(FloatHistogram histogram, double value, boolean below) {
    this.histogram = histogram;
    this.value = value;
    this.below = below;
    this.custom = histogram.usesCustomBuckets();
  }

  /** Keeps what is not above a value; changes the histogram. */
  static FloatHistogram keepBelow(FloatHistogram histogram, double value) {
    return new HistogramTrim(histogram, value, true).run();
  }

  /** Keeps what is not below a value; changes the histogram. */
  static FloatHistogram keepAbove(FloatHistogram histogram, double value) {
    return new HistogramTrim(histogram, value, false).run();
  }

  private FloatHistogram run() {
    for (int i = 0; i < histogram.positiveBuckets(); i++) {
      int index = histogram.positiveIndex(i);
      double lower = histogram.bound(index - 1);
      double upper = histogram.bound(index);
      double count = histogram.positiveCount(i);
      if (count != 0) {
        histogram.positiveCount(
            i, custom ? customBucket(lower, upper, count) : bucket(lower, upper, count, false));
      }
    }
    for (int i = 0; i < histogram.negativeBuckets(); i++) {
      int index = histogram.negativeIndex(i);
      double count = histogram.negativeCount(i);
      if (count != 0) {
        histogram.negativeCount(
            i, bucket(-histogram.bound(index), -histogram.bound(index - 1), count, false));
      }
    }
    zeroBucket();
    if (removed) {
      histogram.count(keptCount).sum(keptCount == 0 ? 0 : keptSum);
    }
    return histogram.compact();
  }

  /** The zero bucket reaches to one side only where there are buckets on that side only. */
  private void zeroBucket() {
    double count = histogram.zeroCount();
    if (count <= 0) {
      return;
    }
    double threshold = histogram.zeroThreshold();
    boolean noNegative = histogram.negativeBuckets() == 0;
    boolean noPositive = histogram.positiveBuckets() == 0;
    double lower = noNegative && !noPositive ? 0 : -threshold;
    double upper = noPositive && !noNegative ? 0 : threshold;
    histogram.zero(threshold, bucket(lower, upper, count, true));
  }

  /** What is left of a bucket with finite bounds. */
  private double bucket(double lower, double upper, double count, boolean linear) {
    if (below ? upper <= value : lower >= value) {
      return keep(count, middle(lower, upper, linear));
    }
    if (below ? lower >= value : upper <= value) {
      return remove();
    }
    double under = linear ? (value - lower) / (upper - lower) : exponential(lower, upper);
    removed = true;
    return below
        ? keep(count * under, middle(lower, value, linear))
        : keep(count - count * under, middle(value, upper, linear));
  }

  private double customBucket(double lower, double upper, double count) {
    boolean open = lower == Double.NEGATIVE_INFINITY;
    if (open && upper == Double.POSITIVE_INFINITY) {
      boolean whole = below ? value == upper : value == lower;
      if (!whole) {
        return remove();
      }
      // Nothing is known of where they lie, and as nothing is removed nobody asks.
      return keep(count, 0);
    }
    if (upper == Double.POSITIVE_INFINITY) {
      if (!below) {
        return value == upper ? remove() : keep(count, Math.max(lower, value));
      }
      return value == upper ? keep(count, lower) : remove();
    }
    if (open && upper > 0) {
      // Positive observations: the bucket begins at zero.
      if (below || value >= 0) {
        return bucket(0, upper, count, true);
      }
      return value == lower ? keep(count, upper / 2) : remove();
    }
    if (open) {
      if (below) {
        return value == lower ? remove() : keep(count, Math.min(upper, value));
      }
      return value == lower ? keep(count, upper) : remove();
    }
    return bucket(lower, upper, count, true);
  }

  private double keep(double count, double middle) {
    keptCount += count;
    keptSum += count * middle;
    return count;
  }

  private double remove() {
    removed = true;
    return 0;
  }

  private static double middle(double lower, double upper, boolean linear) {
    if (linear) {
      return (lower + upper) / 2;
    }
    double middle = Math.sqrt(Math.abs(lower) * Math.abs(upper));
    return upper > 0 ? middle : -middle;
  }

  /** The share of an exponential bucket that lies below the value. */
  private double exponential(double lower, double upper) {
    double low = Math.log(Math.abs(lower));
    double high = Math.log(Math.abs(upper));
    double at = Math.log(Math.abs(value));
    return (at - low) / (high - low);
  }
}
