package io.narthex.tsdb.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Reads the parts of a record one after the other; reading behind its end is an exception. */
final class RecordBytes {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int at;
  private int end;

  RecordBytes(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  void reset(byte[] record, int from, int to) {
    bytes = record;
    at = from;
    end = to;
  }

  byte[] bytes() {
    return bytes;
  }

  int at() {
    return at;
  }

  int left() {
    return end - at;
  }

  boolean more() {
    return at < end;
  }

  int u8() throws WalFormatException {
    if (at >= end) {
      throw tooShort();
    }
    return bytes[at++] & 0xff;
  }

  long i64() throws WalFormatException {
    if (at + 8 > end) {
      throw tooShort();
    }
    long value = (long) LONG.get(bytes, at);
    at += 8;
    return value;
  }

  long uvarint() throws WalFormatException {
    int b = u8();
    long value = b & 0x7f;
    for (int shift = 7; b >= 0x80; shift += 7) {
      if (shift > 63) {
        throw new WalFormatException("a varint of more than ten bytes");
      }
      b = u8();
      value |= (long) (b & 0x7f) << shift;
    }
    return value;
  }

  long varint() throws WalFormatException {
    long value = uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  void skip(long count) throws WalFormatException {
    if (count < 0 || count > end - at) {
      throw tooShort();
    }
    at += (int) count;
  }

  private static WalFormatException tooShort() {
    return new WalFormatException("the record ends too early");
  }
}
