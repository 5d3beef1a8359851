package io.narthex.model.exposition;

import io.narthex.model.histogram.ClassicBuckets;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;

/**
 * A message {@code io.prometheus.client.Histogram}, which can be a native histogram, a classic one,
 * or both in one. Reused from metric to metric.
 */
final class WireHistogram {

  private long count;
  private double countFloat;
  double sum;
  private int schema;
  private double zeroThreshold;
  private long zeroCount;
  private double zeroCountFloat;
  private final WireBuckets negative = new WireBuckets();
  private final WireBuckets positive = new WireBuckets();
  long created;

  // The classic buckets.
  private double[] bounds = new double[16];
  private double[] cumulative = new double[16];
  private int buckets;
  // Where the exemplar of a bucket stands; 0 to 0 where it has none.
  private int[] exemplars = new int[32];

  void clear() {
    count = 0;
    countFloat = 0;
    sum = 0;
    schema = 0;
    zeroThreshold = 0;
    zeroCount = 0;
    zeroCountFloat = 0;
    negative.clear();
    positive.clear();
    created = 0;
    buckets = 0;
  }

  void read(WireFields fields, int end, WireExemplars own) {
    while (fields.at() < end) {
      switch (fields.tag(end)) {
        case 1 -> count = fields.varintField(end);
        case 2 -> sum = fields.doubleField(end);
        case 3 -> bucket(fields, fields.lengthField(end));
        case 4 -> countFloat = fields.doubleField(end);
        case 5 -> schema = signedInt(fields.varintField(end));
        case 6 -> zeroThreshold = fields.doubleField(end);
        case 7 -> zeroCount = fields.varintField(end);
        case 8 -> zeroCountFloat = fields.doubleField(end);
        case 9 -> span(fields, fields.lengthField(end), negative);
        case 10 -> deltas(fields, end, negative);
        case 11 -> counts(fields, end, negative);
        case 12 -> span(fields, fields.lengthField(end), positive);
        case 13 -> deltas(fields, end, positive);
        case 14 -> counts(fields, end, positive);
        case 15 -> created = WireExemplars.timestamp(fields, fields.lengthField(end));
        case 16 -> {
          int behind = fields.lengthField(end);
          own.add(fields.at(), behind);
          fields.at(behind);
        }
        default -> fields.skip(end);
      }
    }
  }

  private static int signedInt(long wire) {
    int value = (int) wire;
    return (value >>> 1) ^ -(value & 1);
  }

  private void bucket(WireFields fields, int end) {
    if (buckets == bounds.length) {
      bounds = Arrays.copyOf(bounds, buckets * 2);
      cumulative = Arrays.copyOf(cumulative, buckets * 2);
      exemplars = Arrays.copyOf(exemplars, buckets * 4);
    }
    double wholeCount = 0;
    double floatCount = 0;
    int at = buckets++;
    bounds[at] = 0;
    exemplars[2 * at] = 0;
    exemplars[2 * at + 1] = 0;
    while (fields.at() < end) {
      switch (fields.tag(end)) {
        case 1 -> wholeCount = unsigned(fields.varintField(end));
        case 2 -> bounds[at] = fields.doubleField(end);
        case 3 -> {
          exemplars[2 * at + 1] = fields.lengthField(end);
          exemplars[2 * at] = fields.at();
          fields.at(exemplars[2 * at + 1]);
        }
        case 4 -> floatCount = fields.doubleField(end);
        default -> fields.skip(end);
      }
    }
    cumulative[at] = floatCount == 0 ? wholeCount : floatCount;
  }

  private static void span(WireFields fields, int end, WireBuckets side) {
    int offset = 0;
    int length = 0;
    while (fields.at() < end) {
      switch (fields.tag(end)) {
        case 1 -> offset = signedInt(fields.varintField(end));
        case 2 -> length = (int) fields.varintField(end);
        default -> fields.skip(end);
      }
    }
    side.span(offset, length);
  }

  /** One number, or as many as are packed in one field. */
  private static void deltas(WireFields fields, int end, WireBuckets side) {
    if (!fields.isLength()) {
      side.delta(unzigzag(fields.varintField(end)));
      return;
    }
    int behind = fields.lengthEnd(end);
    while (fields.at() < behind) {
      side.delta(unzigzag(fields.varint(behind)));
    }
  }

  private static void counts(WireFields fields, int end, WireBuckets side) {
    if (!fields.isLength()) {
      side.count(fields.doubleField(end));
      return;
    }
    int behind = fields.lengthEnd(end);
    while (fields.at() < behind) {
      side.count(fields.fixedDouble(behind));
    }
  }

  private static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * Whether it is meant as a native histogram: it has a span, if only an empty one, or a zero
   * bucket.
   */
  boolean isNative() {
    return positive.spans() > 0 || negative.spans() > 0 || zeroThreshold > 0 || zeroCount != 0;
  }

  /** Writes the native histogram, without its empty buckets. */
  void fill(SpanHistogram into, boolean gauge) {
    boolean floats = countFloat > 0 || zeroCountFloat > 0;
    into.reset(floats)
        .hint(gauge ? ResetHint.GAUGE : ResetHint.UNKNOWN)
        .schema(schema)
        .zero(zeroThreshold, floats ? Double.doubleToRawLongBits(zeroCountFloat) : zeroCount)
        .count(floats ? Double.doubleToRawLongBits(countFloat) : count)
        .sum(sum);
    positive.fill(into.positive(), floats);
    negative.fill(into.negative(), floats);
  }

  /** Gives the classic buckets, count and sum. */
  void fill(ClassicBuckets into) {
    into.clear();
    for (int i = 0; i < buckets; i++) {
      if (!Double.isNaN(bounds[i])) {
        into.bucket(bounds[i], cumulative[i]);
      }
    }
    into.count(observations());
    into.sum(sum);
  }

  double observations() {
    return countFloat == 0 ? unsigned(count) : countFloat;
  }

  /** How many classic buckets the message has; {@code +Inf} may be missing. */
  int buckets() {
    return buckets;
  }

  /** How many series of buckets there are: up to +Inf, which is there in any case. */
  int bucketSeries() {
    for (int i = 0; i < buckets; i++) {
      if (bounds[i] == Double.POSITIVE_INFINITY) {
        return i + 1;
      }
    }
    return buckets + 1;
  }

  double bound(int bucket) {
    return bucket < buckets ? bounds[bucket] : Double.POSITIVE_INFINITY;
  }

  double cumulative(int bucket) {
    return bucket < buckets ? cumulative[bucket] : observations();
  }

  int exemplarFrom(int bucket) {
    return bucket < buckets ? exemplars[2 * bucket] : 0;
  }

  int exemplarTo(int bucket) {
    return bucket < buckets ? exemplars[2 * bucket + 1] : 0;
  }

  private static double unsigned(long value) {
    // Above 2^63 the lowest bit only decides how to round, so it may be merged into the next.
    return value >= 0 ? value : (double) (value >>> 1 | value & 1) * 2;
  }
}
