package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.labels.Matcher;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.wal.WalBatch;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Deletes samples of the head: notes which in the log and in memory, by the references of their
 * series. Readers cut them out, and the next block does not have them.
 *
 * <p>An interval goes no further than the series does at the moment, so a sample that comes later
 * is never deleted ahead. Not at the same time as {@link Head#truncate}.
 */
final class HeadDeletion {

  private final Head head;
  private final long minTime;
  private final long maxTime;
  private final Tombstones.Builder stones = new Tombstones.Builder();
  private final WalBatch batch = new WalBatch();

  HeadDeletion(Head head, long minTime, long maxTime) {
    this.head = head;
    this.minTime = minTime;
    this.maxTime = maxTime;
  }

  /**
   * Deletes of the series that satisfy all matchers.
   *
   * @return all that is deleted now, or null if there was nothing to delete
   * @throws RuntimeException if the log cannot be written; then nothing is deleted
   */
  @Nullable Tombstones run(List<Matcher> matchers, Tombstones before) {
    for (int slot : select(matchers)) {
      delete(head.index.rows.address(slot));
    }
    if (batch.isEmpty()) {
      return null;
    }
    head.log.write(batch);
    return stones.add(before).build();
  }

  private int[] select(List<Matcher> matchers) {
    long stamp = head.index.readLock();
    try {
      return new Selector(head.index).select(matchers);
    } finally {
      head.index.lock.unlockRead(stamp);
    }
  }

  private void delete(long row) {
    while (true) {
      Group group = head.ownerOf(row);
      group.lock.lock();
      try {
        if (Rows.group(row) == group.number) {
          deleteLocked(row);
          return;
        }
        // Another group has adopted the series meanwhile.
      } finally {
        group.lock.unlock();
      }
    }
  }

  private void deleteLocked(long row) {
    if (!Rows.hasSamples(row)) {
      return;
    }
    long first =
        OffHeap.getInt(row + Rows.LIST_COUNT) > 0
            ? OffHeap.getLong(ChunkList.entry(row, 0))
            : OffHeap.getLong(row + Rows.CHUNK_MIN_TIME);
    long from = Math.max(minTime, first);
    long to = Math.min(maxTime, XorAppender.lastTime(row));
    if (from <= to) {
      long ref = Rows.ref(row);
      stones.add(ref, from, to);
      batch.tombstone(ref, from, to);
    }
  }
}
