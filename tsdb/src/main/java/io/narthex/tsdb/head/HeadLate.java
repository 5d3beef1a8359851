package io.narthex.tsdb.head;

import io.narthex.tsdb.compact.ChunkJoin;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateCut;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/** The head's part in making late samples into blocks: groups' locks, labels and their order. */
final class HeadLate {

  private static final int ROWS_AT_ONCE = 64;

  private final Head head;
  private final SeriesIndex index;

  HeadLate(Head head) {
    this.head = head;
    this.index = head.index;
  }

  LateCut cut(@Nullable HeadChunks files) {
    LateCut cut = new LateCut(head.outOfOrder, files == null ? 0 : files.place());
    // Under a group's lock none of its commits is under way: all samples there are of commits that
    // are over, or have failed.
    locked(head.outOfOrder.slots(), cut::add);
    return cut;
  }

  void drop(LateCut cut) {
    locked(cut.slots(), cut::drop);
    cut.done();
  }

  private void locked(int[] slots, IntConsumer work) {
    int i = 0;
    while (i < slots.length) {
      Group group = head.ownerOf(index.rows.address(slots[i]));
      group.lock.lock();
      try {
        for (int n = 0; n < ROWS_AT_ONCE && i < slots.length; n++) {
          if (Rows.group(index.rows.address(slots[i])) != group.number) {
            break;
          }
          work.accept(slots[i]);
          i++;
        }
      } finally {
        group.lock.unlock();
      }
    }
  }

  void export(LateCut cut, @Nullable HeadChunks files, long from, long to, ChunkSink sink) {
    int[] slots = cut.slots(from, to);
    long stamp = index.readLock();
    try {
      HeadExport.sort(index, HeadExport.ranks(index.pairs), slots, slots.length);
    } finally {
      index.lock.unlockRead(stamp);
    }
    try (HeadChunks.View view = files == null ? null : files.view();
        ChunkJoin join = new ChunkJoin(head.forms())) {
      for (int slot : slots) {
        boolean[] begun = new boolean[1];
        cut.chunks(
            slot,
            from,
            to,
            view,
            join,
            (minTime, maxTime, encoding, samples, bytes, start, length) -> {
              if (!begun[0]) {
                // A series of which nothing lies in the range has no place in the block.
                begun[0] = true;
                sink.series(index.pairs.labels(index.rows.address(slot)));
              }
              sink.chunk(minTime, maxTime, encoding, samples, bytes, start, length);
            });
      }
    }
  }
}
