package io.narthex.tsdb.wal;

import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;

/**
 * One native histogram within a record, as Prometheus' {@code tsdb/record} writes it in records of
 * the types 7 to 10, 12 and 13, and in chunk snapshots.
 *
 * <pre>
 * reset hint u8 (0 unknown, 1 reset, 2 no reset, 3 gauge), schema varint, zero threshold f64,
 * zero count, count     uvarint, or f64 where counts are floats
 * sum f64
 * positive spans        n uvarint, n * { offset varint, length uvarint }
 * negative spans        the same
 * positive buckets      n uvarint, n * difference to the bucket before varint, or n * count f64
 * negative buckets      the same
 * custom bounds         n uvarint, n * f64; only with schema -53
 * </pre>
 */
public final class HistogramCoding {

  private static final int MAX_SCHEMA = 8;
  // Schemas that later versions may write: they are known to be exponential.
  private static final int MAX_RESERVED = 52;
  private static final int MIN_RESERVED = -9;

  private HistogramCoding() {}

  /** Writes a histogram. */
  public static void write(RecordBuffer out, SpanHistogram histogram) {
    boolean floats = histogram.floats();
    out.u8(code(histogram.hint()));
    out.varint(histogram.schema());
    out.f64(histogram.zeroThreshold());
    if (floats) {
      out.i64(histogram.zeroCount());
      out.i64(histogram.count());
    } else {
      out.uvarint(histogram.zeroCount());
      out.uvarint(histogram.count());
    }
    out.f64(histogram.sum());
    writeSpans(out, histogram.positive());
    writeSpans(out, histogram.negative());
    writeBuckets(out, histogram.positive(), floats);
    writeBuckets(out, histogram.negative(), floats);
    if (histogram.usesCustomBuckets()) {
      out.uvarint(histogram.bounds());
      for (int i = 0; i < histogram.bounds(); i++) {
        out.f64(histogram.bound(i));
      }
    }
  }

  private static void writeSpans(RecordBuffer out, SpanHistogram.Side side) {
    out.uvarint(side.spans());
    for (int i = 0; i < side.spans(); i++) {
      out.varint(side.spanOffset(i));
      out.uvarint(Integer.toUnsignedLong(side.spanLength(i)));
    }
  }

  private static void writeBuckets(RecordBuffer out, SpanHistogram.Side side, boolean floats) {
    out.uvarint(side.buckets());
    long before = 0;
    for (int i = 0; i < side.buckets(); i++) {
      long count = side.bucket(i);
      if (floats) {
        out.i64(count);
      } else {
        out.varint(count - before);
        before = count;
      }
    }
  }

  /**
   * Reads a histogram.
   *
   * <p>One of a finer resolution than schema 8 is brought down to it, as Prometheus does.
   *
   * @param floats whether its counts are floats, which the record's type says
   * @return false if nobody could make sense of it: its schema is not known, or its spans do not
   *     fit its buckets. It was read to its end nevertheless.
   */
  public static boolean read(RecordBytes in, boolean floats, SpanHistogram into)
      throws WalFormatException {
    into.reset(floats);
    into.hint(hint(in.u8()));
    into.schema((int) in.varint());
    double zeroThreshold = in.f64();
    into.zero(zeroThreshold, floats ? in.i64() : in.uvarint());
    into.count(floats ? in.i64() : in.uvarint());
    into.sum(in.f64());
    readSpans(in, into.positive());
    readSpans(in, into.negative());
    readBuckets(in, into.positive(), floats);
    readBuckets(in, into.negative(), floats);
    if (into.usesCustomBuckets()) {
      for (int left = in.count(8); left > 0; left--) {
        into.addBound(in.f64());
      }
    } else if (into.schema() < MIN_RESERVED || into.schema() > MAX_RESERVED) {
      return false;
    }
    if (!isSound(into.positive()) || !isSound(into.negative())) {
      return false;
    }
    into.reduceTo(MAX_SCHEMA);
    return true;
  }

  private static void readSpans(RecordBytes in, SpanHistogram.Side side) throws WalFormatException {
    for (int left = in.count(2); left > 0; left--) {
      int offset = (int) in.varint();
      side.addSpan(offset, (int) in.uvarint());
    }
  }

  private static void readBuckets(RecordBytes in, SpanHistogram.Side side, boolean floats)
      throws WalFormatException {
    int left = in.count(floats ? 8 : 1);
    long count = 0;
    for (; left > 0; left--) {
      count = floats ? in.i64() : count + in.varint();
      side.addBucket(count);
    }
  }

  private static boolean isSound(SpanHistogram.Side side) {
    long promised = 0;
    for (int i = 0; i < side.spans(); i++) {
      if (i > 0 && side.spanOffset(i) < 0) {
        return false;
      }
      promised += Integer.toUnsignedLong(side.spanLength(i));
    }
    return promised == side.buckets();
  }

  private static int code(ResetHint hint) {
    return switch (hint) {
      case UNKNOWN -> 0;
      case RESET -> 1;
      case NO_RESET -> 2;
      case GAUGE -> 3;
    };
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
