package io.narthex.promql.engine.binary;

import io.narthex.model.histogram.FloatHistogram;

/**
 * Cuts a histogram at a value: the observations above or below it go. What is in the bucket that
 * holds the value is divided as quantiles divide it, linearly in custom and zero buckets and
 * exponentially in exponential ones; the sum loses what went, each at the middle of where it was.
 */
final class HistogramTrim {

  private final FloatHistogram histogram;
  private final double value;
  private final boolean below;
  private final boolean custom;
  private double kept;
  private double removedSum;
  private boolean hasPositive;
  private boolean hasNegative;

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
        hasPositive |= !custom || upper > 0;
        hasNegative |= custom && (upper <= 0 || lower < 0);
        histogram.positiveCount(i, trim(lower, upper, count, true));
      }
    }
    for (int i = 0; i < histogram.negativeBuckets(); i++) {
      int index = histogram.negativeIndex(i);
      double count = histogram.negativeCount(i);
      if (count != 0) {
        hasNegative = true;
        histogram.negativeCount(
            i, trim(-histogram.bound(index), -histogram.bound(index - 1), count, false));
      }
    }
    double zero = histogram.zeroCount();
    if (zero > 0) {
      double threshold = histogram.zeroThreshold();
      double under = split(-threshold, threshold, zero, true, true);
      double left = below ? under : zero - under;
      histogram.zero(threshold, left);
      kept += left;
    }
    double sum = 0;
    if (kept != 0) {
      sum = histogram.sum() - removedSum;
      if ((!hasNegative && sum < 0) || (!hasPositive && sum > 0)) {
        sum = 0;
      }
    }
    return histogram.count(kept).sum(sum).compact();
  }

  /** What is left of a bucket. */
  private double trim(double lower, double upper, double count, boolean positive) {
    boolean whole = below ? upper <= value : lower >= value;
    if (whole) {
      kept += count;
      return count;
    }
    boolean cut = below ? lower < value : upper > value;
    if (cut) {
      return cut(lower, upper, count, positive);
    }
    double middle;
    if (custom) {
      middle = middleOfCustom(lower, upper);
    } else {
      // Buckets of negative values lie below zero.
      middle = positive ? Math.sqrt(lower * upper) : -Math.sqrt(lower * upper);
    }
    removedSum += count * middle;
    return 0;
  }

  private double middleOfCustom(double lower, double upper) {
    if (Double.isInfinite(lower)) {
      return infiniteMiddle(lower, upper);
    }
    return Double.isInfinite(upper) ? lower : (lower + upper) / 2;
  }

  private double infiniteMiddle(double lower, double upper) {
    if (value >= 0 && upper > value && !Double.isInfinite(upper)) {
      return below ? (value + upper) / 2 : value / 2;
    }
    return Double.isInfinite(lower) ? upper : lower;
  }

  private double cut(double lower, double upper, double count, boolean positive) {
    double left;
    double middle;
    if (Double.isInfinite(lower)) {
      boolean divisible = value >= 0 && upper > value && !Double.isInfinite(upper);
      // The bucket is taken to begin at zero; one that ends below it cannot be divided and goes.
      left = divisible ? (below ? count * value / upper : count * (1 - value / upper)) : 0;
      middle = infiniteMiddle(lower, upper);
    } else if (Double.isInfinite(upper)) {
      left = 0;
      middle = lower;
    } else {
      double under = split(lower, upper, count, positive, custom);
      left = below ? under : count - under;
      if (custom) {
        middle = (lower + upper) / 2;
      } else {
        double product =
            below ? Math.abs(lower) * Math.abs(value) : Math.abs(value) * Math.abs(upper);
        middle = positive ? Math.sqrt(product) : -Math.sqrt(product);
      }
    }
    removedSum += (count - left) * middle;
    kept += left;
    return left;
  }

  /** How many of a bucket's observations are not above the value. */
  private double split(double lower, double upper, double count, boolean positive, boolean linear) {
    if (value <= lower) {
      return 0;
    }
    if (value >= upper) {
      return count;
    }
    double fraction;
    if (linear) {
      fraction = (value - lower) / (upper - lower);
    } else {
      double low = log2(Math.abs(lower));
      double high = log2(Math.abs(upper));
      double at = log2(Math.abs(value));
      fraction = positive ? (at - low) / (high - low) : 1 - (at - high) / (low - high);
    }
    return count * fraction;
  }

  private static double log2(double value) {
    return Math.log(value) / Math.log(2);
  }
}
