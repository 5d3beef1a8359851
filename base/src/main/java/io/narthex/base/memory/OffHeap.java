package io.narthex.base.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Words of off-heap memory by their address.
 *
 * <p>All access goes through one segment that spans the whole address space and lives in a static
 * final field. The compiler folds its bounds and its liveness away, so that a word costs what it
 * costs in C; a segment per slab costs three times as much on scattered access, and an array of
 * them a load more. The price is C's too: an address that is not ours ends the process. Three rules
 * pay it:
 *
 * <ul>
 *   <li>an address comes from a {@link SlabAllocator} and goes back to the same one;
 *   <li>slabs are given back to the system only when their allocator is closed, so that a late
 *       reader of a freed block sees rubbish, never a fault; who may be late checks what was read
 *       (a sequence stamp) before believing it, and before following an address found in it;
 *   <li>whatever comes from outside (files, peers) is decoded from arrays, never from here.
 * </ul>
 *
 * <p>Words are in the machine's byte order and need no alignment unless a method says so.
 */
public final class OffHeap {

  private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfLong LONG_BIG_ENDIAN =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfChar CHAR = ValueLayout.JAVA_CHAR_UNALIGNED;
  private static final VarHandle ALIGNED_INT = ValueLayout.JAVA_INT.varHandle();

  private OffHeap() {}

  public static long getLong(long address) {
    return ALL.get(LONG, address);
  }

  public static void putLong(long address, long value) {
    ALL.set(LONG, address, value);
  }

  public static long getLongBigEndian(long address) {
    return ALL.get(LONG_BIG_ENDIAN, address);
  }

  public static void putLongBigEndian(long address, long value) {
    ALL.set(LONG_BIG_ENDIAN, address, value);
  }

  public static int getInt(long address) {
    return ALL.get(INT, address);
  }

  public static void putInt(long address, int value) {
    ALL.set(INT, address, value);
  }

  /** Reads an int that is a multiple of four away from zero; later reads stay behind it. */
  public static int getIntAcquire(long address) {
    return (int) ALIGNED_INT.getAcquire(ALL, address);
  }

  /** Writes an int that is a multiple of four away from zero; earlier writes stay before it. */
  public static void putIntRelease(long address, int value) {
    ALIGNED_INT.setRelease(ALL, address, value);
  }

  /** Reads an unsigned 16-bit number. */
  public static int getChar(long address) {
    return ALL.get(CHAR, address);
  }

  /** Writes an unsigned 16-bit number. */
  public static void putChar(long address, int value) {
    ALL.set(CHAR, address, (char) value);
  }

  public static byte getByte(long address) {
    return ALL.get(ValueLayout.JAVA_BYTE, address);
  }

  public static void putByte(long address, int value) {
    ALL.set(ValueLayout.JAVA_BYTE, address, (byte) value);
  }

  /** Copies memory into an array. */
  public static void copy(long from, byte[] to, int at, int length) {
    MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, to, at, length);
  }

  /** Copies from an array into memory. */
  public static void copy(byte[] from, int at, long to, int length) {
    MemorySegment.copy(from, at, ALL, ValueLayout.JAVA_BYTE, to, length);
  }

  /** Copies all words of an array into memory. */
  public static void copy(long[] from, long to) {
    MemorySegment.copy(from, 0, ALL, LONG, to, from.length);
  }

  /** Copies memory; the ranges may overlap. */
  public static void copy(long from, long to, long length) {
    MemorySegment.copy(ALL, from, ALL, to, length);
  }

  /** Fills memory with one byte. */
  public static void fill(long address, long length, int value) {
    ALL.asSlice(address, length).fill((byte) value);
  }

  /** Whether memory holds the same bytes as a range of an array. */
  public static boolean equal(long address, byte[] bytes, int from, int length) {
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      if (getLong(address + i) != Bytes.getLong(bytes, from + i)) {
        return false;
      }
    }
    for (; i < length; i++) {
      if (getByte(address + i) != bytes[from + i]) {
        return false;
      }
    }
    return true;
  }

  /** Compares two runs of bytes as unsigned ones; of two that begin alike the shorter is less. */
  public static int compare(long a, int aLength, long b, int bLength) {
    int common = Math.min(aLength, bLength);
    int i = 0;
    for (; i + 8 <= common; i += 8) {
      long x = getLongBigEndian(a + i);
      long y = getLongBigEndian(b + i);
      if (x != y) {
        return Long.compareUnsigned(x, y);
      }
    }
    for (; i < common; i++) {
      int order = Byte.compareUnsigned(getByte(a + i), getByte(b + i));
      if (order != 0) {
        return order;
      }
    }
    return Integer.compare(aLength, bLength);
  }

  /** Words of arrays in the machine's byte order. */
  private static final class Bytes {
    private static final VarHandle LONGS =
        java.lang.invoke.MethodHandles.byteArrayViewVarHandle(
            long[].class, ByteOrder.nativeOrder());

    static long getLong(byte[] bytes, int at) {
      return (long) LONGS.get(bytes, at);
    }
  }
}
