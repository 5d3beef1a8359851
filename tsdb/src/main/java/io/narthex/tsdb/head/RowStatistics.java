package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;

/**
 * Counts the series that have ended, those whose newest sample in order is a native histogram, and
 * the buckets of these samples, in one walk over all rows each time it is asked: counts kept up to
 * date would be work for each sample, and one more thing for replay and garbage collection to get
 * right.
 *
 * <p>The buckets are those of the open chunk, whose samples all have the same ones. After a restart
 * the newest sample may be in a chunk file; then they are those of the chunk's first sample. A
 * stale marker has none: nothing of it is kept but that it is one. Belongs to one thread, while a
 * reader keeps the head's rows.
 */
final class RowStatistics {

  private static final int[] NONE = {};

  private final Head head;
  private final SeriesIndex index;

  RowStatistics(Head head) {
    this.head = head;
    this.index = head.index;
  }

  /**
   * Walks over the rows.
   *
   * @param held keeps them
   * @param files where older chunks are, or null while they are being opened
   */
  RowFigures count(Isolation.Reader held, @Nullable HeadChunks files) {
    int[] histograms = NONE;
    int n = 0;
    int stale = 0;
    long stamp = index.readLock();
    try {
      PeekableIntIterator each = index.all.getIntIterator();
      while (each.hasNext()) {
        int slot = each.next();
        long row = index.rows.address(slot);
        stale += XorAppender.lastValueBits(row) == StaleMarker.BITS ? 1 : 0;
        if (Rows.kind(row) != 0) {
          if (n == histograms.length) {
            histograms = Arrays.copyOf(histograms, Math.max(16, n * 2));
          }
          histograms[n++] = slot;
        }
      }
    } finally {
      index.lock.unlockRead(stamp);
    }
    return new RowFigures(stale, n, buckets(Arrays.copyOf(histograms, n), held, files));
  }

  private long buckets(int[] slots, Isolation.Reader held, @Nullable HeadChunks files) {
    if (slots.length == 0) {
      return 0;
    }
    long buckets = 0;
    try (HeadChunks.View view = files == null ? null : files.view()) {
      HeadReader reader = new HeadReader(head, held, view, NONE);
      for (int slot : slots) {
        buckets += buckets(slot, reader, view != null);
      }
    }
    return buckets;
  }

  private int buckets(int slot, HeadReader reader, boolean hasFiles) {
    long row = index.rows.address(slot);
    int stamp = Head.stamp(row);
    int number = (int) OffHeap.getLong(row + Rows.CHUNK_START);
    boolean open = OffHeap.getByte(row + Rows.KIND) > Rows.OPEN_ON_HEAP; // not an XOR2 chunk
    long last = XorAppender.lastTime(row);
    if ((stamp & 1) == 0 && Head.stamp(row) == stamp) {
      if (open) {
        Histograms.Open chunk = head.histograms.open(number);
        return chunk == null ? 0 : chunk.appender.lastBuckets();
      }
    }
    if (!hasFiles) {
      return 0; // they are being opened
    }
    // In a file, or its writer is at work: the reader waits for that.
    reader.copyPieces(slot, last, Long.MAX_VALUE);
    return reader.pieces() == 0 ? 0 : ofNewestPiece(reader);
  }

  private static int ofNewestPiece(HeadReader reader) {
    try {
      reader.load(reader.pieces() - 1);
      if (!reader.pieceEncoding().histograms()) {
        return 0; // a float came meanwhile
      }
      ChunkDecoder decoder = ChunkDecoder.of(reader.pieceEncoding());
      decoder.open(reader.pieceBytes(), reader.pieceFrom(), reader.pieceLength());
      if (!decoder.next()) {
        return 0;
      }
      SpanHistogram first = decoder.histogram();
      return first.positive().buckets() + first.negative().buckets();
    } catch (StorageException e) {
      return 0; // whoever queries the series is told that its chunk is broken
    }
  }
}
