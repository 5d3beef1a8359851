package io.narthex.base.file;

import io.narthex.base.bytes.Varint;

/**
 * Reads a mapped file forward from an offset. Belongs to one thread; reusable. Reading behind the
 * end of the mapping is an {@link IndexOutOfBoundsException}.
 */
public final class MappedCursor {

  private final MappedFile file;
  private long at;

  MappedCursor(MappedFile file, long at) {
    this.file = file;
    this.at = at;
  }

  /** Where the next byte is read. */
  public long at() {
    return at;
  }

  /** Moves to an offset. */
  public MappedCursor to(long offset) {
    at = offset;
    return this;
  }

  /** Moves forward by a number of bytes. */
  public void skip(long bytes) {
    at += bytes;
  }

  /** The next byte, 0 to 255. */
  public int u8() {
    return file.u8(at++);
  }

  /** The next four bytes, 0 to 2^32-1. */
  public long u32() {
    long value = file.u32(at);
    at += 4;
    return value;
  }

  /** The next eight bytes, as they are. */
  public long i64() {
    long value = file.i64(at);
    at += 8;
    return value;
  }

  /** The next unsigned varint, as a 64-bit value. */
  public long uvarint() {
    int b = file.u8(at++);
    long value = b & 0x7f;
    for (int shift = 7; b >= 0x80; shift += 7) {
      if (shift > 63) {
        throw new IndexOutOfBoundsException("a varint of more than ten bytes at " + at);
      }
      b = file.u8(at++);
      value |= (long) (b & 0x7f) << shift;
    }
    return value;
  }

  /** The next signed varint. */
  public long varint() {
    return Varint.unzigzag(uvarint());
  }

  /** Reads an unsigned varint that counts something, which must fit an array. */
  public int length() {
    long value = uvarint();
    if (value < 0 || value > Integer.MAX_VALUE) {
      throw new IndexOutOfBoundsException("a length of " + Long.toUnsignedString(value));
    }
    return (int) value;
  }

  /** Copies the next bytes. */
  public void bytes(byte[] into, int from, int length) {
    file.copy(at, into, from, length);
    at += length;
  }
}
