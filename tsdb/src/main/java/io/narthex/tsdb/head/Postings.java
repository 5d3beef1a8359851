package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.IntIterator;
import org.roaringbitmap.RoaringBitmap;

/**
 * The series that have a label pair, as ascending slots. One slot lies in the pair's row itself, a
 * few in an off-heap array, more than {@link #MOST_IN_ARRAY} in a bitmap on the heap; most pairs
 * have few series, and a bitmap of many needs about two bytes for each. The index's lock guards
 * all.
 */
final class Postings {

  private static final int MOST_IN_ARRAY = 192;
  private static final int IN_BITMAP = -1; // in place of a capacity

  private final SlabAllocator allocator;
  private @Nullable RoaringBitmap[] bitmaps = new RoaringBitmap[16];
  private int bitmapCount;
  private int[] freeBitmaps = new int[16];
  private int freeCount;

  Postings(SlabAllocator allocator) {
    this.allocator = allocator;
  }

  static int count(long pairRow) {
    return OffHeap.getInt(pairRow + LabelPairs.COUNT);
  }

  /** The bitmap, read only, or null if the pair has few series. */
  @Nullable RoaringBitmap bitmap(long pairRow) {
    if (OffHeap.getInt(pairRow + LabelPairs.CAPACITY) != IN_BITMAP) {
      return null;
    }
    return bitmaps[(int) OffHeap.getLong(pairRow + LabelPairs.POSTINGS)];
  }

  void add(long pairRow, int slot) {
    int count = count(pairRow);
    RoaringBitmap bitmap = bitmap(pairRow);
    if (bitmap != null) {
      bitmap.add(slot);
    } else if (count == 0) {
      OffHeap.putLong(pairRow + LabelPairs.POSTINGS, slot);
    } else if (count == MOST_IN_ARRAY) {
      toBitmap(pairRow).add(slot);
    } else {
      insert(pairRow, count, slot);
    }
    OffHeap.putInt(pairRow + LabelPairs.COUNT, count + 1);
  }

  private void insert(long pairRow, int count, int slot) {
    long list = array(pairRow, count + 1);
    int at = count;
    while (at > 0 && OffHeap.getInt(list + 4L * (at - 1)) > slot) {
      OffHeap.putInt(list + 4L * at, OffHeap.getInt(list + 4L * (at - 1)));
      at--;
    }
    OffHeap.putInt(list + 4L * at, slot);
  }

  /** The array with room for a number of slots. */
  private long array(long pairRow, int needed) {
    long list = OffHeap.getLong(pairRow + LabelPairs.POSTINGS);
    int capacity = OffHeap.getInt(pairRow + LabelPairs.CAPACITY);
    if (needed <= capacity) {
      return list;
    }
    int grown = allocator.blockBytes(4 * Math.max(needed, capacity + capacity / 4)) / 4;
    long moved = allocator.allocate(4 * grown);
    if (capacity == 0) {
      OffHeap.putInt(moved, (int) list);
    } else {
      OffHeap.copy(list, moved, 4L * (needed - 1));
      allocator.free(list, 4 * capacity);
    }
    OffHeap.putLong(pairRow + LabelPairs.POSTINGS, moved);
    OffHeap.putInt(pairRow + LabelPairs.CAPACITY, grown);
    return moved;
  }

  private RoaringBitmap toBitmap(long pairRow) {
    RoaringBitmap bitmap = new RoaringBitmap();
    addTo(pairRow, bitmap);
    allocator.free(
        OffHeap.getLong(pairRow + LabelPairs.POSTINGS),
        4 * OffHeap.getInt(pairRow + LabelPairs.CAPACITY));
    int number = freeCount > 0 ? freeBitmaps[--freeCount] : bitmapCount++;
    if (number == bitmaps.length) {
      bitmaps = Arrays.copyOf(bitmaps, number * 2);
    }
    bitmaps[number] = bitmap;
    OffHeap.putLong(pairRow + LabelPairs.POSTINGS, number);
    OffHeap.putInt(pairRow + LabelPairs.CAPACITY, IN_BITMAP);
    return bitmap;
  }

  /** Takes a slot out; the last one leaves nothing behind. */
  void remove(long pairRow, int slot) {
    int count = count(pairRow) - 1;
    RoaringBitmap bitmap = bitmap(pairRow);
    if (bitmap != null) {
      bitmap.remove(slot);
      if (count == 0) {
        int number = (int) OffHeap.getLong(pairRow + LabelPairs.POSTINGS);
        bitmaps[number] = null;
        if (freeCount == freeBitmaps.length) {
          freeBitmaps = Arrays.copyOf(freeBitmaps, freeCount * 2);
        }
        freeBitmaps[freeCount++] = number;
        OffHeap.putInt(pairRow + LabelPairs.CAPACITY, 0);
      }
    } else {
      int capacity = OffHeap.getInt(pairRow + LabelPairs.CAPACITY);
      long list = OffHeap.getLong(pairRow + LabelPairs.POSTINGS);
      if (capacity > 0) {
        int at = 0;
        while (OffHeap.getInt(list + 4L * at) != slot) {
          at++;
        }
        OffHeap.copy(list + 4L * (at + 1), list + 4L * at, 4L * (count - at));
        if (count == 0) {
          allocator.free(list, 4 * capacity);
          OffHeap.putInt(pairRow + LabelPairs.CAPACITY, 0);
        }
      }
    }
    OffHeap.putInt(pairRow + LabelPairs.COUNT, count);
  }

  /** Adds all slots to a bitmap. */
  void addTo(long pairRow, RoaringBitmap into) {
    RoaringBitmap bitmap = bitmap(pairRow);
    if (bitmap != null) {
      into.or(bitmap);
      return;
    }
    int count = count(pairRow);
    long list = OffHeap.getLong(pairRow + LabelPairs.POSTINGS);
    if (OffHeap.getInt(pairRow + LabelPairs.CAPACITY) == 0) {
      if (count == 1) {
        into.add((int) list);
      }
      return;
    }
    for (int i = 0; i < count; i++) {
      into.add(OffHeap.getInt(list + 4L * i));
    }
  }

  /** All slots, ascending. */
  int[] toArray(long pairRow) {
    RoaringBitmap bitmap = bitmap(pairRow);
    int count = count(pairRow);
    int[] slots = new int[count];
    if (bitmap != null) {
      IntIterator it = bitmap.getIntIterator();
      for (int i = 0; i < count; i++) {
        slots[i] = it.next();
      }
      return slots;
    }
    long list = OffHeap.getLong(pairRow + LabelPairs.POSTINGS);
    if (OffHeap.getInt(pairRow + LabelPairs.CAPACITY) == 0) {
      if (count == 1) {
        slots[0] = (int) list;
      }
      return slots;
    }
    for (int i = 0; i < count; i++) {
      slots[i] = OffHeap.getInt(list + 4L * i);
    }
    return slots;
  }
}
