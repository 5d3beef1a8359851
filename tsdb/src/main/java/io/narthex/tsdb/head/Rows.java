package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.XorAppender;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The hot state of all series: one row of two cache lines for each slot, off the heap.
 *
 * <pre>
 *    0  XOR state of the open chunk   48   last time and value, ..., count: 0 without an open chunk
 *   48  next cut                       8   time at which the open chunk ends
 *   56  stamp                          4   odd while the row is being written
 *   60  generation                     4   part of the handle; changes when the slot is freed
 *   64  ref                            8
 *   72  open chunk's first block       8   or, of one on the heap, its number in Histograms
 *   80  open chunk's first time        8
 *   88  labels                         8   address of the run of pair numbers (see LabelPairs)
 *   96  chunk list                     8   address (see ChunkList), 0 without one
 *  104  chunks in the list             4
 *  108  room in the list               4
 *  112  group                          4
 *  116  bytes of the labels            4
 *  120  hash of the labels             4   the low half
 *  124  logged                         1   whether the log knows the series
 *  125  dying                          1   whether garbage collection has it in sight
 *  126  kind                           1   of the newest sample: 0 a float, 1 a histogram with whole
 *                                          counts, 2 with float counts; and 4 while the open chunk
 *                                          lies on the heap, one of histograms or XOR2: then no
 *                                          XOR chunk is open
 * </pre>
 *
 * <p>Rows never move and are never given back while the head lives; a freed slot is used again only
 * when no reader is left that could know it. A writer holds the lock of the row's group and raises
 * the stamp around its writes; a reader takes no lock, but believes what it read only if the stamp
 * stood still, and follows an address only after asking the stamp again.
 */
final class Rows {

  static final int ROW_BYTES = 128;

  static final int NEXT_CUT = XorAppender.STATE_BYTES;
  static final int STAMP = 56;
  static final int GENERATION = 60;
  static final int REF = 64;
  static final int CHUNK_START = 72;
  static final int CHUNK_MIN_TIME = 80;
  static final int LABELS = 88;
  static final int LIST = 96;
  static final int LIST_COUNT = 104;
  static final int LIST_CAPACITY = 108;
  static final int GROUP = 112;
  static final int LABEL_BYTES = 116;
  static final int HASH = 120;
  static final int LOGGED = 124;
  static final int DYING = 125;
  static final int KIND = 126;

  /**
   * The four bytes from {@link #LOGGED} on of a series that the log knows and whose newest sample
   * is a float, in no XOR2 chunk, as nearly all are.
   */
  static final int PLAIN = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN ? 1 : 1 << 24;

  static final int WHOLE_COUNTS = 1;
  static final int FLOAT_COUNTS = 2;
  static final int OPEN_ON_HEAP = 4;

  private static final int PAGE_SHIFT = 13;
  private static final int PAGE_ROWS = 1 << PAGE_SHIFT;

  private final SlabAllocator allocator;
  // Replaced when it grows; who knows a slot has seen the page it lies in.
  private long[] pages = new long[0];

  private final long[] cleared = new long[ROW_BYTES / Long.BYTES];
  private int used; // slots from here on have not had a series

  Rows(SlabAllocator allocator) {
    this.allocator = allocator;
    XorAppender.noSample(cleared);
  }

  /** The row of a slot that exists. */
  long address(int slot) {
    return pages[slot >>> PAGE_SHIFT] + (long) (slot & (PAGE_ROWS - 1)) * ROW_BYTES;
  }

  /** The row that a handle names, or 0 if it is of no living series. */
  long addressOfHandle(long handle) {
    int slot = (int) handle;
    long[] pages = this.pages;
    int page = slot >>> PAGE_SHIFT;
    if (page >= pages.length) {
      return 0;
    }
    long row = pages[page] + (long) (slot & (PAGE_ROWS - 1)) * ROW_BYTES;
    return OffHeap.getInt(row + GENERATION) == (int) (handle >>> 32) ? row : 0;
  }

  /** The handle of a row. */
  static long handle(int slot, long row) {
    return (long) OffHeap.getInt(row + GENERATION) << 32 | slot;
  }

  /** Makes room for slots below a number; the caller holds the index's lock. */
  void reserve(int slots) {
    while (pages.length * PAGE_ROWS < slots) {
      long page = allocator.allocateLarge((long) PAGE_ROWS * ROW_BYTES);
      long[] grown = Arrays.copyOf(pages, pages.length + 1);
      grown[pages.length] = page;
      pages = grown;
    }
  }

  /**
   * Clears a row for a new series. It is put together in an array, which takes less code, and less
   * time before that is compiled, than word by word; the caller holds the index's lock.
   *
   * @param labels the address of the run of pair numbers, 0 if they are not known yet
   */
  void init(int slot, long ref, int group, long labels, int labelBytes, int hash, boolean logged) {
    long row = address(slot);
    cleared[STAMP / Long.BYTES] =
        slot < used ? OffHeap.getLong(row + STAMP) : ints(0, 1); // stamp and generation
    used = Math.max(used, slot + 1);
    cleared[REF / Long.BYTES] = ref;
    cleared[LABELS / Long.BYTES] = labels;
    cleared[GROUP / Long.BYTES] = ints(group, labelBytes);
    cleared[HASH / Long.BYTES] = ints(hash, logged ? PLAIN : 0);
    OffHeap.copy(cleared, row);
  }

  /** Two ints as they lie in memory, one behind the other. */
  private static long ints(int first, int second) {
    return ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN
        ? first & 0xffffffffL | (long) second << 32
        : (long) first << 32 | second & 0xffffffffL;
  }

  /** Sets a row's labels. */
  static void labels(long row, long labels, int bytes, int hash) {
    OffHeap.putLong(row + LABELS, labels);
    OffHeap.putInt(row + LABEL_BYTES, bytes);
    OffHeap.putInt(row + HASH, hash);
  }

  /** Makes the handles of a row invalid. */
  static void retire(long row) {
    int next = OffHeap.getInt(row + GENERATION) + 1;
    OffHeap.putInt(row + GENERATION, next == 0 ? 1 : next);
  }

  static long ref(long row) {
    return OffHeap.getLong(row + REF);
  }

  static void ref(long row, long ref) {
    OffHeap.putLong(row + REF, ref);
  }

  static int group(long row) {
    return OffHeap.getInt(row + GROUP);
  }

  /** The kind of the newest sample: 0, {@link #WHOLE_COUNTS} or {@link #FLOAT_COUNTS}. */
  static int kind(long row) {
    return OffHeap.getByte(row + KIND) & ~OPEN_ON_HEAP;
  }

  /** The kind of a histogram. */
  static int kind(SpanHistogram histogram) {
    return histogram.floats() ? FLOAT_COUNTS : WHOLE_COUNTS;
  }

  /** Whether the open chunk is an XOR2 one, which lies on the heap. */
  static boolean hasOpenXor2(long row) {
    return OffHeap.getByte(row + KIND) == OPEN_ON_HEAP;
  }

  /** Whether there is an open chunk, of floats or of histograms. */
  static boolean hasOpen(long row) {
    return XorAppender.count(row) > 0 || (OffHeap.getByte(row + KIND) & OPEN_ON_HEAP) != 0;
  }

  /** Whether the row has any sample; for the holder of the group's lock. */
  static boolean hasSamples(long row) {
    return hasOpen(row) || OffHeap.getInt(row + LIST_COUNT) > 0;
  }
}
