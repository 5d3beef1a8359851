package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import java.util.Arrays;
import java.util.BitSet;

/**
 * The series of a head that had ended at one moment: those whose newest sample is a stale marker.
 * They can be written to blocks and dropped while the head keeps all others. A series that goes on
 * meanwhile stays, with all it has.
 *
 * <p>After a restart a series counts as ended only if its marker came from the log, not from a
 * chunk file, since of such a chunk nobody has looked at the values.
 *
 * <p>A commit that is under way may have written a marker that nobody sees yet. So before they are
 * handed out, all batches that are open now have to end ({@link Head#awaitBatches}).
 *
 * <p>Belongs to one thread, and to no time at which the head is truncated.
 */
public final class EndedSeries {

  private final Head head;
  private final SeriesIndex index;
  private final int all;
  private int[] slots;
  private long[] handles;
  private final long[] lastTimes;
  private final BitSet set = new BitSet();
  private long maxTime = Long.MIN_VALUE;

  EndedSeries(Head head) {
    this.head = head;
    this.index = head.index;
    long stamp = index.readLock();
    try {
      slots = index.all.toArray();
      all = slots.length;
      handles = new long[all];
      int n = 0;
      for (int slot : slots) {
        long row = index.rows.address(slot);
        if (hasEnded(row)) {
          handles[n] = Rows.handle(slot, row);
          slots[n++] = slot;
        }
      }
      slots = Arrays.copyOf(slots, n);
      handles = Arrays.copyOf(handles, n);
    } finally {
      index.lock.unlockRead(stamp);
    }
    lastTimes = new long[slots.length];
    for (int i = 0; i < slots.length; i++) {
      set.set(slots[i]);
      lastTimes[i] = XorAppender.lastTime(index.rows.address(slots[i]));
      maxTime = Math.max(maxTime, lastTimes[i]);
    }
  }

  private static boolean hasEnded(long row) {
    return Rows.hasSamples(row) && XorAppender.lastValueBits(row) == StaleMarker.BITS;
  }

  /** How many there are. */
  public int size() {
    return slots.length;
  }

  /** How many series the head had, others too. */
  public int all() {
    return all;
  }

  /** The time of the newest sample of them, in milliseconds since the epoch. */
  public long maxTime() {
    return maxTime;
  }

  /**
   * Hands out what they have in a range of time, as {@link Head#export} does for all.
   *
   * @param from the first millisecond
   * @param to the last millisecond, inclusive
   */
  public void export(long from, long to, ChunkSink sink) {
    head.export(from, to, set, sink);
  }

  /**
   * Drops those that have not gone on, with the samples that were there when they were found. Only
   * when no querier is left that does not know the blocks they were written to.
   *
   * @return the references of the series that are gone
   * @throws StorageException if the head is closed
   */
  public long[] drop() {
    head.ensureOpen();
    SeriesWriter writer =
        new SeriesWriter(head.allocator, head.counters, head.options, head.histograms);
    for (int i = 0; i < slots.length; i++) {
      drop(writer, slots[i], handles[i], lastTimes[i]);
    }
    return head.collectEmpty();
  }

  private void drop(SeriesWriter writer, int slot, long handle, long lastTime) {
    while (true) {
      long row = index.rows.address(slot);
      Group group = head.ownerOf(row);
      group.lock.lock();
      try {
        if (Rows.group(row) == group.number) {
          boolean same = Rows.handle(slot, row) == handle && OffHeap.getByte(row + Rows.DYING) == 0;
          if (same && hasEnded(row) && XorAppender.lastTime(row) == lastTime) {
            writer.dropBefore(row, Long.MAX_VALUE);
          }
          return;
        }
        // Another group has adopted the series meanwhile.
      } finally {
        group.lock.unlock();
      }
    }
  }
}
