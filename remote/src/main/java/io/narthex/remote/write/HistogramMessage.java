package io.narthex.remote.write;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.HistogramRules;
import io.narthex.model.histogram.SpanHistogram;
import java.util.Arrays;

/**
 * Reads a native histogram of a request into an object that is filled anew each time.
 *
 * <pre>
 *   Histogram:  count 1 (uint64) or 2 (double), sum 3 (double), schema 4 (sint32),
 *               zero_threshold 5 (double), zero_count 6 (uint64) or 7 (double),
 *               negative: spans 8 (BucketSpan), deltas 9 (sint64), counts 10 (double), all repeated
 *               positive: spans 11, deltas 12, counts 13, the same
 *               reset_hint 14 (enum: unknown, reset, no reset, gauge), timestamp 15 (int64,
 *               milliseconds), custom_values 16 (double, repeated)
 *   BucketSpan: offset 1 (sint32), length 2 (uint32)
 * </pre>
 *
 * <p>Whichever of the two counts comes last says whether the counts of the buckets are the deltas,
 * each to the bucket before, or the floats. Nothing is checked but the form; the storage asks
 * {@link HistogramRules}. A finer schema than computations know, up to the finest that is reserved,
 * is brought down, as upstream does.
 */
final class HistogramMessage {

  /** A list of longs, or of raw bits. */
  private static final class Numbers {
    private long[] values = new long[16];
    private int size;

    void add(long value) {
      if (size == values.length) {
        values = Arrays.copyOf(values, 2 * size);
      }
      values[size++] = value;
    }

    void clear() {
      size = 0;
      if (values.length > LARGE) {
        values = new long[16];
      }
    }
  }

  private static final int LARGE = 16 * 1024;

  private final SpanHistogram histogram = new SpanHistogram();
  private final SpanHistogram spans = new SpanHistogram(); // nothing but them
  private final Numbers bounds = new Numbers();
  private final Numbers negativeDeltas = new Numbers();
  private final Numbers negativeCounts = new Numbers();
  private final Numbers positiveDeltas = new Numbers();
  private final Numbers positiveCounts = new Numbers();
  private boolean floats;
  private ResetHint hint = ResetHint.UNKNOWN;
  private int schema;
  private double sum;
  private long count;
  private long countBits;
  private long zeroCount;
  private long zeroCountBits;
  private boolean zeroFloats;
  private double zeroThreshold;
  private long timestamp;

  /** What was read last; valid until the next is. */
  SpanHistogram histogram() {
    return histogram;
  }

  /** Its time, milliseconds since the epoch. */
  long timestamp() {
    return timestamp;
  }

  /** About how many bytes it takes in memory. */
  int weight() {
    int numbers = histogram.positive().buckets() + histogram.negative().buckets();
    numbers += histogram.positive().spans() + histogram.negative().spans() + histogram.bounds();
    return 256 + 8 * numbers;
  }

  /** Reads the message that begins where the reader stands. */
  void read(WireReader wire, int end) {
    clear();
    while (wire.at() < end) {
      wire.tag(end, "Histogram");
      field(wire, end);
    }
    histogram
        .reset(floats)
        .hint(hint)
        .schema(schema)
        .sum(sum)
        .count(floats ? countBits : count)
        .zero(zeroThreshold, zero());
    histogram.negative().copySpans(spans.negative());
    histogram.positive().copySpans(spans.positive());
    for (int i = 0; i < bounds.size; i++) {
      histogram.addBound(Double.longBitsToDouble(bounds.values[i]));
    }
    fill(histogram.negative(), floats ? negativeCounts : negativeDeltas);
    fill(histogram.positive(), floats ? positiveCounts : positiveDeltas);
    if (histogram.schema() > HistogramRules.MAX_SCHEMA
        && histogram.schema() <= HistogramRules.MAX_RESERVED_SCHEMA
        && HistogramRules.isSound(histogram)) {
      histogram.reduceTo(HistogramRules.MAX_SCHEMA);
    }
  }

  private void clear() {
    spans.reset(false);
    bounds.clear();
    hint = ResetHint.UNKNOWN;
    schema = 0;
    sum = 0;
    negativeDeltas.clear();
    negativeCounts.clear();
    positiveDeltas.clear();
    positiveCounts.clear();
    floats = false;
    count = 0;
    countBits = 0;
    zeroCount = 0;
    zeroCountBits = 0;
    zeroFloats = false;
    zeroThreshold = 0;
    timestamp = 0;
  }

