package io.narthex.tsdb.chunk;

import io.narthex.base.bytes.Varint;
import io.narthex.storage.StorageException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Reads the bits of one chunk after the other, with the codes drawn at {@link BitWriter}. It never
 * reads behind a chunk's end: the bytes there are loaded with others, but whoever needs them is
 * told that the chunk is broken.
 */
final class BitReader {

  private static final byte[] NOTHING = {};
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

  private final String name;
  private byte[] bytes = NOTHING;
  private int length;
  private long bit;
  private long end;

  /**
   * @param encoding whose chunks are read, for messages
   */
  BitReader(ChunkEncoding encoding) {
    this.name = encoding.text();
  }

  /**
   * Begins to read a chunk.
   *
   * @param array holds the chunk, and {@link ChunkDecoder#PADDING} bytes behind it
   * @param skipped the bytes of its header
   * @throws StorageException if it is shorter than that
   */
  void open(byte[] array, int from, int chunkLength, int skipped) {
    bytes = array;
    length = chunkLength;
    bit = (from + skipped) * 8L;
    end = (from + chunkLength) * 8L;
    if (chunkLength < skipped || from + chunkLength + ChunkDecoder.PADDING > array.length) {
      throw ended();
    }
  }

  /** The bits that are left. */
  long left() {
    return end - bit;
  }

  StorageException ended() {
    return broken("ends within its samples");
  }

  StorageException broken(String what) {
    return new StorageException(name + " chunk of " + length + " bytes " + what);
  }

  /** At least 57 bits from the position on, at the top of a word. */
  private long window() {
    return (long) LONGS.get(bytes, (int) (bit >>> 3)) << (bit & 7);
  }

  /** The next bits, 1 to 64 of them. */
  long bits(int width) {
    if (bit + width > end) {
      throw ended();
    }
    int at = (int) (bit >>> 3);
    int shift = (int) bit & 7;
    // With a shift of 0 the second part vanishes: all eight bits of the byte are shifted out.
    long word = (long) LONGS.get(bytes, at) << shift | (bytes[at + 8] & 0xff) >>> (8 - shift);
    bit += width;
    return word >>> (64 - width);
  }

  /** The number of ones before the next zero, which is read too, or before the limit is reached. */
  int ones(int limit) {
    int ones = Math.min(Long.numberOfLeadingZeros(~window()), limit);
    bit += ones < limit ? ones + 1 : limit;
    if (bit > end) {
      throw ended();
    }
    return ones;
  }

  long uvarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      long b = bits(8);
      value |= (b & 0x7f) << shift;
      if (b < 0x80) {
        return value;
      }
    }
    throw broken("has a number of more than 64 bits");
  }

  long varint() {
    return Varint.unzigzag(uvarint());
  }

  long signedVarbit() {
    int ones = ones(8);
    if (ones == 0) {
      return 0;
    }
    int width = BitWriter.VARBIT_WIDTHS[ones];
    return signed(bits(width), width);
  }

  long unsignedVarbit() {
    int ones = ones(8);
    return ones == 0 ? 0 : bits(BitWriter.VARBIT_WIDTHS[ones]);
  }

  private static long signed(long coded, int width) {
    return width < 64 && coded > 1L << (width - 1) ? coded - (1L << width) : coded;
  }

  /**
   * Reads a new window.
   *
   * @throws StorageException if it is wider than a value
   */
  int newWindow() {
    int leading = (int) bits(5);
    int coded = (int) bits(6);
    int trailing = 64 - leading - (coded == 0 ? 64 : coded);
    if (trailing < 0) {
      throw broken("has a value of more than 64 bits");
    }
    return leading << 8 | trailing;
  }

  /** Reads the bits within a window; without one it spans all bits. */
  long changed(int window) {
    return window == BitWriter.NO_WINDOW
        ? bits(64)
        : bits(64 - (window >> 8) - (window & 0xff)) << (window & 0xff);
  }
}
