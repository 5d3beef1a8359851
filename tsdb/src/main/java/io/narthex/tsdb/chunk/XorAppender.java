package io.narthex.tsdb.chunk;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import java.util.Arrays;

/**
 * Appends float samples to open XOR chunks (Prometheus' encoding 1, after Facebook's Gorilla
 * paper), bit by bit and equal to Prometheus' bits.
 *
 * <pre>
 *   count u16 | t0 varint | v0 64 bits                          the first sample
 *             | t1-t0 uvarint | value                           the second
 *             | dod | value                                     all others
 *
 *   dod, the change of the time step:     value, XOR with the one before:
 *     0                    no change        0                      no change
 *     10    14 bits                         10   the bits within the window in force
 *     110   17 bits                         11   leading zeros 5 bits | length 6 bits (0 is 64)
 *     1110  20 bits                              | that many bits: a new window
 *     1111  64 bits
 * </pre>
 *
 * A dod of k bits holds -(2^(k-1)-1) to 2^(k-1). Leading zeros are clamped to 31. Everything is
 * big-endian.
 *
 * <p><b>Where the bits lie.</b> An open chunk is a chain of 64-byte blocks: seven words of data,
 * and in the last word the address of the next block. So a chunk grows without being copied, a
 * series that never changes fits in one block, and every block of every chunk is alike. The last,
 * unfinished word lies in the state, so that a sample usually touches the state alone. The count
 * lies in the state too, and is written into the chunk when its bytes are taken.
 *
 * <p><b>The state</b> of an open chunk is {@link #STATE_BYTES} bytes of off-heap memory that the
 * caller keeps, as part of a larger row if it likes. The methods take its address; one appender
 * serves any number of chunks, one at a time. Not thread-safe: whoever reads the state while
 * another thread appends must detect that by itself.
 */
public final class XorAppender {

  /** The size of the state of an open chunk; it is aligned to 8. */
  public static final int STATE_BYTES = 48;

  /** The chunks' encoding byte in Prometheus' files. */
  public static final int ENCODING = 1;

  /** The size of a block of an open chunk. */
  static final int BLOCK_BYTES = 64;

  /** The data bytes in a block; behind them lies the address of the next. */
  static final int BLOCK_DATA_BYTES = 56;

  // Offsets in the state.
  static final int LAST_TIME = 0;
  static final int LAST_VALUE = 8;
  static final int TIME_DELTA = 16;
  static final int WORD = 24;
  static final int TAIL = 32;
  static final int BITS = 40;
  static final int COUNT = 44;
  static final int LEADING = 46;
  static final int TRAILING = 47;

  private static final int NO_WINDOW = 0xff;

  private final SlabAllocator allocator;

  // The chunk being written, between load and store.
  private long word;
  private long tail;
  private int bits;

  /**
   * @param allocator where blocks come from
   */
  public XorAppender(SlabAllocator allocator) {
    this.allocator = allocator;
  }

  /** The time of the newest sample. */
  public static long lastTime(long state) {
    return OffHeap.getLong(state + LAST_TIME);
  }

  /** Writes the state that has no sample, a word each. */
  public static void noSample(long[] state) {
    Arrays.fill(state, 0, STATE_BYTES / Long.BYTES, 0);
    state[LAST_TIME / Long.BYTES] = Long.MIN_VALUE;
  }

  /**
   * Sets what {@link #lastTime} and {@link #lastValueBits} say of a state without an open chunk.
   */
  public static void last(long state, long time, long valueBits) {
    OffHeap.putLong(state + LAST_TIME, time);
    OffHeap.putLong(state + LAST_VALUE, valueBits);
  }

  /** The bits of the value of the newest sample. */
  public static long lastValueBits(long state) {
    return OffHeap.getLong(state + LAST_VALUE);
  }

  /** The number of samples in the open chunk, 0 where there is none. */
  public static int count(long state) {
    return OffHeap.getChar(state + COUNT);
  }

  /** The number of bytes of the open chunk, the count included. */
  public static int bytes(long state) {
    return (OffHeap.getInt(state + BITS) + 7) >>> 3;
  }

