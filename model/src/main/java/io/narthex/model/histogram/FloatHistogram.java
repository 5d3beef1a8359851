package io.narthex.model.histogram;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A native histogram whose counts need not be whole, as queries compute with. Mutable; operations
 * change the receiver and return it, so copy what is shared. Not thread-safe.
 *
 * <p>With a schema from -4 to 8 the bucket of index i holds values in (2^((i-1)/2^schema),
 * 2^(i/2^schema)], mirrored for negative values, and a zero bucket takes those whose magnitude is
 * at most the zero threshold. With the schema {@link #CUSTOM_BUCKETS} the bucket of index i holds
 * values in (bounds[i-1], bounds[i]], the first from -Inf, the last to +Inf, and there are no
 * negative and no zero buckets.
 *
 * <p>The arithmetic is that of Prometheus' native histograms (specification "Native Histograms"):
 * histograms of different resolutions meet at the lower one, zero buckets at the wider threshold
 * that cuts no populated bucket, custom bounds at those that both have.
 */
public final class FloatHistogram {

  /** The schema of histograms with explicit bounds. */
  public static final int CUSTOM_BUCKETS = -53;

  /** What is known about the sample before, of the same series. */
  public enum ResetHint {
    UNKNOWN,
    /** The counting began anew before this one. */
    RESET,
    /** It did not. */
    NO_RESET,
    /** There is no counting: the histogram goes up and down. */
    GAUGE
  }

  /** What an addition or subtraction met. Flags of the last one. */
  private boolean resetCollision;

  private boolean boundsReconciled;

  private ResetHint hint = ResetHint.UNKNOWN;
  private int schema;
  private double zeroThreshold;
  private double zeroCount;
  private double count;
  private double sum;
  private Buckets positive = new Buckets();
  private Buckets negative = new Buckets();
  private double[] bounds = Buckets.NO_COUNTS;

  /** An empty histogram with exponential buckets of a schema, or custom ones without bounds. */
  public FloatHistogram(int schema) {
    this.schema = schema;
  }

  /** An empty histogram with custom buckets. */
  public static FloatHistogram custom(double... bounds) {
    FloatHistogram histogram = new FloatHistogram(CUSTOM_BUCKETS);
    histogram.bounds = bounds;
    return histogram;
  }

  /** A copy that shares nothing that changes. */
  public FloatHistogram copy() {
    FloatHistogram copy = new FloatHistogram(schema);
    copy.hint = hint;
    copy.zeroThreshold = zeroThreshold;
    copy.zeroCount = zeroCount;
    copy.count = count;
    copy.sum = sum;
    copy.positive = positive.copy();
    copy.negative = negative.copy();
    copy.bounds = bounds;
    return copy;
  }

  public FloatHistogram count(double value) {
    count = value;
    return this;
  }

  public FloatHistogram sum(double value) {
    sum = value;
    return this;
  }

  public FloatHistogram hint(ResetHint value) {
    hint = value;
    return this;
  }

  /** Sets the zero bucket. */
  public FloatHistogram zero(double threshold, double observations) {
    zeroThreshold = threshold;
    zeroCount = observations;
    return this;
  }

  /** Sets the positive buckets, or the custom ones, from an index on without gaps. */
  public FloatHistogram positive(int firstIndex, double... counts) {
    positive = dense(firstIndex, counts);
    return this;
  }

  /** Sets the negative buckets from an index on without gaps. */
  public FloatHistogram negative(int firstIndex, double... counts) {
    negative = dense(firstIndex, counts);
    return this;
  }

  private static Buckets dense(int firstIndex, double[] counts) {
    int[] indices = new int[counts.length];
    Arrays.setAll(indices, i -> firstIndex + i);
    return new Buckets(indices, counts.clone(), counts.length);
  }

  public int schema() {
    return schema;
  }

  /** The number of observations, NaN observations included. */
  public double count() {
    return count;
  }

  /** The sum of the observations; the stale marker in a histogram that ends its series. */
  public double sum() {
    return sum;
  }

  public double zeroThreshold() {
    return zeroThreshold;
  }

  public double zeroCount() {
    return zeroCount;
  }

  public ResetHint hint() {
    return hint;
  }

  /** The upper bounds of custom buckets, without +Inf: read only. */
  public double[] bounds() {
    return bounds;
  }

  public boolean usesCustomBuckets() {
    return schema == CUSTOM_BUCKETS;
  }

  /** The number of positive or custom buckets that are kept, empty ones included. */
  public int positiveBuckets() {
    return positive.size;
  }

  public int positiveIndex(int bucket) {
    return positive.indices[bucket];
  }

  public double positiveCount(int bucket) {
    return positive.counts[bucket];
  }

  /** Changes the count of a positive or custom bucket that is kept. */
  public void positiveCount(int bucket, double value) {
    positive.counts[bucket] = value;
  }

  /** The number of negative buckets that are kept, empty ones included. */
  public int negativeBuckets() {
    return negative.size;
  }

  public int negativeIndex(int bucket) {
    return negative.indices[bucket];
  }

  public double negativeCount(int bucket) {
    return negative.counts[bucket];
  }

  /** Changes the count of a negative bucket that is kept. */
  public void negativeCount(int bucket, double value) {
    negative.counts[bucket] = value;
  }

  /** This histogram, or a copy of it that says nothing of resets. */
  public FloatHistogram withoutResetHint() {
    return switch (hint) {
      case UNKNOWN, GAUGE -> this;
      case RESET, NO_RESET -> copy().hint(ResetHint.UNKNOWN);
    };
  }

  // --- Bounds ---

  /**
   * The upper bound, by magnitude, of the bucket of an index; -Inf for the one before the first.
   */
  public double bound(int index) {
    return bound(index, schema, bounds);
  }

  static double bound(int index, int schema, double[] bounds) {
    if (schema == CUSTOM_BUCKETS) {
      if (index < 0) {
        return Double.NEGATIVE_INFINITY;
      }
      return index < bounds.length ? bounds[index] : Double.POSITIVE_INFINITY;
    }
    if (schema < 0) {
      int exponent = index << -schema;
      return exponent == 1024 ? Double.MAX_VALUE : powerOfTwo(1, exponent);
    }
    int within = index & ((1 << schema) - 1);
    double fraction = within == 0 ? 0.5 : Math.pow(2, within / (double) (1 << schema)) / 2;
    int exponent = (index >> schema) + 1;
    if (fraction == 0.5 && exponent == 1025) {
      return Double.MAX_VALUE;
    }
    return powerOfTwo(fraction, exponent);
  }

  private static double powerOfTwo(double fraction, int exponent) {
    // Math.scalb rounds once; exponents beyond the range go to infinity or zero.
    return Math.scalb(fraction, exponent);
  }

  // --- Arithmetic ---

  /** Multiplies all counts and the sum; a negative factor makes it a gauge. */
  public FloatHistogram multiply(double factor) {
    zeroCount *= factor;
    count *= factor;
    sum *= factor;
    positive.multiply(factor);
    negative.multiply(factor);
    if (factor < 0) {
      hint = ResetHint.GAUGE;
    }
    return this;
  }

  /** Divides all counts and the sum; dividing by zero leaves no buckets. */
  public FloatHistogram divide(double divisor) {
    zeroCount /= divisor;
    count /= divisor;
    sum /= divisor;
    if (divisor == 0) {
      positive.clear();
      negative.clear();
      return this;
    }
    positive.divide(divisor);
    negative.divide(divisor);
    if (divisor < 0) {
      hint = ResetHint.GAUGE;
    }
    return this;
  }

  /**
   * Adds another histogram, which stays as it is.
   *
   * @throws IncompatibleHistogramsException if one has custom buckets and the other has not
   */
  public FloatHistogram add(FloatHistogram other) {
    return combine(other, 1, null);
  }

  /**
   * Subtracts another histogram, which stays as it is.
   *
   * @throws IncompatibleHistogramsException if one has custom buckets and the other has not
   */
  public FloatHistogram subtract(FloatHistogram other) {
    return combine(other, -1, null);
  }

  /** Whether the last addition or subtraction met one hint of a reset and one of none. */
  public boolean resetCollision() {
    return resetCollision;
  }

  /** Whether the last addition or subtraction met custom bounds that differ. */
  public boolean boundsReconciled() {
    return boundsReconciled;
  }

  FloatHistogram combine(FloatHistogram other, double factor, @Nullable HistogramSum compensated) {
    if (usesCustomBuckets() != other.usesCustomBuckets()) {
      throw new IncompatibleHistogramsException();
    }
    resetCollision = mergeHints(other);
    boundsReconciled = false;
    Side side = compensated == null ? Side.PLAIN : compensated;
    if (usesCustomBuckets()) {
      side.total(this, other.zeroCount * 0, factor * other.count, factor * other.sum);
      if (Arrays.equals(bounds, other.bounds)) {
        positive.add(other.positive, 0, factor, side.positive());
      } else {
        boundsReconciled = true;
        double[] common = common(bounds, other.bounds);
        side.rebound(bounds, common);
        positive = rebound(positive, bounds, common);
        positive.add(rebound(other.positive, other.bounds, common), 0, factor, side.positive());
        bounds = common;
      }
      return this;
    }
    double otherZero = reconcileZero(other, side);
    side.total(this, factor * otherZero, factor * other.count, factor * other.sum);
    if (other.schema < schema) {
      side.reduce(schema - other.schema);
      reduceTo(other.schema);
    }
    int steps = other.schema - schema;
    addSide(positive, other.positive.reduced(steps), factor, side.positive());
    addSide(negative, other.negative.reduced(steps), factor, side.negative());
    return this;
  }

  private void addSide(
      Buckets own, Buckets other, double factor, Buckets.Compensation compensation) {
    int from = 0;
    while (from < other.size && bound(other.indices[from]) <= zeroThreshold) {
      from++;
    }
    own.add(other, from, factor, compensation);
  }

  private boolean mergeHints(FloatHistogram other) {
    if (other.hint == hint || hint == ResetHint.GAUGE) {
      return false;
    }
    if (other.hint == ResetHint.GAUGE) {
      hint = ResetHint.GAUGE;
      return false;
    }
    boolean collision = hint != ResetHint.UNKNOWN && other.hint != ResetHint.UNKNOWN;
    hint = ResetHint.UNKNOWN;
    return collision;
  }

  /** Widens this histogram's zero bucket as needed; returns what the other's would hold then. */
  private double reconcileZero(FloatHistogram other, Side side) {
    double otherCount = other.zeroCount;
    double otherThreshold = other.zeroThreshold;
    while (otherThreshold != zeroThreshold) {
      if (zeroThreshold > otherThreshold) {
        Zero wider = other.widerZero(zeroThreshold);
        otherCount = wider.count;
        otherThreshold = wider.threshold;
      }
      if (otherThreshold > zeroThreshold) {
        Zero wider = widerZero(otherThreshold);
        side.widenZero(this, wider.threshold);
        zeroCount = wider.count;
        zeroThreshold = wider.threshold;
        dropInsideZero();
      }
    }
    return otherCount;
  }

  private record Zero(double count, double threshold) {}

  /** What the zero bucket would hold with a threshold that is at least as large as given. */
  private Zero widerZero(double wanted) {
    if (wanted == zeroThreshold) {
      return new Zero(zeroCount, wanted);
    }
    double threshold = wanted;
    while (true) {
      double total = zeroCount;
      for (int i = 0; i < positive.size; i++) {
        int index = positive.indices[i];
        if (bound(index - 1) >= threshold) {
          break;
        }
        total += positive.counts[i];
        if (bound(index) > threshold) {
          if (positive.counts[i] != 0) {
            threshold = bound(index);
          }
          break;
        }
      }
      boolean again = false;
      for (int i = 0; i < negative.size; i++) {
        int index = negative.indices[i];
        if (bound(index - 1) >= threshold) {
          break;
        }
        total += negative.counts[i];
        if (bound(index) > threshold) {
          if (negative.counts[i] != 0) {
            threshold = bound(index);
            again = true;
          }
          break;
        }
      }
      if (!again) {
        return new Zero(total, threshold);
      }
    }
  }

  private void dropInsideZero() {
    positive.dropFirst(insideZero(positive));
    negative.dropFirst(insideZero(negative));
  }

  private int insideZero(Buckets buckets) {
    int n = 0;
    while (n < buckets.size && bound(buckets.indices[n] - 1) < zeroThreshold) {
      n++;
    }
    return n;
  }

  /** Lowers the resolution; a schema that is not lower changes nothing. */
  public FloatHistogram reduceTo(int lowerSchema) {
    if (lowerSchema < schema && !usesCustomBuckets() && lowerSchema != CUSTOM_BUCKETS) {
      positive = positive.reduced(schema - lowerSchema);
      negative = negative.reduced(schema - lowerSchema);
      schema = lowerSchema;
    }
    return this;
  }

  /** The bounds that two ascending lists have in common. */
  static double[] common(double[] a, double[] b) {
    double[] common = new double[Math.min(a.length, b.length)];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i] == b[j]) {
        common[n++] = a[i];
        i++;
        j++;
      } else if (a[i] < b[j]) {
        i++;
      } else {
        j++;
      }
    }
    return Arrays.copyOf(common, n);
  }

  /** The same observations in the buckets of fewer bounds. */
  static Buckets rebound(Buckets buckets, double[] bounds, double[] fewer) {
    int[] indices = new int[buckets.size];
    double[] counts = new double[buckets.size];
    int n = 0;
    for (int i = 0; i < buckets.size; i++) {
      double upper = bound(buckets.indices[i], CUSTOM_BUCKETS, bounds);
      int index = n == 0 ? 0 : indices[n - 1];
      while (index < fewer.length && fewer[index] < upper) {
        index++;
      }
      if (n > 0 && indices[n - 1] == index) {
        counts[n - 1] += buckets.counts[i];
      } else {
        indices[n] = index;
        counts[n] = buckets.counts[i];
        n++;
      }
    }
    return new Buckets(indices, counts, n);
  }

  /** Takes away buckets without observations. */
  public FloatHistogram compact() {
    positive.compact();
    negative.compact();
    return this;
  }

  /** Whether the counting began anew between the sample before and this one. */
  public boolean isResetAfter(FloatHistogram previous) {
    if (hint == ResetHint.RESET) {
      return true;
    }
    if (hint == ResetHint.NO_RESET) {
      return false;
    }
    if (count < previous.count || usesCustomBuckets() != previous.usesCustomBuckets()) {
      return true;
    }
    if (usesCustomBuckets()) {
      if (Arrays.equals(bounds, previous.bounds)) {
        return positive.lessThan(previous.positive, 0, 0);
      }
      double[] common = common(bounds, previous.bounds);
      return rebound(positive, bounds, common)
          .lessThan(rebound(previous.positive, previous.bounds, common), 0, 0);
    }
    if (schema > previous.schema || zeroThreshold < previous.zeroThreshold) {
      return true;
    }
    Zero wider = previous.widerZero(zeroThreshold);
    if (wider.threshold != zeroThreshold || zeroCount < wider.count) {
      return true;
    }
    int steps = previous.schema - schema;
    return sideReset(positive, previous.positive.reduced(steps))
        || sideReset(negative, previous.negative.reduced(steps));
  }

  private boolean sideReset(Buckets own, Buckets previous) {
    int from = 0;
    while (from < previous.size && bound(previous.indices[from]) <= zeroThreshold) {
      from++;
    }
    int ownFrom = 0;
    while (ownFrom < own.size && bound(own.indices[ownFrom]) <= zeroThreshold) {
      ownFrom++;
    }
    return own.lessThan(previous, from, ownFrom);
  }

  /** Whether any count or the sum is infinite. */
  public boolean hasOverflow() {
    if (Double.isInfinite(zeroCount) || Double.isInfinite(count) || Double.isInfinite(sum)) {
      return true;
    }
    return hasInfinite(positive) || hasInfinite(negative);
  }

  private static boolean hasInfinite(Buckets buckets) {
    for (int i = 0; i < buckets.size; i++) {
      if (Double.isInfinite(buckets.counts[i])) {
        return true;
      }
    }
    return false;
  }

  /** Whether both are the same data: layout, counts and sum, to the bit; hints do not count. */
  public boolean sameAs(FloatHistogram other) {
    return schema == other.schema
        && same(count, other.count)
        && same(sum, other.sum)
        && (!usesCustomBuckets() || Arrays.equals(bounds, other.bounds))
        && zeroThreshold == other.zeroThreshold
        && same(zeroCount, other.zeroCount)
        && negative.sameAs(other.negative)
        && positive.sameAs(other.positive);
  }

  private static boolean same(double a, double b) {
    return Double.doubleToRawLongBits(a) == Double.doubleToRawLongBits(b);
  }

  FloatHistogram sides(Buckets positiveSide, Buckets negativeSide, double[] customBounds) {
    positive = positiveSide;
    negative = negativeSide;
    bounds = customBounds;
    return this;
  }

  Buckets positiveSide() {
    return positive;
  }

  Buckets negativeSide() {
    return negative;
  }

  void addTotals(double zero, double observations, double total) {
    zeroCount += zero;
    count += observations;
    sum += total;
  }

  void zeroCount(double value) {
    zeroCount = value;
  }

  /** How a combination adds up: plainly, or with the rounding errors kept. */
  interface Side {
    Side PLAIN =
        new Side() {
          @Override
          public void total(FloatHistogram into, double zero, double count, double sum) {
            into.addTotals(zero, count, sum);
          }

          @Override
          public Buckets.Compensation positive() {
            return Buckets.Compensation.NONE;
          }

          @Override
          public Buckets.Compensation negative() {
            return Buckets.Compensation.NONE;
          }

          @Override
          public void reduce(int steps) {}

          @Override
          public void rebound(double[] bounds, double[] fewer) {}

          @Override
          public void widenZero(FloatHistogram of, double threshold) {}
        };

    void total(FloatHistogram into, double zero, double count, double sum);

    Buckets.Compensation positive();

    Buckets.Compensation negative();

    void reduce(int steps);

    void rebound(double[] bounds, double[] fewer);

    void widenZero(FloatHistogram of, double threshold);
  }

  /** All buckets in ascending order of their values, the zero bucket among them if populated. */
  public BucketCursor ascending() {
    return new BucketCursor(this, false);
  }

  /** All buckets in descending order of their values, the zero bucket among them if populated. */
  public BucketCursor descending() {
    return new BucketCursor(this, true);
  }

  /** Go's text of it: count, sum and populated buckets. */
  @Override
  public String toString() {
    return HistogramText.of(this);
  }
}
