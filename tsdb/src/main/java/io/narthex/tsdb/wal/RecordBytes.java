package io.narthex.tsdb.wal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the parts of a record one after the other; reading behind its end is an exception, and no
 * number in a record makes it ask for more memory than the record could fill. Belongs to one
 * thread.
 */
public final class RecordBytes {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes;
  private int at;
  private int end;

  public RecordBytes(byte[] bytes, int from, int end) {
    this.bytes = bytes;
    this.at = from;
    this.end = end;
  }

  /** Goes on with another record. */
  public void reset(byte[] record, int from, int to) {
    bytes = record;
    at = from;
    end = to;
  }

  /** The array that the record lies in. */
  public byte[] bytes() {
    return bytes;
  }

  /** Where in the array the next part begins. */
  public int at() {
    return at;
  }

  /** The bytes that are not read yet. */
  public int left() {
    return end - at;
  }

  public boolean more() {
    return at < end;
  }

  public int u8() throws WalFormatException {
    if (at >= end) {
      throw tooShort();
    }
    return bytes[at++] & 0xff;
  }

  public long i64() throws WalFormatException {
    if (at + 8 > end) {
      throw tooShort();
    }
    long value = (long) LONG.get(bytes, at);
    at += 8;
    return value;
  }

  /**
   * A number of which the upper bytes are there, the others being zero.
   *
   * @param count how many there are, at most 8
   */
  public long upper(int count) throws WalFormatException {
    if (count > end - at) {
      throw tooShort();
    }
    long value = 0;
    if (count > 0 && at + 8 <= bytes.length) {
      value = (long) LONG.get(bytes, at) & -1L << 64 - 8 * count;
    } else {
      for (int i = 0; i < count; i++) {
        value |= (bytes[at + i] & 0xffL) << 56 - 8 * i;
      }
    }
    at += count;
    return value;
  }

  /** A double, all its bits. */
  public double f64() throws WalFormatException {
    return Double.longBitsToDouble(i64());
  }

  public long uvarint() throws WalFormatException {
    int b = u8();
    long value = b & 0x7f;
    for (int shift = 7; b >= 0x80; shift += 7) {
      b = u8();
      if (shift > 63 || (shift == 63 && b > 1)) {
        throw new WalFormatException("a varint of more than 64 bits");
      }
      value |= (long) (b & 0x7f) << shift;
    }
    return value;
  }

  public long varint() throws WalFormatException {
    long value = uvarint();
    return (value >>> 1) ^ -(value & 1);
  }

  /**
   * How many entries follow.
   *
   * @param entryBytes the fewest bytes that one takes
   */
  public int count(int entryBytes) throws WalFormatException {
    long count = uvarint();
    if (count < 0 || count > left() / entryBytes) {
      throw tooShort();
    }
    return (int) count;
  }

  /** Passes over bytes. */
  public void skip(long count) throws WalFormatException {
    if (count < 0 || count > end - at) {
      throw tooShort();
    }
    at += (int) count;
  }

  /** Passes over bytes that stand behind their number, which it returns. */
  public int skipText() throws WalFormatException {
    int count = count(1);
    at += count;
    return count;
  }

  /**
   * Passes over a label set behind the number of its labels, and returns the length of its packed
   * form, which ends where the next part begins.
   */
  public int skipLabels() throws WalFormatException {
    int labels = count(2);
    int from = at;
    for (int i = 0; i < 2 * labels; i++) {
      skipText();
    }
    return at - from;
  }

  private static WalFormatException tooShort() {
    return new WalFormatException("the record ends too early");
  }
}
