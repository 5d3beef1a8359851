package io.narthex.remote.write;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads protobuf's wire format in an array, field by field, without making objects. What it refuses
 * and with which words is what upstream's generated code (gogo/protobuf) refuses.
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
 * <p>An unknown field is skipped, the last one of a single field wins. Not thread-safe.
 */
final class WireReader {

  private static final VarHandle LONG =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  static final int VARINT = 0;
  static final int FIXED64 = 1;
  static final int LENGTH = 2;
  private static final int START_GROUP = 3;
  private static final int END_GROUP = 4;
  private static final int FIXED32 = 5;

  private byte[] bytes = new byte[0];
  private int at;
  private int field;
  private int type;

  /** Reads in another array from now on. */
  void reset(byte[] bytes, int at) {
    this.bytes = bytes;
    this.at = at;
  }

  int at() {
    return at;
  }

  void at(int at) {
    this.at = at;
  }

  /** The number of the field whose tag was read. */
  int field() {
    return field;
  }

  /**
   * Reads a tag.
   *
   * @param message the message that is read, for errors
   */
  void tag(int end, String message) {
    long wire = varint(end);
    field = (int) (wire >>> 3);
    type = (int) wire & 7;
    if (type == END_GROUP) {
      throw WriteException.malformed("proto: " + message + ": wiretype end group for non-group");
    }
    if (field <= 0) {
      throw WriteException.malformed(
          "proto: "
              + message
              + ": illegal tag "
              + field
              + " (wire type "
              + Long.toUnsignedString(wire)
              + ")");
    }
  }

  /** The wire type of the field whose tag was read. */
  int type() {
    return type;
  }

  /** Refuses a known field that has another wire type than it should. */
  void require(int wanted, String name) {
    if (type != wanted) {
      throw WriteException.malformed("proto: wrong wireType = " + type + " for field " + name);
    }
  }

  long varint(int end) {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at >= end) {
        throw unexpectedEnd();
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        return value;
      }
    }
    throw WriteException.malformed("proto: integer overflow");
  }

  /** Reads eight bytes, as a number of little-endian order. */
  long fixed64(int end) {
    int from = at;
    forward(8, end);
    return (long) LONG.get(bytes, from);
  }

  /** Reads a length; returns where what it announces ends, and stands at its beginning. */
  int lengthEnd(int end) {
    long length = varint(end);
    if (length < 0) {
      throw WriteException.malformed("proto: negative length found during unmarshaling");
    }
    if (length > end - at) {
      throw unexpectedEnd();
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
        case END_GROUP -> depth--; // it is none of the first: a tag refuses that
        case FIXED32 -> forward(4, end);
        default -> throw WriteException.malformed("proto: illegal wireType " + kind);
      }
      if (depth == 0) {
        return;
      }
      if (at >= end) {
        throw unexpectedEnd();
      }
      kind = (int) varint(end) & 7;
    }
  }

  private void forward(int count, int end) {
    if (count > end - at) {
      throw unexpectedEnd();
    }
    at += count;
  }

  static WriteException unexpectedEnd() {
    return WriteException.malformed("unexpected EOF");
  }
}
