package io.narthex.remote.write;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.bytes.Varint;
import io.narthex.base.compress.Snappy;
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
    tag(field, 1);
    long bits = Double.doubleToRawLongBits(value);
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
