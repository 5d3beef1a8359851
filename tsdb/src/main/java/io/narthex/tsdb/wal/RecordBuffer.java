package io.narthex.tsdb.wal;

import io.narthex.base.bytes.Varint;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Takes the parts of records one after the other, in an array that grows and is kept: what {@link
 * RecordBytes} reads. Fixed numbers are big-endian, varints are Go's. Belongs to one thread.
 */
public final class RecordBuffer {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private byte[] bytes = new byte[0];
  private int length;

  /** Forgets the content and keeps the room. */
  public void clear() {
    length = 0;
  }

  /** The array that the content lies in, from its beginning; another one once it has grown. */
  public byte[] bytes() {
    return bytes;
  }

  /** The number of bytes that were put. */
  public int length() {
    return length;
  }

  /**
   * Makes room behind the content and returns the array; {@link #length(int)} says what is used.
   */
  byte[] reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(Math.max(length + more, 2 * bytes.length), 64));
    }
    return bytes;
  }

  /** Takes over what was written into the reserved room. */
  void length(int end) {
    length = end;
  }

  public void u8(int value) {
    reserve(1)[length++] = (byte) value;
  }

  public void i64(long value) {
    LONG.set(reserve(8), length, value);
    length += 8;
  }

  /** All bits of a double. */
  public void f64(double value) {
    i64(Double.doubleToRawLongBits(value));
  }

  public void uvarint(long value) {
    length = Varint.putUnsigned(reserve(Varint.MAX_BYTES), length, value);
  }

  public void varint(long value) {
    length = Varint.putSigned(reserve(Varint.MAX_BYTES), length, value);
  }

  /** Bytes as they are. */
  public void raw(byte[] from, int at, int count) {
    System.arraycopy(from, at, reserve(count), length, count);
    length += count;
  }

  /** Bytes behind their number. */
  public void text(byte[] from, int at, int count) {
    uvarint(count);
    raw(from, at, count);
  }

  /**
   * A label set behind the number of its labels.
   *
   * @param packed has the labels in the packed form of {@link io.narthex.model.labels.Labels}
   */
  public void labels(byte[] packed, int at, int count) {
    uvarint(pairs(packed, at, count));
    raw(packed, at, count);
  }

  private static int pairs(byte[] packed, int from, int count) {
    int texts = 0;
    int at = from;
    while (at < from + count) {
      int b = packed[at++];
      int size = b & 0x7f;
      for (int shift = 7; b < 0; shift += 7) {
        b = packed[at++];
        size |= (b & 0x7f) << shift;
      }
      at += size;
      texts++;
    }
    return texts / 2;
  }
}
