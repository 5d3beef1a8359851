package io.narthex.model.histogram;

/**
 * Walks the buckets of a histogram in the order of their values. Buckets that overlap the zero
 * bucket begin or end at its threshold. Not thread-safe.
 */
public final class BucketCursor {

  private final FloatHistogram histogram;
  private final boolean descending;
  // The walk over negative buckets, the zero bucket and positive buckets as one line of numbers.
  private final int negatives;
  private final int all;
  private int at = -1;
  private double lower;
  private double upper;
  private double count;
  private boolean lowerInclusive;
  private boolean upperInclusive;

  BucketCursor(FloatHistogram histogram, boolean descending) {
    this.histogram = histogram;
    this.descending = descending;
    negatives = histogram.negativeBuckets();
    all = negatives + 1 + histogram.positiveBuckets();
  }

  /** Moves to the next bucket; false behind the last. */
  public boolean next() {
    while (++at < all) {
      int place = descending ? all - 1 - at : at;
      if (place < negatives) {
        negative(negatives - 1 - place);
        return true;
      }
      if (place > negatives) {
        positive(place - negatives - 1);
        return true;
      }
      if (histogram.zeroCount() > 0) {
        zero();
        return true;
      }
    }
    return false;
  }

  private void negative(int bucket) {
    int index = histogram.negativeIndex(bucket);
    lower = -histogram.bound(index);
    upper = -histogram.bound(index - 1);
    if (upper > -histogram.zeroThreshold()) {
      upper = -histogram.zeroThreshold();
    }
    lowerInclusive = true;
    upperInclusive = false;
    count = histogram.negativeCount(bucket);
  }

  private void positive(int bucket) {
    int index = histogram.positiveIndex(bucket);
    lower = histogram.bound(index - 1);
    upper = histogram.bound(index);
    if (!histogram.usesCustomBuckets() && lower < histogram.zeroThreshold()) {
      lower = histogram.zeroThreshold();
    }
    lowerInclusive = histogram.usesCustomBuckets() && index == 0;
    upperInclusive = true;
    count = histogram.positiveCount(bucket);
  }

  private void zero() {
    lower = -histogram.zeroThreshold();
    upper = histogram.zeroThreshold();
    lowerInclusive = true;
    upperInclusive = true;
    count = histogram.zeroCount();
  }

  public double lower() {
    return lower;
  }

  public double upper() {
    return upper;
  }

  public double count() {
    return count;
  }

  public boolean lowerInclusive() {
    return lowerInclusive;
  }

  public boolean upperInclusive() {
    return upperInclusive;
  }
}