  /**
   * Begins a chunk with its first sample.
   *
   * @return the address of its first block, which the caller keeps
   */
  public long begin(long state, long time, long valueBits) {
    long first = allocator.allocate(BLOCK_BYTES);
    tail = first;
    word = 0;
    bits = 16; // the count
    writeUnsigned((time << 1) ^ (time >> 63));
    write(valueBits, 64);
    OffHeap.putLong(state + LAST_TIME, time);
    OffHeap.putLong(state + LAST_VALUE, valueBits);
    OffHeap.putLong(state + TIME_DELTA, 0);
    OffHeap.putByte(state + LEADING, NO_WINDOW);
    OffHeap.putByte(state + TRAILING, 0);
    store(state, 1);
    return first;
  }

  /** Adds a sample that is newer than the last one of the open chunk. */
  public void append(long state, long time, long valueBits) {
    word = OffHeap.getLong(state + WORD);
    tail = OffHeap.getLong(state + TAIL);
    bits = OffHeap.getInt(state + BITS);
    int count = OffHeap.getChar(state + COUNT);
    long delta = time - OffHeap.getLong(state + LAST_TIME);
    if (count == 1) {
      writeUnsigned(delta);
    } else {
      writeDeltaOfDelta(delta - OffHeap.getLong(state + TIME_DELTA));
    }
    long xor = valueBits ^ OffHeap.getLong(state + LAST_VALUE);
    if (xor == 0) {
      write(0, 1);
    } else {
      writeXor(state, xor);
      OffHeap.putLong(state + LAST_VALUE, valueBits);
    }
    OffHeap.putLong(state + LAST_TIME, time);
    OffHeap.putLong(state + TIME_DELTA, delta);
    store(state, count + 1);
  }

  private void store(long state, int count) {
    OffHeap.putLong(state + WORD, word);
    OffHeap.putLong(state + TAIL, tail);
    OffHeap.putInt(state + BITS, bits);
    OffHeap.putChar(state + COUNT, count);
  }

  private void writeDeltaOfDelta(long dod) {
    if (dod == 0) {
      write(0, 1);
    } else if (fits(dod, 14)) {
      write((0b10L << 14) | (dod & 0x3fff), 16);
    } else if (fits(dod, 17)) {
      write((0b110L << 17) | (dod & 0x1ffff), 20);
    } else if (fits(dod, 20)) {
      write((0b1110L << 20) | (dod & 0xfffff), 24);
    } else {
      write(0b1111, 4);
      write(dod, 64);
    }
  }

  private static boolean fits(long value, int width) {
    long half = 1L << (width - 1);
    return value > -half && value <= half;
  }

  private void writeXor(long state, long xor) {
    int leading = Math.min(Long.numberOfLeadingZeros(xor), 31);
    int trailing = Long.numberOfTrailingZeros(xor);
    int windowLeading = OffHeap.getByte(state + LEADING) & 0xff;
    int windowTrailing = OffHeap.getByte(state + TRAILING);
    if (windowLeading != NO_WINDOW && leading >= windowLeading && trailing >= windowTrailing) {
      write(0b10, 2);
      write(xor >>> windowTrailing, 64 - windowLeading - windowTrailing);
      return;
    }
    OffHeap.putByte(state + LEADING, leading);
    OffHeap.putByte(state + TRAILING, trailing);
    int length = 64 - leading - trailing;
    write((0b11L << 11) | ((long) leading << 6) | (length & 63), 13);
    write(xor >>> trailing, length);
  }

  private void writeUnsigned(long value) {
    while ((value & ~0x7fL) != 0) {
      write((value & 0x7f) | 0x80, 8);
      value >>>= 7;
    }
    write(value, 8);
  }

  /** Writes the low bits of a value whose other bits are zero. */
  private void write(long value, int width) {
    int room = 64 - (bits & 63);
    bits += width;
    if (width < room) {
      word |= value << (room - width);
      return;
    }
    int rest = width - room;
    OffHeap.putLongBigEndian(tail, word | (value >>> rest));
    word = rest == 0 ? 0 : value << (64 - rest);
    tail += 8;
    if ((tail & (BLOCK_BYTES - 1)) == BLOCK_DATA_BYTES) {
      long next = allocator.allocate(BLOCK_BYTES);
      OffHeap.putLong(tail, next);
      tail = next;
    }
  }

