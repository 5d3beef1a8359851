package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.snapshot.SnapshotSeries;
import io.narthex.tsdb.snapshot.SnapshotWriter;

/**
 * Writes what a running head has of its series in memory alone: the open chunks as they lie there,
 * full ones that are in no file yet, deletions and exemplars. With the chunk files, and the log
 * from a place on, it is the whole head.
 *
 * <p><b>Why it may be written while others write.</b> The place in the log is taken first. A commit
 * holds the locks of its groups from before it writes the log until its samples are in rows, and
 * each row is copied under its group's lock. So whatever the log has before the place is in a row
 * by then. What a row has of later commits the log has too, and who reads it passes over what is
 * there already.
 *
 * <p>Deletions, and moving chunks to files, are left to maintenance, which this is a part of. Late
 * samples are not in it: their own log is always read.
 */
final class HeadImage {

  /** How many rows are copied before writers get their turn. */
  private static final int ROWS_AT_ONCE = 64;

  private static final byte[] NO_LABELS = {};

  private final Head head;
  private final ChunkCopies copies;
  private final SnapshotSeries series = new SnapshotSeries();
  private final byte[] bytes = new byte[HeadReader.CHUNK_BYTES];
  private final OpenChunk chunk = new OpenChunk();

  HeadImage(Head head) {
    this.head = head;
    this.copies = new ChunkCopies(head.histograms);
  }

  /**
   * Writes it.
   *
   * @param chunkPlace up to where the chunk files have been written
   */
  void write(SnapshotWriter out, long chunkPlace) {
    out.image(chunkPlace);
    int[] slots = head.slots();
    int at = 0;
    while (at < slots.length) {
      at = rows(slots, at, out);
    }
    HeadSnapshot.deletionsAndExemplars(head, out);
  }

  /** Copies some rows of one group; returns where the others begin. */
  private int rows(int[] slots, int from, SnapshotWriter out) {
    Rows rows = head.index.rows;
    Group owner = head.ownerOf(rows.address(slots[from]));
    int end = Math.min(slots.length, from + ROWS_AT_ONCE);
    int at = from;
    owner.lock.lock();
    try {
      // Another producer may have adopted the series meanwhile: then its group's turn comes.
      for (; at < end && Rows.group(rows.address(slots[at])) == owner.number; at++) {
        row(rows.address(slots[at]), out);
      }
    } finally {
      owner.lock.unlock();
    }
    return at;
  }

  private void row(long row, SnapshotWriter out) {
    boolean isStored = true;
    int full = OffHeap.getInt(row + Rows.LIST_COUNT);
    for (int i = 0; i < full; i++) {
      long entry = ChunkList.entry(row, i);
      long place = OffHeap.getLong(entry + ChunkList.PLACE);
      if (ChunkList.isInMemory(place)) {
        isStored = false;
        series.series(Rows.ref(row), NO_LABELS, 0, 0);
        full(entry, place);
        out.series(series);
      }
    }
    if (isStored && XorAppender.count(row) > 0) {
      chunk.copy(row, OffHeap.getLong(row + Rows.CHUNK_START));
      out.row(
          Rows.ref(row),
          OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
          OffHeap.getLong(row + Rows.NEXT_CUT),
          chunk);
      return;
    }
    series.series(Rows.ref(row), NO_LABELS, 0, 0);
    if (copies.addOpen(row, series)) {
      out.series(series);
    }
  }

  /** A full chunk that is in no file yet. */
  private void full(long entry, long place) {
    long minTime = OffHeap.getLong(entry);
    long maxTime = OffHeap.getLong(entry + ChunkList.MAX_TIME);
    if (ChunkList.isOnHeap(place)) {
      copies.addFull(minTime, maxTime, (int) ChunkList.address(place), series);
      return;
    }
    int length = ChunkList.length(place);
    XorAppender.copySealed(ChunkList.address(place), length, bytes, 0, () -> true);
    series.chunk(minTime, maxTime, XorAppender.ENCODING, bytes, 0, length, 0);
  }
}
