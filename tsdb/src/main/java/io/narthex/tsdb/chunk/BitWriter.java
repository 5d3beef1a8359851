package io.narthex.tsdb.chunk;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Writes bits, the most significant first, into an array that grows. Reusable.
 *
 * <p>Besides plain bits it knows the codes that the formats share:
 *
 * <pre>
 *   varbit, a whole number                 value, XOR with the one before
 *     0           0                          0    no change
 *     10          3 bits                     10   the bits within the window in force
 *     110         6 bits                     11   leading zeros 5 bits | length 6 bits (0 is 64)
 *     1110        9 bits                             | that many bits: a new window
 *     11110      12 bits
 *     111110     18 bits
 *     1111110    25 bits
 *     11111110   56 bits
 *     11111111   64 bits
 * </pre>
 *
 * A signed varbit of k bits holds -(2^(k-1)-1) to 2^(k-1), an unsigned one 0 to 2^k-1. Leading
 * zeros are clamped to 31. The codes are those of Prometheus' {@code tsdb/chunkenc/varbit.go} and
 * {@code xor.go}.
 */
final class BitWriter {

  /** The window of a value that has none yet. */
  static final int NO_WINDOW = -1;

  /** How many bits the value of a varbit has, by the number of ones before it. */
  static final int[] VARBIT_WIDTHS = {0, 3, 6, 9, 12, 18, 25, 56, 64};

  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  // Every bit from the position on is zero.
  private byte[] bytes = new byte[128];
  private int bits;

  /** Begins anew, behind a header of zeros. */
  void reset(int headerBytes) {
    Arrays.fill(bytes, 0, length(), (byte) 0);
    bits = headerBytes * 8;
  }

  /** The number of bytes begun. */
  int length() {
    return (bits + 7) >>> 3;
  }

  /** Sets a byte of the header. */
  void header(int at, int value) {
    bytes[at] = (byte) value;
  }

  /** All bytes so far, and zeros behind them. */
  byte[] toArray(int padding) {
    return Arrays.copyOf(bytes, length() + padding);
  }

  /**
   * Copies the first bytes. It may run while another thread writes; what it copies then is no
   * chunk, but nothing worse happens.
   */
  void copyTo(byte[] into, int at, int length) {
    byte[] now = bytes;
    System.arraycopy(now, 0, into, at, Math.min(length, now.length));
  }

  /** Writes the low bits of a value, 1 to 64 of them. */
  void write(long value, int width) {
    if (width > 56) {
      write(value >>> 32, width - 32);
      write(value, 32);
      return;
    }
    int at = bits >>> 3;
    if (at + 8 > bytes.length) {
      bytes = Arrays.copyOf(bytes, 2 * bytes.length);
    }
    long low = value & (-1L >>> (64 - width));
    long word = (long) LONGS.get(bytes, at);
    LONGS.set(bytes, at, word | low << (64 - (bits & 7) - width));
    bits += width;
  }

  /** Writes an unsigned integer as Go's {@code encoding/binary} does, at any bit. */
  void uvarint(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      write(rest & 0x7f | 0x80, 8);
      rest >>>= 7;
    }
    write(rest, 8);
  }

  /** Writes a signed integer as Go's {@code encoding/binary} does, at any bit. */
  void varint(long value) {
    uvarint(value << 1 ^ value >> 63);
  }

  void signedVarbit(long value) {
    if (value == 0) {
      write(0, 1);
      return;
    }
    int ones = 1;
    while (ones < 8) {
      long half = 1L << (VARBIT_WIDTHS[ones] - 1);
      if (value > -half && value <= half) {
        break;
      }
      ones++;
    }
    varbit(value, ones);
  }

  void unsignedVarbit(long value) {
    if (value == 0) {
      write(0, 1);
      return;
    }
    int ones = 1;
    while (ones < 8 && value >>> VARBIT_WIDTHS[ones] != 0) {
      ones++;
    }
    varbit(value, ones);
  }

  private void varbit(long value, int ones) {
    if (ones == 8) {
      write(0xff, 8);
    } else {
      write((1L << (ones + 1)) - 2, ones + 1);
    }
    write(value, VARBIT_WIDTHS[ones]);
  }

  /**
   * Writes how a value differs from the one before.
   *
   * @param xor both, exclusively or'ed
   * @param window the window in force, or {@link #NO_WINDOW}
   * @return the window in force from now on
   */
  int xor(long xor, int window) {
    if (xor == 0) {
      write(0, 1);
      return window;
    }
    write(1, 1);
    return changed(xor, window, 1, 1);
  }

  /**
   * Writes the changed bits of a value: a zero and those within the window in force, or a prefix
   * and a new window.
   *
   * @param prefix what says that a new window follows
   * @param prefixWidth how many bits that are
   * @return the window in force from now on
   */
  int changed(long xor, int window, int prefix, int prefixWidth) {
    int leading = Math.min(Long.numberOfLeadingZeros(xor), 31);
    int trailing = Long.numberOfTrailingZeros(xor);
    if (window != NO_WINDOW && leading >= window >> 8 && trailing >= (window & 0xff)) {
      write(0, 1);
      write(xor >>> (window & 0xff), 64 - (window >> 8) - (window & 0xff));
      return window;
    }
    int length = 64 - leading - trailing;
    write((long) prefix << 11 | (long) leading << 6 | length & 63, prefixWidth + 11);
    write(xor >>> trailing, length);
    return leading << 8 | trailing;
  }
}
