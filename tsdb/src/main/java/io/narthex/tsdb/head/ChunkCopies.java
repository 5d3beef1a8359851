package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.snapshot.SnapshotSeries;

/** Copies chunks that lie in memory, for snapshots. Nobody writes the row meanwhile. */
final class ChunkCopies {

  private final Histograms heap;
  private byte[] chunk = new byte[HeadReader.CHUNK_BYTES];

  ChunkCopies(Histograms heap) {
    this.heap = heap;
  }

  /** Adds the open chunk of a row; whether it has one. */
  boolean addOpen(long row, SnapshotSeries to) {
    if (XorAppender.count(row) > 0) {
      xor(row, to);
    } else if (Rows.hasOpenXor2(row)) {
      xor2(row, to);
    } else if (Rows.hasOpen(row)) {
      histograms(row, to);
    } else {
      return false;
    }
    return true;
  }

  /** Adds a full chunk that lies on the heap, by its number. */
  void addFull(long minTime, long maxTime, int number, SnapshotSeries to) {
    Histograms.Sealed full = heap.sealed(number);
    if (full == null) {
      throw new StorageException("a row's full chunk " + number + " is gone");
    }
    int length = full.length();
    int encoding = full.encoding().code();
    if (full.encoding().histograms()) {
      reserve(length);
      System.arraycopy(full.bytes(), 0, chunk, 0, length);
      to.chunk(minTime, maxTime, encoding, chunk, 0, length, last(full.encoding(), length));
    } else {
      to.chunk(minTime, maxTime, encoding, full.bytes(), 0, length, 0);
    }
  }

  private void xor(long row, SnapshotSeries series) {
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
  }

  private void xor2(long row, SnapshotSeries series) {
    Xor2Appender open = heap.openFloats((int) OffHeap.getLong(row + Rows.CHUNK_START));
    if (open == null) {
      throw new StorageException("the open XOR2 chunk of series " + Rows.ref(row) + " is gone");
    }
    open.copyTo(chunk, 0, open.length());
    series.chunk(
        OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
        XorAppender.lastTime(row),
        ChunkEncoding.XOR2.code(),
        chunk,
        0,
        open.length(),
        Double.longBitsToDouble(XorAppender.lastValueBits(row)));
  }

  private void histograms(long row, SnapshotSeries series) {
    Histograms.Open open = heap.open((int) OffHeap.getLong(row + Rows.CHUNK_START));
    if (open == null) {
      throw new StorageException(
          "the open histogram chunk of series " + Rows.ref(row) + " is gone");
    }
    HistogramAppender appender = open.appender;
    int length = appender.length();
    reserve(length);
    appender.copyTo(chunk, 0, length);
    series.chunk(
        OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
        XorAppender.lastTime(row),
        appender.encoding().code(),
        chunk,
        0,
        length,
        last(appender.encoding(), length));
  }

  private void reserve(int length) {
    if (length + ChunkDecoder.PADDING > chunk.length) {
      chunk = new byte[2 * length + ChunkDecoder.PADDING];
    }
  }

  /** The last histogram of the chunk that was copied. */
  private SpanHistogram last(ChunkEncoding encoding, int length) {
    ChunkDecoder decoder = ChunkDecoder.of(encoding);
    decoder.open(chunk, 0, length);
    SpanHistogram last = new SpanHistogram();
    while (decoder.next()) {
      last.copyFrom(decoder.histogram());
    }
    return last;
  }
}
