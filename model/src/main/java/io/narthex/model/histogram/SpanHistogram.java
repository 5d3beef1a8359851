package io.narthex.model.histogram;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.value.StaleMarker;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A native histogram as it is stored and sent: buckets in spans, counts either whole or floats.
 * Mutable and reusable, for one thread; {@link FloatHistogram} is the form to compute with.
 *
 * <p>Spans are kept as they were given, with zero-length spans, adjoining spans and empty buckets:
 * what is written to files again must be equal, byte by byte, to what came in. Counts of whole
 * histograms are absolute, although formats store the difference to the bucket before. Where {@link
 * #floats} holds, every count is the raw bits of a double in place of a whole number.
 *
 * <p>Nothing here is checked: the number of buckets of a side should be the sum of its spans'
 * lengths, spans should ascend, and custom bounds too. Whoever takes histograms from outside checks
 * them there.
 */
public final class SpanHistogram {

  private static final double[] NO_BOUNDS = {};

  private boolean floats;
  private ResetHint hint = ResetHint.UNKNOWN;
  private int schema;
  private double zeroThreshold;
  private long zeroCount;
  private long count;
  private double sum;
  private final Side positive = new Side();
  private final Side negative = new Side();
  private double[] bounds = NO_BOUNDS;
  private int boundCount;
  // The bounds as toFloat() hands them out, shared until they change.
  private double @Nullable [] lentBounds;

  /** An empty one with whole counts. */
  public SpanHistogram() {}

  /** The stored form of a histogram: a span for each run of neighbouring buckets, float counts. */
  public static SpanHistogram of(FloatHistogram histogram) {
    SpanHistogram result =
        new SpanHistogram()
            .reset(true)
            .hint(histogram.hint())
            .schema(histogram.schema())
            .zero(histogram.zeroThreshold(), Double.doubleToRawLongBits(histogram.zeroCount()))
            .count(Double.doubleToRawLongBits(histogram.count()))
            .sum(histogram.sum());
    result.positive.takeRuns(histogram.positiveSide());
    result.negative.takeRuns(histogram.negativeSide());
    for (double bound : histogram.bounds()) {
      result.addBound(bound);
    }
    return result;
  }

  /** Empties it for reuse: schema 0, all counts and the sum 0, nothing known of resets. */
  public SpanHistogram reset(boolean withFloats) {
    floats = withFloats;
    hint = ResetHint.UNKNOWN;
    schema = 0;
    zeroThreshold = 0;
    zeroCount = 0;
    count = 0;
    sum = 0;
    positive.clear();
    negative.clear();
    clearBounds();
    return this;
  }

  /** Takes over all of another one's content. */
  public void copyFrom(SpanHistogram other) {
    floats = other.floats;
    hint = other.hint;
    schema = other.schema;
    zeroThreshold = other.zeroThreshold;
    zeroCount = other.zeroCount;
    count = other.count;
    sum = other.sum;
    positive.copyFrom(other.positive);
    negative.copyFrom(other.negative);
    if (!sameBounds(other)) {
      clearBounds();
      for (int i = 0; i < other.boundCount; i++) {
        addBound(other.bounds[i]);
      }
    }
  }

  /** Whether counts are raw bits of doubles in place of whole numbers. */
  public boolean floats() {
    return floats;
  }

  public ResetHint hint() {
    return hint;
  }

  public SpanHistogram hint(ResetHint value) {
    hint = value;
    return this;
  }

  /** -4 to 8, or {@link FloatHistogram#CUSTOM_BUCKETS}. */
  public int schema() {
    return schema;
  }

  public SpanHistogram schema(int value) {
    schema = value;
    return this;
  }

  public boolean usesCustomBuckets() {
    return schema == FloatHistogram.CUSTOM_BUCKETS;
  }

  public double zeroThreshold() {
    return zeroThreshold;
  }

  /** The observations in the zero bucket: unsigned, or raw bits. */
  public long zeroCount() {
    return zeroCount;
  }

  /** Sets the zero bucket. */
  public SpanHistogram zero(double threshold, long observations) {
    zeroThreshold = threshold;
    zeroCount = observations;
    return this;
  }

  /** The number of observations, NaN observations included: unsigned, or raw bits. */
  public long count() {
    return count;
  }

  public SpanHistogram count(long value) {
    count = value;
    return this;
  }

  /** The sum of the observations; the stale marker in a histogram that ends its series. */
  public double sum() {
    return sum;
  }

  public SpanHistogram sum(double value) {
    sum = value;
    return this;
  }

  /** Whether it only marks the end of its series. */
  public boolean isStale() {
    return StaleMarker.is(sum);
  }

  /** The positive buckets, or the custom ones. */
  public Side positive() {
    return positive;
  }

  public Side negative() {
    return negative;
  }

  /** The number of upper bounds of custom buckets, +Inf not counted. */
  public int bounds() {
    return boundCount;
  }

  public double bound(int i) {
    return bounds[Objects.checkIndex(i, boundCount)];
  }

  /** Adds the upper bound of a custom bucket. */
  public void addBound(double value) {
    if (boundCount == bounds.length) {
      bounds = Arrays.copyOf(bounds, Math.max(8, 2 * boundCount));
    }
    bounds[boundCount++] = value;
    lentBounds = null;
  }

  public void clearBounds() {
    boundCount = 0;
    lentBounds = null;
  }

  /** Whether the custom bounds are the same numbers. */
  public boolean sameBounds(SpanHistogram other) {
    if (boundCount != other.boundCount) {
      return false;
    }
    for (int i = 0; i < boundCount; i++) {
      if (bounds[i] != other.bounds[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * Brings exponential buckets down to a schema, if theirs is finer: neighbouring ones are merged.
   * The sides must have as many counts as their spans say.
   */
  public void reduceTo(int coarser) {
    if (schema > coarser) {
      positive.reduce(schema - coarser, floats);
      negative.reduce(schema - coarser, floats);
      schema = coarser;
    }
  }

  /**
   * The form to compute with. It shares its custom bounds, which nobody changes, with others that
   * are made while the bounds here stay as they are, and nothing else.
   */
  public FloatHistogram toFloat() {
    if (lentBounds == null) {
      lentBounds = boundCount == 0 ? NO_BOUNDS : Arrays.copyOf(bounds, boundCount);
    }
    return new FloatHistogram(schema)
        .sides(positive.toBuckets(floats), negative.toBuckets(floats), lentBounds)
        .hint(hint)
        .zero(zeroThreshold, floats ? Double.longBitsToDouble(zeroCount) : unsigned(zeroCount))
        .count(floats ? Double.longBitsToDouble(count) : unsigned(count))
        .sum(sum);
  }

  private static double unsigned(long value) {
    // Above 2^63 the lowest bit only decides how to round, so it may be merged into the next.
    return value >= 0 ? value : (double) (value >>> 1 | value & 1) * 2;
  }

  /**
   * Whether counting can have led from an earlier histogram of a series to this one without
   * beginning anew: no count is smaller, and the resolution is not finer.
   */
  public boolean hasGrownFrom(SpanHistogram earlier) {
    if (hint == ResetHint.RESET) {
      return false;
    }
    if (!sameScale(earlier)) {
      return !toFloat().isResetAfter(earlier.toFloat());
    }
    return !isLess(count, earlier.count, floats)
        && !isLess(zeroCount, earlier.zeroCount, floats)
        && positive.covers(earlier.positive, floats)
        && negative.covers(earlier.negative, floats);
  }

  /**
   * Takes away what an earlier histogram of the series had counted, from which this one {@linkplain
   * #hasGrownFrom has grown}. Whole counts stay whole, and spans stay as they are, unless the two
   * differ in resolution, zero bucket or bounds: then they meet as {@link FloatHistogram#subtract}
   * has it.
   */
  public void subtract(SpanHistogram earlier) {
    if (!sameScale(earlier)) {
      boolean whole = !floats;
      copyFrom(of(toFloat().subtract(earlier.toFloat()).compact()));
      if (whole) {
        roundCounts();
      }
      return;
    }
    count = minus(count, earlier.count, floats);
    zeroCount = minus(zeroCount, earlier.zeroCount, floats);
    sum -= earlier.sum;
    positive.subtract(earlier.positive, floats);
    negative.subtract(earlier.negative, floats);
  }

  /** Whether counts of one index mean the same. */
  private boolean sameScale(SpanHistogram other) {
    return floats == other.floats
        && schema == other.schema
        && zeroThreshold == other.zeroThreshold
        && sameBounds(other);
  }

  private void roundCounts() {
    floats = false;
    count = Math.round(Double.longBitsToDouble(count));
    zeroCount = Math.round(Double.longBitsToDouble(zeroCount));
    positive.round();
    negative.round();
  }

  private static boolean isLess(long a, long b, boolean floats) {
    return floats
        ? Double.longBitsToDouble(a) < Double.longBitsToDouble(b)
        : Long.compareUnsigned(a, b) < 0;
  }

  private static long minus(long a, long b, boolean floats) {
    return floats
        ? Double.doubleToRawLongBits(Double.longBitsToDouble(a) - Double.longBitsToDouble(b))
        : a - b;
  }

  /**
   * Whether both are the same sample, as a storage tells a repeated one from a contradiction: equal
   * buckets in the same spans, zero-length spans aside, and equal numbers to the bit. Hints do not
   * count.
   */
  public boolean sameAs(SpanHistogram other) {
    return floats == other.floats
        && schema == other.schema
        && count == other.count
        && zeroCount == other.zeroCount
        && zeroThreshold == other.zeroThreshold
        && Double.doubleToRawLongBits(sum) == Double.doubleToRawLongBits(other.sum)
        && (!usesCustomBuckets() || sameBounds(other))
        && positive.sameLayout(other.positive)
        && negative.sameLayout(other.negative)
        && positive.sameBuckets(other.positive)
        && negative.sameBuckets(other.negative);
  }

  /** Whether all content is equal, hint and spans included, numbers to the bit. */
  @Override
  public boolean equals(@Nullable Object object) {
    return object instanceof SpanHistogram other
        && floats == other.floats
        && hint == other.hint
        && schema == other.schema
        && Double.doubleToRawLongBits(zeroThreshold)
            == Double.doubleToRawLongBits(other.zeroThreshold)
        && zeroCount == other.zeroCount
        && count == other.count
        && Double.doubleToRawLongBits(sum) == Double.doubleToRawLongBits(other.sum)
        && positive.equals(other.positive)
        && negative.equals(other.negative)
        && sameBounds(other);
  }

  @Override
  public int hashCode() {
    return Objects.hash(schema, count, sum, positive, negative);
  }

  /** For people who debug: all fields as they are kept. */
  @Override
  public String toString() {
    StringBuilder out = new StringBuilder("{").append(hint).append(", schema:").append(schema);
    out.append(", count:").append(number(count)).append(", sum:").append(sum);
    out.append(", zero:").append(zeroThreshold).append('=').append(number(zeroCount));
    side(out.append(", positive:"), positive);
    side(out.append(", negative:"), negative);
    if (boundCount > 0) {
      out.append(", bounds:").append(Arrays.toString(Arrays.copyOf(bounds, boundCount)));
    }
    return out.append('}').toString();
  }

  private void side(StringBuilder out, Side side) {
    for (int i = 0; i < side.spanCount; i++) {
      out.append('(').append(side.offsets[i]).append('+').append(side.lengths[i]).append(')');
    }
    out.append('[');
    for (int i = 0; i < side.bucketCount; i++) {
      out.append(i == 0 ? "" : " ").append(number(side.buckets[i]));
    }
    out.append(']');
  }

  private String number(long value) {
    return floats ? Double.toString(Double.longBitsToDouble(value)) : Long.toUnsignedString(value);
  }

  /**
   * The buckets on one side of zero: spans say which indices there are, counts follow in their
   * order. The first span's offset is its first index, the others' the gap to the span before.
   */
  public static final class Side {

    private static final int[] NO_SPANS = {};
    private static final long[] NO_BUCKETS = {};

    private int[] offsets = NO_SPANS;
    private int[] lengths = NO_SPANS;
    private int spanCount;
    private long[] buckets = NO_BUCKETS;
    private int bucketCount;

    private Side() {}

    public int spans() {
      return spanCount;
    }

    public int spanOffset(int span) {
      return offsets[Objects.checkIndex(span, spanCount)];
    }

    public int spanLength(int span) {
      return lengths[Objects.checkIndex(span, spanCount)];
    }

    public int buckets() {
      return bucketCount;
    }

    /** The absolute count of a bucket, or the raw bits of it. */
    public long bucket(int bucket) {
      return buckets[Objects.checkIndex(bucket, bucketCount)];
    }

    /** Changes a count. */
    public void bucket(int bucket, long value) {
      buckets[Objects.checkIndex(bucket, bucketCount)] = value;
    }

    /** Takes away all spans and buckets. */
    public void clear() {
      spanCount = 0;
      bucketCount = 0;
    }

    /** Takes away the counts, and leaves the spans. */
    public void clearBuckets() {
      bucketCount = 0;
    }

    public void addSpan(int offset, int length) {
      if (spanCount == offsets.length) {
        int room = Math.max(4, 2 * spanCount);
        offsets = Arrays.copyOf(offsets, room);
        lengths = Arrays.copyOf(lengths, room);
      }
      offsets[spanCount] = offset;
      lengths[spanCount++] = length;
    }

    /** Adds the count of the next bucket. */
    public void addBucket(long value) {
      if (bucketCount == buckets.length) {
        buckets = Arrays.copyOf(buckets, Math.max(8, 2 * bucketCount));
      }
      buckets[bucketCount++] = value;
    }

    /** Takes over another side's spans and buckets. */
    public void copyFrom(Side other) {
      copySpans(other);
      if (buckets.length < other.bucketCount) {
        buckets = new long[other.bucketCount];
      }
      System.arraycopy(other.buckets, 0, buckets, 0, other.bucketCount);
      bucketCount = other.bucketCount;
    }

    /** Takes over another side's spans, and leaves the counts. */
    public void copySpans(Side other) {
      if (offsets.length < other.spanCount) {
        offsets = new int[other.spanCount];
        lengths = new int[other.spanCount];
      }
      System.arraycopy(other.offsets, 0, offsets, 0, other.spanCount);
      System.arraycopy(other.lengths, 0, lengths, 0, other.spanCount);
      spanCount = other.spanCount;
    }

    /** Whether the spans are the very same. */
    public boolean sameSpans(Side other) {
      return Arrays.equals(offsets, 0, spanCount, other.offsets, 0, other.spanCount)
          && Arrays.equals(lengths, 0, spanCount, other.lengths, 0, other.spanCount);
    }

    boolean sameBuckets(Side other) {
      return Arrays.equals(buckets, 0, bucketCount, other.buckets, 0, other.bucketCount);
    }

    /** Whether the spans are the same once zero-length ones are added to the next. */
    boolean sameLayout(Side other) {
      int a = 0;
      int b = 0;
      while (true) {
        int offset = 0;
        while (a < spanCount && lengths[a] == 0) {
          offset += offsets[a++];
        }
        int otherOffset = 0;
        while (b < other.spanCount && other.lengths[b] == 0) {
          otherOffset += other.offsets[b++];
        }
        if (a == spanCount || b == other.spanCount) {
          return a == spanCount && b == other.spanCount;
        }
        if (offset + offsets[a] != otherOffset + other.offsets[b]
            || lengths[a] != other.lengths[b]) {
          return false;
        }
        a++;
        b++;
      }
    }

    /** Whether no bucket of another side of the same scale has more than the one here. */
    private boolean covers(Side other, boolean floats) {
      return merge(other, floats, false);
    }

    /** Takes the counts of another side away, which {@linkplain #covers} says are here. */
    private void subtract(Side other, boolean floats) {
      merge(other, floats, true);
    }

    private boolean merge(Side other, boolean floats, boolean subtracts) {
      int span = 0;
      int first = spanCount > 0 ? offsets[0] : 0;
      int before = 0;
      int otherIndex = 0;
      int otherBucket = 0;
      for (int otherSpan = 0; otherSpan < other.spanCount; otherSpan++) {
        otherIndex += other.offsets[otherSpan];
        for (int left = other.lengths[otherSpan]; left > 0; left--, otherIndex++) {
          long count = other.buckets[otherBucket++];
          while (span < spanCount && otherIndex >= first + lengths[span]) {
            before += lengths[span];
            first += lengths[span++];
            first += span < spanCount ? offsets[span] : 0;
          }
          if (span == spanCount || otherIndex < first) {
            // There is no such bucket here.
            if (isLess(0, count, floats)) {
              return false;
            }
            continue;
          }
          int bucket = before + otherIndex - first;
          if (subtracts) {
            buckets[bucket] = minus(buckets[bucket], count, floats);
          } else if (isLess(buckets[bucket], count, floats)) {
            return false;
          }
        }
      }
      return true;
    }

    private void round() {
      for (int i = 0; i < bucketCount; i++) {
        buckets[i] = Math.round(Double.longBitsToDouble(buckets[i]));
      }
    }

    /** Merges neighbouring buckets so that the schema is lower by some steps. */
    private void reduce(int steps, boolean floats) {
      int[] indices = new int[bucketCount];
      long[] counts = new long[bucketCount];
      int merged = 0;
      int bucket = 0;
      int index = 0;
      for (int span = 0; span < spanCount; span++) {
        index += offsets[span];
        for (int left = lengths[span]; left > 0; left--, index++) {
          // Beyond 31 steps only the sign is left: the buckets up to 1, and those above.
          int lower = ((index - 1) >> Math.min(steps, 31)) + 1;
          long count = buckets[bucket++];
          if (merged > 0 && indices[merged - 1] == lower) {
            counts[merged - 1] =
                floats ? sum(counts[merged - 1], count) : counts[merged - 1] + count;
          } else {
            indices[merged] = lower;
            counts[merged++] = count;
          }
        }
      }
      clear();
      int next = 0;
      for (int i = 0; i < merged; ) {
        int run = i + 1;
        while (run < merged && indices[run] == indices[run - 1] + 1) {
          run++;
        }
        addSpan(indices[i] - next, run - i);
        next = indices[run - 1] + 1;
        i = run;
      }
      for (int i = 0; i < merged; i++) {
        addBucket(counts[i]);
      }
    }

    private static long sum(long bits, long otherBits) {
      return Double.doubleToRawLongBits(
          Double.longBitsToDouble(bits) + Double.longBitsToDouble(otherBits));
    }

    private void takeRuns(Buckets sparse) {
      int next = 0;
      for (int i = 0; i < sparse.size; i++) {
        int index = sparse.indices[i];
        if (i > 0 && index == next) {
          lengths[spanCount - 1]++;
        } else {
          addSpan(index - next, 1);
        }
        next = index + 1;
        addBucket(Double.doubleToRawLongBits(sparse.counts[i]));
      }
    }

    private Buckets toBuckets(boolean floats) {
      if (bucketCount == 0) {
        return new Buckets();
      }
      int[] indices = new int[bucketCount];
      double[] counts = new double[bucketCount];
      int n = 0;
      int index = 0;
      for (int span = 0; span < spanCount; span++) {
        index += offsets[span];
        if (n > 0 && index <= indices[n - 1]) {
          return toBucketsInOrder(floats);
        }
        // A side whose spans promise more than there is ends with its counts.
        for (int left = Math.min(lengths[span], bucketCount - n); left > 0; left--) {
          indices[n] = index++;
          counts[n] = floats ? Double.longBitsToDouble(buckets[n]) : buckets[n];
          n++;
        }
      }
      return new Buckets(indices, counts, n);
    }

    /**
     * The same where a span begins before the one before has ended: Prometheus 3.5 writes chunks in
     * which a bucket is there twice, once empty, after it was given some that lay at a border.
     */
    private Buckets toBucketsInOrder(boolean floats) {
      TreeMap<Integer, Double> sums = new TreeMap<>();
      int n = 0;
      int index = 0;
      for (int span = 0; span < spanCount; span++) {
        index += offsets[span];
        for (int left = Math.min(lengths[span], bucketCount - n); left > 0; left--) {
          double count = floats ? Double.longBitsToDouble(buckets[n]) : buckets[n];
          sums.merge(index++, count, Double::sum);
          n++;
        }
      }
      int[] indices = new int[sums.size()];
      double[] counts = new double[sums.size()];
      int at = 0;
      for (Map.Entry<Integer, Double> one : sums.entrySet()) {
        indices[at] = one.getKey();
        counts[at++] = one.getValue();
      }
      return new Buckets(indices, counts, at);
    }

    @Override
    public boolean equals(@Nullable Object object) {
      return object instanceof Side other && sameSpans(other) && sameBuckets(other);
    }

    @Override
    public int hashCode() {
      int hash = spanCount;
      for (int i = 0; i < bucketCount; i++) {
        hash = 31 * hash + Long.hashCode(buckets[i]);
      }
      return hash;
    }
  }
}
