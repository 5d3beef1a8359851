package io.narthex.remote.write;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
import io.narthex.model.histogram.SpanHistogram;
import java.io.ByteArrayOutputStream;
import java.util.Arrays;

/** Writes protobuf messages field by field, in any order, and the messages of remote write. */
final class Proto {

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  byte[] bytes() {
    return out.toByteArray();
  }

  Proto varint(long value) {
    byte[] bytes = new byte[Varint.MAX_BYTES];
    out.write(bytes, 0, Varint.putUnsigned(bytes, 0, value));
    return this;
  }

  Proto tag(int field, int type) {
    return varint((long) field << 3 | type);
  }

  Proto number(int field, long value) {
    return tag(field, 0).varint(value);
  }

  Proto fixed(int field, double value) {
    return tag(field, 1).bits(Double.doubleToRawLongBits(value));
  }

  /** Eight bytes, little-endian. */
  Proto bits(long bits) {
    for (int i = 0; i < 8; i++) {
      out.write((int) (bits >>> (8 * i)));
    }
    return this;
  }

  Proto bytes(int field, byte[] content) {
    tag(field, 2).varint(content.length);
    return raw(content);
  }

  Proto text(int field, String text) {
    return bytes(field, Utf8.bytes(text));
  }

  Proto raw(byte... content) {
    out.writeBytes(content);
    return this;
  }

  static byte[] label(String name, String value) {
    return new Proto().text(1, name).text(2, value).bytes();
  }

  static byte[] sample(long timestamp, double value) {
    return new Proto().fixed(1, value).number(2, timestamp).bytes();
  }

  static byte[] histogram(SpanHistogram h, long timestamp) {
    Proto message = new Proto();
    if (h.floats()) {
      message.fixed(2, Double.longBitsToDouble(h.count()));
    } else {
      message.number(1, h.count());
    }
    message.fixed(3, h.sum()).number(4, zigzag(h.schema())).fixed(5, h.zeroThreshold());
    if (h.floats()) {
      message.fixed(7, Double.longBitsToDouble(h.zeroCount()));
    } else {
      message.number(6, h.zeroCount());
    }
    side(message, 8, h.negative(), h.floats());
    side(message, 11, h.positive(), h.floats());
    message.number(14, h.hint().ordinal()).number(15, timestamp);
    Proto bounds = new Proto();
    for (int i = 0; i < h.bounds(); i++) {
      bounds.bits(Double.doubleToRawLongBits(h.bound(i)));
    }
    return message.bytes(16, bounds.bytes()).bytes();
  }

  private static void side(Proto message, int field, SpanHistogram.Side side, boolean floats) {
    for (int i = 0; i < side.spans(); i++) {
      message.bytes(
          field,
          new Proto().number(1, zigzag(side.spanOffset(i))).number(2, side.spanLength(i)).bytes());
    }
    Proto counts = new Proto();
    long before = 0;
    for (int i = 0; i < side.buckets(); i++) {
      if (floats) {
        counts.bits(side.bucket(i));
      } else {
        counts.varint(zigzag(side.bucket(i) - before));
        before = side.bucket(i);
      }
    }
    message.bytes(field + (floats ? 2 : 1), counts.bytes());
  }

  static long zigzag(long value) {
    return value << 1 ^ value >> 63;
  }

  /** The label fields of a series, from names and values in turn. */
  static Proto labels(String... pairs) {
    Proto series = new Proto();
    for (int i = 0; i < pairs.length; i += 2) {
      series.bytes(1, label(pairs[i], pairs[i + 1]));
    }
    return series;
  }

  /** A series with one sample. */
  static byte[] series(long timestamp, double value, String... labels) {
    return labels(labels).bytes(2, sample(timestamp, value)).bytes();
  }

  /** A request of some series. */
  static byte[] request(byte[]... series) {
    Proto request = new Proto();
    for (byte[] one : series) {
      request.bytes(1, one);
    }
    return request.bytes();
  }

  /** The snappy block of some bytes. */
  static byte[] compressed(byte[] bytes) {
    Snappy snappy = new Snappy();
    byte[] into = new byte[snappy.maxCompressedLength(bytes.length)];
    return Arrays.copyOf(into, snappy.compress(bytes, 0, bytes.length, into, 0));
  }
}