  /** The zero bucket's count, if it is of the kind of the others. */
  private long zero() {
    if (floats != zeroFloats) {
      return 0;
    }
    return floats ? zeroCountBits : zeroCount;
  }

  private void field(WireReader wire, int end) {
    switch (wire.field()) {
      case 1 -> {
        wire.require(WireReader.VARINT, "CountInt");
        count = wire.varint(end);
        floats = false;
      }
      case 2 -> {
        wire.require(WireReader.FIXED64, "CountFloat");
        countBits = wire.fixed64(end);
        floats = true;
      }
      case 3 -> {
        wire.require(WireReader.FIXED64, "Sum");
        sum = Double.longBitsToDouble(wire.fixed64(end));
      }
      case 4 -> {
        wire.require(WireReader.VARINT, "Schema");
        schema = zigzag32(wire.varint(end));
      }
      case 5 -> {
        wire.require(WireReader.FIXED64, "ZeroThreshold");
        zeroThreshold = Double.longBitsToDouble(wire.fixed64(end));
      }
      case 6 -> {
        wire.require(WireReader.VARINT, "ZeroCountInt");
        zeroCount = wire.varint(end);
        zeroFloats = false;
      }
      case 7 -> {
        wire.require(WireReader.FIXED64, "ZeroCountFloat");
        zeroCountBits = wire.fixed64(end);
        zeroFloats = true;
      }
      case 8 -> span(wire, end, "NegativeSpans", spans.negative());
      case 9 -> varints(wire, end, "NegativeDeltas", negativeDeltas);
      case 10 -> doubles(wire, end, "NegativeCounts", negativeCounts);
      case 11 -> span(wire, end, "PositiveSpans", spans.positive());
      case 12 -> varints(wire, end, "PositiveDeltas", positiveDeltas);
      case 13 -> doubles(wire, end, "PositiveCounts", positiveCounts);
      case 14 -> {
        wire.require(WireReader.VARINT, "ResetHint");
        hint = hint((int) wire.varint(end));
      }
      case 15 -> {
        wire.require(WireReader.VARINT, "Timestamp");
        timestamp = wire.varint(end);
      }
      case 16 -> doubles(wire, end, "CustomValues", bounds);
      default -> wire.skip(end);
    }
  }

  private static void span(WireReader wire, int end, String name, SpanHistogram.Side side) {
    wire.require(WireReader.LENGTH, name);
    int to = wire.lengthEnd(end);
    int offset = 0;
    int length = 0;
    while (wire.at() < to) {
      wire.tag(to, "BucketSpan");
      switch (wire.field()) {
        case 1 -> {
          wire.require(WireReader.VARINT, "Offset");
          offset = zigzag32(wire.varint(to));
        }
        case 2 -> {
          wire.require(WireReader.VARINT, "Length");
          length = (int) wire.varint(to);
        }
        default -> wire.skip(to);
      }
    }
    side.addSpan(offset, length);
  }

  private static void varints(WireReader wire, int end, String name, Numbers into) {
    if (wire.type() == WireReader.VARINT) {
      into.add(zigzag(wire.varint(end)));
      return;
    }
    wire.require(WireReader.LENGTH, name);
    int to = wire.lengthEnd(end);
    while (wire.at() < to) {
      into.add(zigzag(wire.varint(to)));
    }
  }

  private static void doubles(WireReader wire, int end, String name, Numbers into) {
    if (wire.type() == WireReader.FIXED64) {
      into.add(wire.fixed64(end));
      return;
    }
    wire.require(WireReader.LENGTH, name);
    int to = wire.lengthEnd(end);
    while (wire.at() < to) {
      into.add(wire.fixed64(to));
    }
  }

  private void fill(SpanHistogram.Side side, Numbers numbers) {
    long before = 0;
    for (int i = 0; i < numbers.size; i++) {
      long value = floats ? numbers.values[i] : before + numbers.values[i];
      side.addBucket(value);
      before = value;
    }
  }

  private static long zigzag(long coded) {
    return coded >>> 1 ^ -(coded & 1);
  }

  private static int zigzag32(long coded) {
    int low = (int) coded;
    return low >>> 1 ^ -(low & 1);
  }

  private static ResetHint hint(int code) {
    return switch (code) {
      case 1 -> ResetHint.RESET;
      case 2 -> ResetHint.NO_RESET;
      case 3 -> ResetHint.GAUGE;
      default -> ResetHint.UNKNOWN;
    };
  }
}
