package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;

/**
 * What all samples of a histogram chunk have in common, at the front of it: schema, zero threshold,
 * the spans of buckets, custom bounds.
 *
 * <pre>
 *   zero threshold   0: 0   |   1 to 254: 2^(n-244)   |   255, 64 bits: any other
 *   schema           signed varbit
 *   positive spans   n unsigned varbit, n times: length unsigned varbit, offset signed varbit
 *   negative spans   the same
 *   custom bounds    if the schema is -53: n unsigned varbit, n times:
 *                      1000 times the bound + 1, unsigned varbit, if that is whole and at most
 *                      33,554,431; else one bit 0, and the bound in 64 bits
 * </pre>
 *
 * The format is that of Prometheus' {@code tsdb/chunkenc/histogram_meta.go}.
 */
final class HistogramLayout {

  /** The finest schema that computations know. */
  static final int MAX_SCHEMA = 8;

  // The schemas that are, or may one day be, exponential.
  private static final int MIN_RESERVED = -9;
  private static final int MAX_RESERVED = 52;

  private static final int EXPONENT_OFFSET = 244;
  private static final double MAX_WHOLE_BOUND = 33_554_430;

  private HistogramLayout() {}

  static void write(BitWriter out, SpanHistogram histogram) {
    writeThreshold(out, histogram.zeroThreshold());
    out.signedVarbit(histogram.schema());
    writeSpans(out, histogram.positive());
    writeSpans(out, histogram.negative());
    if (histogram.usesCustomBuckets()) {
      out.unsignedVarbit(histogram.bounds());
      for (int i = 0; i < histogram.bounds(); i++) {
        writeBound(out, histogram.bound(i));
      }
    }
  }

  /**
   * Reads schema, threshold, spans and bounds into a histogram that is otherwise left empty.
   *
   * @throws io.narthex.storage.StorageException if there are more buckets than bits, or the schema
   *     is none
   */
  static void read(BitReader in, SpanHistogram into) {
    double threshold = readThreshold(in);
    long schema = in.signedVarbit();
    boolean custom = schema == FloatHistogram.CUSTOM_BUCKETS;
    if (!custom && (schema < MIN_RESERVED || schema > MAX_RESERVED)) {
      throw in.broken("has histogram data with an unknown schema " + schema);
    }
    into.schema((int) schema).zero(threshold, 0);
    readSpans(in, into.positive());
    readSpans(in, into.negative());
    if (custom) {
      long bounds = in.unsignedVarbit();
      if (bounds < 0 || bounds > in.left()) {
        throw in.ended();
      }
      for (long i = 0; i < bounds; i++) {
        into.addBound(readBound(in));
      }
    }
  }

  private static void writeThreshold(BitWriter out, double threshold) {
    if (threshold == 0) {
      out.write(0, 8);
      return;
    }
    long raw = Double.doubleToRawLongBits(threshold);
    int exponent = Math.getExponent(threshold);
    boolean power = raw > 0 && raw << 12 == 0 && exponent >= -243 && exponent <= 10;
    if (power) {
      out.write(exponent + EXPONENT_OFFSET, 8);
    } else {
      out.write(255, 8);
      out.write(raw, 64);
    }
  }

  private static double readThreshold(BitReader in) {
    int coded = (int) in.bits(8);
    return switch (coded) {
      case 0 -> 0;
      case 255 -> Double.longBitsToDouble(in.bits(64));
      default -> Math.scalb(1.0, coded - EXPONENT_OFFSET);
    };
  }

  private static void writeSpans(BitWriter out, SpanHistogram.Side side) {
    out.unsignedVarbit(side.spans());
    for (int i = 0; i < side.spans(); i++) {
      out.unsignedVarbit(Integer.toUnsignedLong(side.spanLength(i)));
      out.signedVarbit(side.spanOffset(i));
    }
  }

  private static void readSpans(BitReader in, SpanHistogram.Side into) {
    long spans = in.unsignedVarbit();
    if (spans < 0 || spans > in.left()) {
      throw in.ended();
    }
    long buckets = 0;
    long index = 0;
    for (long i = 0; i < spans; i++) {
      long length = in.unsignedVarbit();
      long offset = in.signedVarbit();
      // Each bucket takes a bit of the first sample at least.
      if (length < 0 || length > in.left() - buckets) {
        throw in.ended();
      }
      buckets += length;
      // One below zero behind the first is wrong, but Prometheus 3.5 writes it now and then.
      if (offset != (int) offset) {
        throw in.broken("has a span with an offset of " + offset);
      }
      index += offset + length;
      if (index != (int) index) {
        throw in.broken("has a bucket with an index of " + index);
      }
      into.addSpan((int) offset, (int) length);
    }
  }

  private static void writeBound(BitWriter out, double bound) {
    double thousandfold = bound * 1000;
    boolean whole =
        thousandfold >= 0
            && thousandfold <= MAX_WHOLE_BOUND
            && Math.round(thousandfold) / 1000.0 == bound;
    if (whole) {
      out.unsignedVarbit(Math.round(thousandfold) + 1);
    } else {
      out.write(0, 1);
      out.write(Double.doubleToRawLongBits(bound), 64);
    }
  }

  private static double readBound(BitReader in) {
    long coded = in.unsignedVarbit();
    if (coded == 0) {
      return Double.longBitsToDouble(in.bits(64));
    }
    return (coded - 1) / 1000.0;
  }
}
