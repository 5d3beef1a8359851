package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.HistogramAppender;
import io.narthex.tsdb.chunk.XorAppender;

/**
 * Writes histograms into rows: the part of {@link SeriesWriter} that floats do not need. The caller
 * holds the lock of the row's group and has raised its stamp.
 *
 * <p>Where a chunk ends, as in Prometheus: at the next multiple of the chunk range; once it has a
 * quarter of {@value #TARGET_BYTES} bytes, at a time that spreads the rest of the range evenly over
 * chunks of that size; at twice that size, should samples grow or come faster; neither before it
 * has {@value #LEAST_SAMPLES} samples, whatever their size, up to {@value #MOST_BYTES} bytes: that
 * limit is ours, since a file must take the chunk. It also ends where the next histogram cannot
 * follow ({@link HistogramAppender}) or is of another kind.
 */
final class HistogramWriter {

  private static final int TARGET_BYTES = 1024;
  private static final int LEAST_SAMPLES = 10;
  private static final int MOST_BYTES = 4 << 20;

  private final SlabAllocator allocator;
  private final Histograms histograms;
  private final HeadCounters counters;
  private final long chunkRange;

  HistogramWriter(
      SlabAllocator allocator, Histograms histograms, HeadCounters counters, long chunkRange) {
    this.allocator = allocator;
    this.histograms = histograms;
    this.counters = counters;
    this.chunkRange = chunkRange;
  }

  /**
   * Adds a histogram that is newer than the last sample. The row has no open chunk of floats.
   *
   * @param start when the counting began that led to it, 0 for unknown
   * @param full learns of the slot if a chunk became full
   */
  void append(long row, int slot, long start, long time, SpanHistogram histogram, SlotList full) {
    int kind = Rows.kind(histogram);
    if (Rows.kind(row) != kind) {
      end(row, slot, full);
    }
    Histograms.Open open;
    if (isOpen(row)) {
      open = open(row);
      if (isFull(row, open, time)) {
        seal(row, open);
        full.add(slot);
        open.predicted = false;
        begin(row, time);
      }
    } else {
      open = histograms.newOpen(histogram.floats());
      OffHeap.putLong(row + Rows.CHUNK_START, histograms.add(open));
      OffHeap.putByte(row + Rows.KIND, kind | Rows.OPEN_ON_HEAP);
      begin(row, time);
    }
    if (open.appender.append(start, time, histogram) == HistogramAppender.Result.NEW_CHUNK) {
      seal(row, open);
      full.add(slot);
      begin(row, time); // what was predicted stays so, though it was of another chunk
      open.appender.append(start, time, histogram);
    }
    XorAppender.last(row, time, Double.doubleToRawLongBits(histogram.sum()));
  }

  private void begin(long row, long time) {
    OffHeap.putLong(row + Rows.CHUNK_MIN_TIME, time);
    OffHeap.putLong(row + Rows.NEXT_CUT, SeriesWriter.rangeEnd(time, chunkRange));
    counters.chunks.increment();
    counters.chunksCreated.increment();
  }

  private boolean isFull(long row, Histograms.Open open, long time) {
    HistogramAppender chunk = open.appender;
    int bytes = chunk.length();
    long minTime = OffHeap.getLong(row + Rows.CHUNK_MIN_TIME);
    long nextCut = OffHeap.getLong(row + Rows.NEXT_CUT);
    long rangeEnd = open.predicted ? SeriesWriter.rangeEnd(minTime, chunkRange) : nextCut;
    if (!open.predicted && bytes >= TARGET_BYTES / 4) {
      double chunks =
          (double) (nextCut - minTime)
              / ((double) (chunk.lastTime() - minTime + 1) * ((double) TARGET_BYTES / bytes));
      if (chunks > 1) {
        nextCut = (long) (minTime + (nextCut - minTime) / Math.floor(chunks));
        OffHeap.putLong(row + Rows.NEXT_CUT, nextCut);
      }
      open.predicted = true;
    }
    if (bytes >= MOST_BYTES) {
      return true;
    }
    return (time >= nextCut || bytes >= 2 * TARGET_BYTES)
        && (chunk.count() >= LEAST_SAMPLES || time >= rangeEnd);
  }

  /** Ends the open chunk, if there is one, and what is remembered of the series' histograms. */
  void end(long row, int slot, SlotList full) {
    if (isOpen(row)) {
      seal(row, open(row));
      full.add(slot);
      close(row);
    }
    OffHeap.putByte(row + Rows.KIND, 0);
  }

  /** Drops the open chunk. */
  void dropOpen(long row) {
    open(row).appender.finish();
    close(row);
  }

  private void close(long row) {
    histograms.removeOpen((int) OffHeap.getLong(row + Rows.CHUNK_START));
    OffHeap.putByte(row + Rows.KIND, Rows.kind(row));
  }

  private void seal(long row, Histograms.Open open) {
    HistogramAppender chunk = open.appender;
    byte[] bytes = chunk.finish();
    int number =
        histograms.add(
            new Histograms.Sealed(bytes, bytes.length - ChunkDecoder.PADDING, chunk.encoding()));
    ChunkList.add(
        allocator,
        row,
        OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
        chunk.lastTime(),
        ChunkList.onHeap(number));
  }

  private static boolean isOpen(long row) {
    return (OffHeap.getByte(row + Rows.KIND) & Rows.OPEN_ON_HEAP) != 0;
  }

  private Histograms.Open open(long row) {
    Histograms.Open open = histograms.open((int) OffHeap.getLong(row + Rows.CHUNK_START));
    if (open == null) {
      throw new IllegalStateException("a row's open histogram chunk is gone");
    }
    return open;
  }

  /**
   * Whether a histogram is the row's newest sample once more, rather than another of the same time.
   * One that only a chunk in a file has counts as the same; it is left out in either case.
   */
  boolean repeats(long row, SpanHistogram histogram) {
    if (Rows.kind(row) == 0) {
      return histogram.isStale() && XorAppender.lastValueBits(row) == StaleMarker.BITS;
    }
    if (!isOpen(row)) {
      return true;
    }
    HistogramAppender chunk = open(row).appender;
    return chunk.repeats(histogram) || (histogram.isStale() && chunk.lastIsStale());
  }

  /** The same for a float, where the newest sample is a histogram or lies in an XOR2 chunk. */
  boolean repeats(long row, double value) {
    if (Rows.kind(row) == 0) {
      return XorAppender.lastValueBits(row) == Double.doubleToRawLongBits(value);
    }
    return StaleMarker.is(value) && isOpen(row) && open(row).appender.lastIsStale();
  }
}
