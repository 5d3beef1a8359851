package io.narthex.model.exposition;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads protobuf's wire format in an array, field by field, without making objects.
 *
 * <pre>
 *   field   tag (varint: number &lt;&lt; 3 | wire type), then by wire type
 *           0  varint: groups of seven bits, the lowest first, at most ten
 *           1  eight bytes, little-endian
 *           2  length (varint), and so many bytes
 *           3  fields up to a tag of wire type 4 (groups, which nobody writes any more)
 *           5  four bytes
 * </pre>
 *
 * <p>Every read is given the end of the message that it is in, and fails with the byte at which it
 * stands rather than read behind it. Not thread-safe.
 */
final class WireFields {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int FIXED32 = 5;

  private byte[] bytes = new byte[0];
  private int origin;
  private int at;
  private int tagAt;
  private int field;
  private int type;

  void reset(byte[] bytes, int from) {
    this.bytes = bytes;
    this.origin = from;
    this.at = from;
  }

  int at() {
    return at;
  }

  void at(int at) {
    this.at = at;
  }

  /** Where the tag stands that was read last. */
  int tagAt() {
    return tagAt;
  }

  /** Reads a tag and returns the number of its field. */
  int tag(int end) {
    tagAt = at;
    long wire = varint(end);
    field = (int) (wire >>> 3);
    type = (int) wire & 7;
    if (field <= 0 || wire >>> 32 != 0 || type == END_GROUP || type > FIXED32) {
      throw fail(tagAt, "expected the tag of a field");
    }
    return field;
  }

  /** Refuses a known field that has another wire type than it should. */
  void require(int wanted) {
    if (type != wanted) {
      throw fail(
          tagAt,
          "expected wire type " + wanted + " for field " + field + ", got wire type " + type);
    }
  }

  boolean isLength() {
    return type == LENGTH;
  }

  long varint(int end) {
    int from = at;
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw tooShort(from);
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw fail(from, "expected a number of at most ten bytes");
  }

  /** A field of a known type: a number of variable length. */
  long varintField(int end) {
    require(VARINT);
    return varint(end);
  }

  /** A field of a known type: a float of eight bytes. */
  double doubleField(int end) {
    require(FIXED64);
    return fixedDouble(end);
  }

  double fixedDouble(int end) {
    int from = at;
    forward(8, end);
    return Double.longBitsToDouble((long) LONG.get(bytes, from));
  }

  /**
   * A field of a known type: bytes or a message. Returns where it ends, and stands at its
   * beginning.
   */
  int lengthField(int end) {
    require(LENGTH);
    return lengthEnd(end);
  }

  /** Reads a length; returns where what it announces ends, and stands at its beginning. */
  int lengthEnd(int end) {
    int from = at;
    long length = varint(end);
    if (length < 0 || length > end - at) {
      throw fail(
          from,
          "expected at most "
              + (end - at)
              + " bytes, got a length of "
              + Long.toUnsignedString(length));
    }
    return at + (int) length;
  }

  /** Skips the field whose tag was read. */
  void skip(int end) {
    int depth = 0;
    int kind = type;
    while (true) {
      switch (kind) {
        case VARINT -> varint(end);
        case FIXED64 -> forward(8, end);
        case LENGTH -> at = lengthEnd(end);
        case START_GROUP -> depth++;
        case END_GROUP -> depth--;
        case FIXED32 -> forward(4, end);
        default -> throw fail(at, "expected a known wire type");
      }
      if (depth == 0) {
        return;
      }
      if (at >= end) {
        throw tooShort(at);
      }
      kind = (int) varint(end) & 7;
    }
  }

  private void forward(int count, int end) {
    if (count > end - at) {
      throw tooShort(at);
    }
    at += count;
  }

  private ExpositionException tooShort(int from) {
    return fail(from, "expected more bytes of the message, got its end");
  }

  /** The error at an offset of the array. */
  ExpositionException fail(int at, String message) {
    return new ExpositionException(at - origin, message);
  }
}