  /**
   * Ends the open chunk: its blocks hold all its bytes now, the count included, and the state holds
   * no chunk any more but keeps the last time and value.
   *
   * @param first the address of its first block
   * @return its length in bytes
   */
  public int seal(long state, long first) {
    int length = bytes(state);
    long tail = OffHeap.getLong(state + TAIL);
    if (OffHeap.getInt(state + BITS) % (8 * BLOCK_DATA_BYTES) == 0) {
      allocator.free(tail, BLOCK_BYTES); // linked ahead, still empty
    } else {
      OffHeap.putLongBigEndian(tail, OffHeap.getLong(state + WORD));
    }
    OffHeap.putByte(first, count(state) >>> 8);
    OffHeap.putByte(first + 1, count(state));
    OffHeap.putInt(state + BITS, 0);
    OffHeap.putChar(state + COUNT, 0);
    return length;
  }

  /**
   * Opens a chunk that was copied, in a state without one.
   *
   * @return the address of its first block, which the caller keeps; 0 if the copy has no sample,
   *     and then the state is as before
   */
  public long open(long state, OpenChunk copy) {
    return copy.open(allocator, state);
  }

  /** Frees the blocks of a sealed chunk. */
  public void free(long first, int length) {
    long block = first;
    for (int left = length; left > 0; left -= BLOCK_DATA_BYTES) {
      long next = OffHeap.getLong(block + BLOCK_DATA_BYTES);
      allocator.free(block, BLOCK_BYTES);
      block = next;
    }
  }

  /** Says whether what was read since it was last asked is to be believed. */
  public interface Witness {
    boolean stillTrue();
  }

  /**
   * Copies the bytes of the open chunk, the count included. It may run while another thread
   * appends: no address is followed that the witness has not vouched for.
   *
   * @param into must have room for the largest chunk and {@link XorDecoder#PADDING}
   * @return the length in bytes, or -1 when the witness lost faith; even a length is to be believed
   *     only if the witness still does
   */
  public static int copyOpen(long state, long first, byte[] into, int at, Witness witness) {
    int bits = OffHeap.getInt(state + BITS);
    int count = OffHeap.getChar(state + COUNT);
    long word = OffHeap.getLong(state + WORD);
    int length = (bits + 7) >>> 3;
    int whole = bits >>> 6 << 3;
    if (!witness.stillTrue() || length + XorDecoder.PADDING > into.length - at) {
      return -1;
    }
    if (whole > 0 && !copyBlocks(first, into, at, whole, witness)) {
      return -1;
    }
    complete(into, at, whole, length, word, count);
    return length;
  }

  /** Adds the unfinished word behind the whole ones, and the count before all. */
  static void complete(byte[] into, int at, int whole, int length, long word, int count) {
    for (int i = whole; i < length; i++) {
      into[at + i] = (byte) (word >>> (56 - 8 * (i - whole)));
    }
    into[at] = (byte) (count >>> 8);
    into[at + 1] = (byte) count;
  }

  /** Copies the bytes of a sealed chunk, under the same conditions as {@link #copyOpen}. */
  public static boolean copySealed(long first, int length, byte[] into, int at, Witness witness) {
    return copyBlocks(first, into, at, length, witness);
  }

  static boolean copyBlocks(long first, byte[] into, int at, int length, Witness witness) {
    long block = first;
    int copied = 0;
    while (true) {
      int part = Math.min(length - copied, BLOCK_DATA_BYTES);
      if (part > 0) {
        OffHeap.copy(block, into, at + copied, part);
      }
      copied += part;
      if (copied >= length) {
        return true;
      }
      block = OffHeap.getLong(block + BLOCK_DATA_BYTES);
      if (!witness.stillTrue()) {
        return false;
      }
    }
  }
}
