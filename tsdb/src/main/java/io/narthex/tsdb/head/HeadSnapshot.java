package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.snapshot.SnapshotWriter;

/**
 * Writes what a head has in memory alone as a chunk snapshot: its series with their open chunks,
 * deletions and exemplars. All full chunks must be in files, and nobody may write meanwhile. Late
 * samples are not in it: their own log is always read.
 */
final class HeadSnapshot {

  private final Head head;
  private final ChunksOnHeap onHeap;
  private final byte[] chunk = new byte[HeadReader.CHUNK_BYTES];

  HeadSnapshot(Head head) {
    this.head = head;
    this.onHeap = new ChunksOnHeap(head.histograms);
  }

  /**
   * @throws StorageException if the head has something that the snapshot would lack: who starts
   *     from the snapshot would not look for it in the log
   */
  void write(SnapshotWriter out) {
    SeriesIndex index = head.index;
    SnapshotSeries series = new SnapshotSeries();
    long chunks = head.outOfOrder.chunkCount();
    for (int slot : index.all.toArray()) {
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
      if (XorAppender.count(row) > 0) {
        chunks++;
        long first = OffHeap.getLong(row + Rows.CHUNK_START);
        int length = XorAppender.copyOpen(row, first, chunk, 0, () -> true);
        series.chunk(
            OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
            XorAppender.lastTime(row),
            XorAppender.ENCODING,
            chunk,
            0,
            length,
            Double.longBitsToDouble(XorAppender.lastValueBits(row)));
      } else if (Rows.hasOpen(row)) {
        chunks++;
        onHeap.add(row, series);
      }
      out.series(series);
    }
    if (chunks != head.counters.chunks.sum()) {
      throw new StorageException(
          "the head has " + head.counters.chunks.sum() + " chunks, of which " + chunks + " fit");
    }
    head.deleted().forEach(out::tombstone);
    head.exemplars.forEach((ref, labels, exemplar) -> {
      byte[] packed = exemplar.labels().packed();
      out.exemplar(ref, exemplar.timestamp(), exemplar.value(), packed, 0, packed.length);
    });
  }
}
