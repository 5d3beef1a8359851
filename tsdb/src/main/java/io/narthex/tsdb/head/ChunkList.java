package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;

/**
 * The full chunks of a series, oldest first, as an off-heap array that the row points to. An entry:
 *
 * <pre>
 *    0  first time   8
 *    8  last time    8
 *   16  place        8   where the chunk is: its reference in the head chunk files, or, with the
 *                        top bit set, 15 bits of length and 48 bits of address in memory; or 15
 *                        zeros and its number in Histograms
 * </pre>
 *
 * <p>All writers hold the lock of the row's group, and the row's stamp is odd meanwhile.
 */
final class ChunkList {

  static final int ENTRY_BYTES = 24;
  static final int MAX_TIME = 8;
  static final int PLACE = 16;

  private static final long IN_MEMORY = 1L << 63;
  private static final int FIRST_CAPACITY = 2;

  private ChunkList() {}

  static long inMemory(long address, int length) {
    return IN_MEMORY | (long) length << 48 | address;
  }

  /** The place of a histogram chunk on the heap. */
  static long onHeap(int number) {
    return IN_MEMORY | number;
  }

  /** Whether a chunk in memory is one of histograms, on the heap. */
  static boolean isOnHeap(long place) {
    return length(place) == 0;
  }

  static boolean isInMemory(long place) {
    return place < 0;
  }

  static int length(long place) {
    return (int) (place >>> 48) & 0x7fff;
  }

  static long address(long place) {
    return place & 0xffff_ffff_ffffL;
  }

  /** The entry's address, for the holder of the group's lock. */
  static long entry(long row, int index) {
    return OffHeap.getLong(row + Rows.LIST) + (long) index * ENTRY_BYTES;
  }

  /** Adds an entry behind the others. */
  static void add(SlabAllocator allocator, long row, long minTime, long maxTime, long place) {
    insert(allocator, row, OffHeap.getInt(row + Rows.LIST_COUNT), minTime, maxTime, place);
  }

  /** Where an entry belongs in the order of time, or -1 if it overlaps another. */
  static int position(long row, long minTime, long maxTime) {
    int at = OffHeap.getInt(row + Rows.LIST_COUNT);
    while (at > 0 && OffHeap.getLong(entry(row, at - 1)) > maxTime) {
      at--;
    }
    boolean overlaps = at > 0 && OffHeap.getLong(entry(row, at - 1) + MAX_TIME) >= minTime;
    return overlaps ? -1 : at;
  }

  static void insert(
      SlabAllocator allocator, long row, int at, long minTime, long maxTime, long place) {
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    int capacity = OffHeap.getInt(row + Rows.LIST_CAPACITY);
    if (count == capacity) {
      // By a half: most series hold five or six chunks before the head is cut.
      resize(allocator, row, count, Math.max(FIRST_CAPACITY, capacity + capacity / 2));
    }
    long entry = entry(row, at);
    OffHeap.copy(entry, entry + ENTRY_BYTES, (long) (count - at) * ENTRY_BYTES);
    OffHeap.putLong(entry, minTime);
    OffHeap.putLong(entry + MAX_TIME, maxTime);
    OffHeap.putLong(entry + PLACE, place);
    OffHeap.putInt(row + Rows.LIST_COUNT, count + 1);
  }

  /** Drops the oldest entries. */
  static void dropFirst(SlabAllocator allocator, long row, int dropped) {
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    int left = count - dropped;
    long list = OffHeap.getLong(row + Rows.LIST);
    OffHeap.copy(list + (long) dropped * ENTRY_BYTES, list, (long) left * ENTRY_BYTES);
    OffHeap.putInt(row + Rows.LIST_COUNT, left);
    if (left == 0) {
      resize(allocator, row, 0, 0);
    } else if (left <= OffHeap.getInt(row + Rows.LIST_CAPACITY) / 3) {
      resize(allocator, row, left, Math.max(FIRST_CAPACITY, left));
    }
  }

  private static void resize(SlabAllocator allocator, long row, int count, int capacity) {
    int old = OffHeap.getInt(row + Rows.LIST_CAPACITY);
    if (capacity == old) {
      return;
    }
    long list = OffHeap.getLong(row + Rows.LIST);
    long moved = 0;
    if (capacity > 0) {
      moved = allocator.allocate(capacity * ENTRY_BYTES);
      if (count > 0) {
        OffHeap.copy(list, moved, (long) count * ENTRY_BYTES);
      }
    }
    OffHeap.putLong(row + Rows.LIST, moved);
    OffHeap.putInt(row + Rows.LIST_CAPACITY, capacity);
    if (old > 0) {
      allocator.free(list, old * ENTRY_BYTES);
    }
  }
}
