package io.narthex.base.bytes;

/**
 * Variable-length integers as Go's {@code encoding/binary} writes them: little-endian groups of
 * seven bits, the high bit of a byte says that more follow. Signed values are zigzag coded. At most
 * ten bytes.
 */
public final class Varint {

  /** The most bytes that one 64-bit value takes. */
  public static final int MAX_BYTES = 10;

  private Varint() {}

  /** Writes an unsigned value at {@code at} and returns the offset behind it. */
  public static int putUnsigned(byte[] into, int at, long value) {
    while ((value & ~0x7fL) != 0) {
      into[at++] = (byte) (value | 0x80);
      value >>>= 7;
    }
    into[at++] = (byte) value;
    return at;
  }

  /** Writes a signed value at {@code at} and returns the offset behind it. */
  public static int putSigned(byte[] into, int at, long value) {
    return putUnsigned(into, at, (value << 1) ^ (value >> 63));
  }

  /** The number of bytes that {@link #putUnsigned} takes for a value. */
  public static int unsignedSize(long value) {
    return value == 0 ? 1 : (70 - Long.numberOfLeadingZeros(value)) / 7;
  }

  /** Undoes the zigzag coding of a signed value that was read as an unsigned one. */
  public static long unzigzag(long value) {
    return (value >>> 1) ^ -(value & 1);
  }
}
