package io.narthex.tsdb.chunk;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import java.nio.ByteOrder;

/**
 * A copy of an open chunk of floats, as {@link XorAppender} keeps one: what its state has beside
 * addresses, and its full words. Filled anew for each chunk. Belongs to one thread.
 */
public final class OpenChunk {

  /** The most full words that a chunk has here. */
  public static final int MAX_WORDS = 255;

  private long lastTime;
  private long lastValueBits;
  private long step;
  private int count;
  private int leading;
  private int trailing;
  private long word;
  private int wordBits;
  private int words;
  private final byte[] own = new byte[MAX_WORDS * Long.BYTES];
  private byte[] bytes = own;
  private final long[] opened = new long[XorAppender.STATE_BYTES / Long.BYTES];
  private int from;

  /**
   * Copies an open chunk. Nobody may write it meanwhile.
   *
   * @param first the address of its first block
   */
  public void copy(long state, long first) {
    int bits = OffHeap.getInt(state + XorAppender.BITS);
    last(
        OffHeap.getLong(state + XorAppender.LAST_TIME),
        OffHeap.getLong(state + XorAppender.LAST_VALUE),
        OffHeap.getLong(state + XorAppender.TIME_DELTA));
    window(
        OffHeap.getByte(state + XorAppender.LEADING) & 0xff,
        OffHeap.getByte(state + XorAppender.TRAILING) & 0xff);
    samples(OffHeap.getChar(state + XorAppender.COUNT));
    word(OffHeap.getLong(state + XorAppender.WORD), bits & 63);
    words(bits >>> 6, own, 0);
    XorAppender.copyBlocks(first, own, 0, words * Long.BYTES, () -> true);
  }

  /** Sets its last sample, and how long after the one before it came. */
  public void last(long time, long valueBits, long sinceBefore) {
    lastTime = time;
    lastValueBits = valueBits;
    step = sinceBefore;
  }

  /** Sets the window in force: the zeros before and behind the bits of a value. */
  public void window(int zerosBefore, int zerosBehind) {
    leading = zerosBefore;
    trailing = zerosBehind;
  }

  /** Sets the number of its samples. */
  public void samples(int number) {
    count = number;
  }

  /** Sets the unfinished word: its upper bits, the others being zero. */
  public void word(long upper, int bits) {
    word = upper;
    wordBits = bits;
  }

  /**
   * Sets its full words, big-endian.
   *
   * @param in is not copied
   */
  public void words(int number, byte[] in, int at) {
    words = number;
    bytes = in;
    from = at;
  }

  /** The time of its newest sample. */
  public long lastTime() {
    return lastTime;
  }

  public long lastValueBits() {
    return lastValueBits;
  }

  /** How long after the one before the newest sample came. */
  public long step() {
    return step;
  }

  /** The zeros before the bits of a value, 255 while there is no window. */
  public int leading() {
    return leading;
  }

  public int trailing() {
    return trailing;
  }

  public int samples() {
    return count;
  }

  /** The unfinished word. */
  public long word() {
    return word;
  }

  /** The bits that the unfinished word has, less than 64. */
  public int wordBits() {
    return wordBits;
  }

  /** The number of full words. */
  public int words() {
    return words;
  }

  /** Where the full words lie, from {@link #from} on. */
  public byte[] bytes() {
    return bytes;
  }

  public int from() {
    return from;
  }

  /**
   * Opens the chunk in a state without one.
   *
   * @return the address of its first block, which the caller keeps; 0 if it has no sample, and then
   *     the state is as before
   */
  long open(SlabAllocator allocator, long state) {
    if (count == 0) {
      return 0;
    }
    long first = allocator.allocate(XorAppender.BLOCK_BYTES);
    int length = words * Long.BYTES;
    long tail = first;
    int copied = 0;
    while (copied < length) {
      int room = XorAppender.BLOCK_DATA_BYTES - (int) (tail & (XorAppender.BLOCK_BYTES - 1));
      int part = Math.min(room, length - copied);
      OffHeap.copy(bytes, from + copied, tail, part);
      copied += part;
      tail += part;
      if (part == room) {
        long next = allocator.allocate(XorAppender.BLOCK_BYTES);
        OffHeap.putLong(tail, next);
        tail = next;
      }
    }
    // Put together in an array: less code, and less time before that is compiled.
    opened[XorAppender.LAST_TIME / Long.BYTES] = lastTime;
    opened[XorAppender.LAST_VALUE / Long.BYTES] = lastValueBits;
    opened[XorAppender.TIME_DELTA / Long.BYTES] = step;
    opened[XorAppender.WORD / Long.BYTES] = word;
    opened[XorAppender.TAIL / Long.BYTES] = tail;
    opened[XorAppender.BITS / Long.BYTES] = lastWord();
    OffHeap.copy(opened, state);
    return first;
  }

  /** Bits, count, leading and trailing, as they lie in the state's last word. */
  private long lastWord() {
    long bits = words << 6 | wordBits;
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        ? bits | (long) count << 32 | (long) leading << 48 | (long) trailing << 56
        : bits << 32 | (long) count << 16 | (long) leading << 8 | trailing;
  }

  /**
   * Writes the chunk as {@link XorAppender#copyOpen} does.
   *
   * @param into must have room for them and {@link XorDecoder#PADDING}
   * @return the length in bytes
   */
  public int chunk(byte[] into) {
    int whole = words * Long.BYTES;
    int length = whole + (wordBits + 7 >>> 3);
    System.arraycopy(bytes, from, into, 0, whole);
    XorAppender.complete(into, 0, whole, length, word, count);
    return length;
  }
}
