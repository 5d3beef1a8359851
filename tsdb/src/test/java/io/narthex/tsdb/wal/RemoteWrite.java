package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Utf8;
import io.narthex.model.histogram.SpanHistogram;

/** A message of remote write 1.0 (upstream's prompb/types.proto) while it is put together. */
public final class RemoteWrite {

  private final RecordBuffer out = new RecordBuffer();

  public byte[] bytes() {
    return out.bytes();
  }

  public int length() {
    return out.length();
  }

  RemoteWrite varint(int field, long value) {
    out.uvarint((long) field << 3);
    out.uvarint(value);
    return this;
  }

  RemoteWrite zigzag(int field, long value) {
    out.uvarint((long) field << 3);
    out.varint(value);
    return this;
  }

  RemoteWrite f64(int field, double value) {
    out.uvarint((long) field << 3 | 1);
    littleEndian(Double.doubleToRawLongBits(value));
    return this;
  }

  private void littleEndian(long bits) {
    out.i64(Long.reverseBytes(bits));
  }

  public RemoteWrite bytes(int field, RemoteWrite message) {
    out.uvarint((long) field << 3 | 2);
    out.text(message.bytes(), 0, message.length());
    return this;
  }

  RemoteWrite text(int field, String text) {
    byte[] utf8 = Utf8.bytes(text);
    out.uvarint((long) field << 3 | 2);
    out.text(utf8, 0, utf8.length);
    return this;
  }

  public static RemoteWrite label(String name, String value) {
    return new RemoteWrite().text(1, name).text(2, value);
  }

  public static RemoteWrite series(String name) {
    return new RemoteWrite().bytes(1, label("__name__", name));
  }

  public static RemoteWrite sample(double value, long millis) {
    return new RemoteWrite().f64(1, value).varint(2, millis);
  }

  public static RemoteWrite histogram(SpanHistogram histogram, long millis) {
    boolean floats = histogram.floats();
    RemoteWrite message = new RemoteWrite();
    if (floats) {
      message.f64(2, Double.longBitsToDouble(histogram.count()));
    } else {
      message.varint(1, histogram.count());
    }
    message.f64(3, histogram.sum());
    message.zigzag(4, histogram.schema());
    message.f64(5, histogram.zeroThreshold());
    if (floats) {
      message.f64(7, Double.longBitsToDouble(histogram.zeroCount()));
    } else {
      message.varint(6, histogram.zeroCount());
    }
    side(message, 8, histogram.negative(), floats);
    side(message, 11, histogram.positive(), floats);
    message.varint(14, histogram.hint().ordinal());
    message.varint(15, millis);
    RemoteWrite bounds = new RemoteWrite();
    for (int i = 0; i < histogram.bounds(); i++) {
      bounds.littleEndian(Double.doubleToRawLongBits(histogram.bound(i)));
    }
    return message.bytes(16, bounds);
  }

  private static void side(
      RemoteWrite message, int field, SpanHistogram.Side side, boolean floats) {
    for (int i = 0; i < side.spans(); i++) {
      message.bytes(
          field, new RemoteWrite().zigzag(1, side.spanOffset(i)).varint(2, side.spanLength(i)));
    }
    RemoteWrite counts = new RemoteWrite();
    long before = 0;
    for (int i = 0; i < side.buckets(); i++) {
      if (floats) {
        counts.littleEndian(side.bucket(i));
      } else {
        counts.out.varint(side.bucket(i) - before);
        before = side.bucket(i);
      }
    }
    message.bytes(field + (floats ? 2 : 1), counts);
  }
}
