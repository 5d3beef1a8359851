package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.snapshot.SnapshotWriter;

/**
 * Writes what a head has in memory alone as a chunk snapshot: its series with their open chunks,
 * deletions and exemplars. All full chunks must be in files, and nobody may write meanwhile. Late
 * samples are not in it: their own log is always read.
 */
final class HeadSnapshot {

  private final Head head;
  private final ChunkCopies copies;

  HeadSnapshot(Head head) {
    this.head = head;
    this.copies = new ChunkCopies(head.histograms);
  }

  /**
   * @throws StorageException if the head has something that the snapshot would lack: who starts
   *     from the snapshot would not look for it in the log
   */
  void write(SnapshotWriter out) {
    SeriesIndex index = head.index;
    SnapshotSeries series = new SnapshotSeries();
    long chunks = head.outOfOrder.chunkCount();
    for (int slot : head.slots()) {
      long row = index.rows.address(slot);
      byte[] labels = index.pairs.labels(row).packed();
      series.series(Rows.ref(row), labels, 0, labels.length);
      int stored = OffHeap.getInt(row + Rows.LIST_COUNT);
      for (int i = 0; i < stored; i++) {
        if (ChunkList.isInMemory(OffHeap.getLong(ChunkList.entry(row, i) + ChunkList.PLACE))) {
          throw new StorageException("a full chunk is not in the files yet");
        }
      }
      chunks += stored;
      if (copies.addOpen(row, series)) {
        chunks++;
      }
      out.series(series);
    }
    if (chunks != head.counters.chunks.sum()) {
      throw new StorageException(
          "the head has " + head.counters.chunks.sum() + " chunks, of which " + chunks + " fit");
    }
    deletionsAndExemplars(head, out);
  }

  /** What snapshots of all kinds end with. */
  static void deletionsAndExemplars(Head head, SnapshotWriter out) {
    head.deleted().forEach(out::tombstone);
    head.exemplars.forEach((ref, labels, exemplar) -> {
      byte[] packed = exemplar.labels().packed();
      out.exemplar(ref, exemplar.timestamp(), exemplar.value(), packed, 0, packed.length);
    });
  }
}
