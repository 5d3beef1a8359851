package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * Drops old chunks, then the series that have none left.
 *
 * <p>A writer may have put a sample for such a series into its batch a moment ago, and holds no
 * lock meanwhile. So a series is first marked as dying: from then on appending to it fails, and
 * whoever asks for it by its labels brings it back to life. When every batch that was open at the
 * mark has ended, a series that is still marked and still empty has no writer left, and goes.
 */
final class HeadCollector {

  private static final int ROWS_AT_ONCE = 256;
  private static final int PATIENCE = 500; // times 10 ms

  private final Head head;
  private final SeriesIndex index;

  HeadCollector(Head head) {
    this.head = head;
    this.index = head.index;
  }

  long[] truncate(long time) {
    head.counters.truncations.increment();
    head.minTime(time);
    head.minValidTime(time);
    long oldest = drop(time);
    if (oldest > time) {
      // Nothing is there before it; what may still come in decides.
      long from = Math.min(oldest, head.appendableFrom());
      head.minTime(Math.max(time, from));
      head.minValidTime(Math.max(time, from));
    }
    return collect();
  }

  /** Drops chunks; returns the time of the oldest sample that is left. */
  private long drop(long time) {
    SeriesWriter writer =
        new SeriesWriter(head.allocator, head.counters, head.options, head.histograms);
    int[] slots = living();
    long oldest = Long.MAX_VALUE;
    int i = 0;
    while (i < slots.length) {
      Group group = head.ownerOf(index.rows.address(slots[i]));
      group.lock.lock();
      try {
        for (int n = 0; n < ROWS_AT_ONCE && i < slots.length; n++) {
          long row = index.rows.address(slots[i]);
          if (Rows.group(row) != group.number) {
            break;
          }
          writer.dropBefore(row, time);
          if (OffHeap.getInt(row + Rows.LIST_COUNT) > 0) {
            oldest = Math.min(oldest, OffHeap.getLong(ChunkList.entry(row, 0)));
          } else if (Rows.hasOpen(row)) {
            oldest = Math.min(oldest, OffHeap.getLong(row + Rows.CHUNK_MIN_TIME));
          }
          i++;
        }
      } finally {
        group.lock.unlock();
      }
    }
    return oldest;
  }

  private int[] living() {
    long stamp = index.readLock();
    try {
      return index.all.toArray();
    } finally {
      index.lock.unlockRead(stamp);
    }
  }

  /** Removes the series without samples; returns their references. */
  long[] collect() {
    int[] marked = mark();
    boolean quiet = marked.length > 0 && awaitBatches();
    long[] refs = remove(marked, quiet);
    head.dropEmptyGroups();
    return refs;
  }

  private long[] remove(int[] marked, boolean quiet) {
    long stamp = index.lock.writeLock();
    try {
      int n = 0;
      for (int slot : marked) {
        long row = index.rows.address(slot);
        if (OffHeap.getByte(row + Rows.DYING) == 0) {
          continue;
        }
        if (quiet && !Rows.hasSamples(row) && !head.outOfOrder.has(slot)) {
          marked[n++] = slot;
        } else {
          OffHeap.putByte(row + Rows.DYING, 0);
        }
      }
      long[] refs = new long[n];
      Arrays.setAll(refs, i -> Rows.ref(index.rows.address(marked[i])));
      if (n > 0) {
        index.remove(marked, n, head::group);
      }
      return refs;
    } finally {
      index.lock.unlockWrite(stamp);
    }
  }

  private int[] mark() {
    long stamp = index.lock.writeLock();
    try {
      int[] slots = index.all.toArray();
      int n = 0;
      for (int slot : slots) {
        long row = index.rows.address(slot);
        if (!Rows.hasSamples(row) && !head.outOfOrder.has(slot)) {
          OffHeap.putByte(row + Rows.DYING, 1);
          slots[n++] = slot;
        }
      }
      return Arrays.copyOf(slots, n);
    } finally {
      index.lock.unlockWrite(stamp);
    }
  }

  /** Waits until all batches that are open now have ended; false if one will not. */
  boolean awaitBatches() {
    VarHandle.fullFence(); // the marks, before the counts; the other half is in HeadAppender
    List<Group> groups = head.groups();
    int[] before = new int[groups.size()];
    Arrays.setAll(before, i -> groups.get(i).batches.get());
    for (int i = 0; i < before.length; i++) {
      if ((before[i] & 1) == 0) {
        continue;
      }
      for (int tries = 0; groups.get(i).batches.get() == before[i]; tries++) {
        if (tries == PATIENCE) {
          return false;
        }
        LockSupport.parkNanos(10_000_000);
      }
    }
    return true;
  }
}
