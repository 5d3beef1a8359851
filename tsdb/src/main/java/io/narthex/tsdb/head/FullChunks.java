package io.narthex.tsdb.head;

import io.narthex.tsdb.headchunks.HeadChunks;

/** Moves the full chunks of a head to files, group by group, so that writers never wait long. */
final class FullChunks {

  private static final int ROWS_AT_ONCE = 64;

  private final Head head;
  private final HeadChunks to;
  private final ChunkMover mover;

  FullChunks(Head head, HeadChunks to) {
    this.head = head;
    this.to = to;
    this.mover = new ChunkMover(head.allocator, head.counters, to, head.histograms);
  }

  /**
   * Moves all.
   *
   * @throws io.narthex.tsdb.headchunks.HeadChunkException if they cannot be written; those that are
   *     not stay where they were, for the next time
   */
  void store() {
    for (Group group : head.groups()) {
      store(group);
    }
  }

  private void store(Group group) {
    int[] slots;
    group.lock.lock();
    try {
      slots = group.full.takeDistinct();
    } finally {
      group.lock.unlock();
    }
    int done = 0;
    while (done < slots.length) {
      int end = Math.min(slots.length, done + ROWS_AT_ONCE);
      group.lock.lock();
      to.turn().lock();
      try {
        for (int i = done; i < end; i++) {
          long row = head.index.rows.address(slots[i]);
          // A slot whose series is gone has no chunks; the series that has it now may.
          if (Rows.group(row) == group.number) {
            mover.add(row);
          }
        }
        mover.finish();
        done = end;
      } catch (RuntimeException e) {
        mover.cancel();
        for (int i = done; i < slots.length; i++) {
          group.full.add(slots[i]);
        }
        throw e;
      } finally {
        to.turn().unlock();
        group.lock.unlock();
      }
    }
  }
}
