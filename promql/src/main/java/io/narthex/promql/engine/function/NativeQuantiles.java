package io.narthex.promql.engine.function;

import io.narthex.model.histogram.BucketCursor;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Remarks;

/** Quantiles and fractions of native histograms. */
final class NativeQuantiles {

  private NativeQuantiles() {}

  /**
   * The value below which a share of the observations lies. Within a bucket it is interpolated:
   * linearly in custom and zero buckets, exponentially in others.
   */
  static double quantile(
      double q, FloatHistogram h, String metric, Position position, Annotations annotations) {
    if (q < 0) {
      return Double.NEGATIVE_INFINITY;
    }
    if (q > 1) {
      return Double.POSITIVE_INFINITY;
    }
    if (h.count() == 0 || Double.isNaN(q)) {
      return Double.NaN;
    }
    // Observations of NaN are counted but lie in no bucket, above all others as it were; the sum
    // tells of them. So with them the buckets must be walked from below.
    boolean nans = Double.isNaN(h.sum());
    boolean forward = nans || q < 0.5;
    BucketCursor bucket = forward ? h.ascending() : h.descending();
    double rank = (forward ? q : 1 - q) * h.count();
    double count = 0;
    double lower = 0;
    double upper = 0;
    double inBucket = 0;
    while (bucket.next()) {
      if (bucket.count() == 0) {
        continue;
      }
      lower = bucket.lower();
      upper = bucket.upper();
      inBucket = bucket.count();
      count += inBucket;
      if (count >= rank) {
        break;
      }
    }
    if (h.usesCustomBuckets()) {
      if (lower == Double.NEGATIVE_INFINITY) {
        if (upper <= 0) {
          return upper;
        }
        lower = 0;
      } else if (upper == Double.POSITIVE_INFINITY) {
        return lower;
      }
    } else if (lower < 0 && upper > 0) {
      if (h.negativeBuckets() == 0 && h.positiveBuckets() > 0) {
        lower = 0;
      } else if (h.positiveBuckets() == 0 && h.negativeBuckets() > 0) {
        upper = 0;
      }
    }
    if (count > h.count()) {
      count = h.count();
    }
    if (count < rank) {
      if (nans) {
        annotations.info(
            "input to histogram_quantile has NaN observations, result is NaN"
                + Remarks.forMetricIfNamed(metric),
            position);
        return Double.NaN;
      }
      return upper;
    }
    if (nans && remaining(bucket, count) < h.count()) {
      annotations.info(
          "input to histogram_quantile has NaN observations, result is skewed higher"
              + Remarks.forMetricIfNamed(metric),
          position);
    }
    double fraction = (forward ? rank - (count - inBucket) : count - rank) / inBucket;
    if (h.usesCustomBuckets() || (lower <= 0 && upper >= 0)) {
      return lower + (upper - lower) * fraction;
    }
    double low = Logarithm.log2(Math.abs(lower));
    double high = Logarithm.log2(Math.abs(upper));
    return lower > 0
        ? FloatFunctions.exp2(low + (high - low) * fraction)
        : -FloatFunctions.exp2(high + (low - high) * (1 - fraction));
  }

  private static double remaining(BucketCursor bucket, double before) {
    double count = before;
    while (bucket.next()) {
      count += bucket.count();
    }
    return count;
  }

  /** The share of the observations between two values, interpolated as for quantiles. */
  static double fraction(
      double lower,
      double upper,
      FloatHistogram h,
      String metric,
      Position position,
      Annotations annotations) {
    if (h.count() == 0 || Double.isNaN(lower) || Double.isNaN(upper)) {
      return Double.NaN;
    }
    if (lower >= upper) {
      return 0;
    }
    if (Double.isNaN(h.sum()) && remaining(h.ascending(), 0) < h.count()) {
      annotations.info(
          "input to histogram_fraction has NaN observations, which are excluded from all fractions"
              + Remarks.forMetricIfNamed(metric),
          position);
    }
    return (rank(upper, h) - rank(lower, h)) / h.count();
  }

  /** How many observations are not above a value. */
  private static double rank(double value, FloatHistogram h) {
    double below = 0;
    BucketCursor bucket = h.ascending();
    while (bucket.next()) {
      double start = bucket.lower();
      double end = bucket.upper();
      boolean zero = start <= 0 && end >= 0;
      if (zero) {
        if (h.negativeBuckets() == 0 && h.positiveBuckets() > 0) {
          start = 0;
        } else if (h.positiveBuckets() == 0 && h.negativeBuckets() > 0) {
          end = 0;
        }
      }
      if (start >= value) {
        return Math.min(below, h.count());
      }
      if (end > value) {
        double share;
        if (start == Double.NEGATIVE_INFINITY) {
          share = 1;
        } else if (h.usesCustomBuckets() || zero) {
          share = (value - start) / (end - start);
        } else {
          double low = Logarithm.log2(Math.abs(start));
          double high = Logarithm.log2(Math.abs(end));
          double at = Logarithm.log2(Math.abs(value));
          share = value > 0 ? (at - low) / (high - low) : 1 - (at - high) / (low - high);
        }
        return Math.min(below + bucket.count() * share, h.count());
      }
      below += bucket.count();
    }
    // What is not in any bucket is NaN and no part of any fraction.
    return Double.isNaN(h.sum()) ? below : h.count();
  }
}
