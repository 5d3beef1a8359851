package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.chunk.OpenChunk;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorAppender;
import java.lang.invoke.VarHandle;

/**
 * Writes samples into rows: appends to the open chunk and decides when to cut it, where Prometheus
 * would. One thread at a time; the caller holds the lock of the row's group.
 *
 * <p>Where a chunk ends: at the next multiple of the chunk range; once a quarter of the target
 * number of samples is there, at a time that spreads the rest of the range evenly over chunks of
 * the target size; at twice the target, should samples come faster than that; and before a chunk
 * might grow beyond {@value #MAX_CHUNK_BYTES} bytes.
 */
final class SeriesWriter {

  /** The size that a chunk must not exceed. */
  static final int MAX_CHUNK_BYTES = 1024;

  private static final int MAX_SAMPLE_BYTES = 19;

  private final SlabAllocator allocator;
  private final XorAppender xor;
  private final HeadCounters counters;
  private final long chunkRange;
  private final int samplesPerChunk;
  private final Histograms heap;
  private final HistogramWriter histograms;
  private final Xor2Writer xor2;

  SeriesWriter(
      SlabAllocator allocator, HeadCounters counters, HeadOptions options, Histograms heap) {
    this.allocator = allocator;
    this.xor = new XorAppender(allocator);
    this.counters = counters;
    this.chunkRange = options.chunkRangeMillis();
    this.samplesPerChunk = options.samplesPerChunk();
    this.heap = heap;
    this.histograms = new HistogramWriter(allocator, heap, counters, chunkRange);
    this.xor2 = new Xor2Writer(allocator, heap);
  }

  /** Raises the stamp: readers believe nothing of the row until {@link #end}. */
  static void begin(long row) {
    OffHeap.putInt(row + Rows.STAMP, OffHeap.getInt(row + Rows.STAMP) + 1);
    VarHandle.storeStoreFence();
  }

  static void end(long row) {
    OffHeap.putIntRelease(row + Rows.STAMP, OffHeap.getInt(row + Rows.STAMP) + 1);
  }

  /**
   * Adds a sample that is newer than the last one.
   *
   * @param start when the counting began that led to it, 0 for unknown; only XOR2 chunks keep it
   * @param full learns of the slot if its open chunk became full
   */
  void append(long row, int slot, long start, long time, long valueBits, SlotList full) {
    begin(row);
    int count = XorAppender.count(row);
    if (count == 0) {
      try {
        appendBehindOther(row, slot, start, time, valueBits, full);
      } finally {
        end(row);
      }
      return;
    }
    if (mustCut(row, count, XorAppender.bytes(row), time) || (start != 0 && heap.xor2)) {
      seal(row);
      full.add(slot);
      open(row, start, time, valueBits);
    } else {
      xor.append(row, time, valueBits);
    }
    end(row);
  }

  /** Adds a sample to a row that has an open chunk of another kind than XOR, or none. */
  private void appendBehindOther(
      long row, int slot, long start, long time, long valueBits, SlotList full) {
    if (Rows.hasOpenXor2(row)) {
      Xor2Appender chunk = xor2.chunk(row);
      if (!mustCut(row, chunk.count(), chunk.length(), time)) {
        xor2.append(row, chunk, start, time, valueBits);
        return;
      }
      if (heap.xor2) {
        xor2.seal(row, chunk);
        full.add(slot);
        begun(row, time);
        xor2.append(row, chunk, start, time, valueBits);
        return;
      }
      xor2.end(row, slot, full);
    } else if (OffHeap.getByte(row + Rows.KIND) != 0) {
      histograms.end(row, slot, full);
    }
    open(row, start, time, valueBits);
  }

  /**
   * Adds a histogram that is newer than the last sample.
   *
   * @param start as for a float; only the encodings with start timestamps keep it
   * @param full learns of the slot if its open chunk became full
   */
  void append(long row, int slot, long start, long time, SpanHistogram histogram, SlotList full) {
    begin(row);
    try {
      if (XorAppender.count(row) > 0) {
        seal(row);
        full.add(slot);
      } else if (Rows.hasOpenXor2(row)) {
        xor2.end(row, slot, full);
      }
      histograms.append(row, slot, start, time, histogram, full);
    } finally {
      end(row);
    }
  }

  /** What knows whether a histogram is there already. */
  HistogramWriter histograms() {
    return histograms;
  }

  private boolean mustCut(long row, int count, int bytes, long time) {
    if (bytes > MAX_CHUNK_BYTES - MAX_SAMPLE_BYTES) {
      return true;
    }
    long nextCut = OffHeap.getLong(row + Rows.NEXT_CUT);
    if (count == samplesPerChunk / 4) {
      nextCut =
          predictedEnd(
              OffHeap.getLong(row + Rows.CHUNK_MIN_TIME), XorAppender.lastTime(row), nextCut);
      OffHeap.putLong(row + Rows.NEXT_CUT, nextCut);
    }
    return time >= nextCut || count >= samplesPerChunk * 2;
  }

  /**
   * The time at which a chunk that is a quarter full should end, so that the chunks up to {@code
   * max} become equally long.
   */
  static long predictedEnd(long start, long current, long max) {
    double chunks = (double) (max - start) / ((double) (current - start + 1) * 4);
    if (chunks <= 1) {
      return max;
    }
    return (long) ((double) start + (double) (max - start) / Math.floor(chunks));
  }

  /** The end of the range that a time lies in; towards zero, as Prometheus divides. */
  static long rangeEnd(long time, long range) {
    return time / range * range + range;
  }

  private void open(long row, long start, long time, long valueBits) {
    if (heap.xor2) {
      xor2.open(row, start, time, valueBits);
    } else {
      OffHeap.putLong(row + Rows.CHUNK_START, xor.begin(row, time, valueBits));
    }
    begun(row, time);
  }

  /** Notes the first time of a new open chunk. */
  private void begun(long row, long time) {
    OffHeap.putLong(row + Rows.CHUNK_MIN_TIME, time);
    OffHeap.putLong(row + Rows.NEXT_CUT, rangeEnd(time, chunkRange));
    counters.chunks.increment();
    counters.chunksCreated.increment();
  }

  /** Moves the open chunk to the list; the stamp is up. */
  private void seal(long row) {
    long start = OffHeap.getLong(row + Rows.CHUNK_START);
    int length = xor.seal(row, start);
    ChunkList.add(
        allocator,
        row,
        OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
        XorAppender.lastTime(row),
        ChunkList.inMemory(start, length));
  }

  /**
   * Notes a chunk that lies in the files, in its place among the row's others.
   *
   * @param kind of its samples, as in {@link Rows}
   * @param full learns of the slot if its open chunk had to be ended for that
   * @return false if it overlaps what the row has
   */
  boolean addStored(
      long row, int slot, long minTime, long maxTime, int kind, long place, SlotList full) {
    int at = ChunkList.position(row, minTime, maxTime);
    boolean open = Rows.hasOpen(row);
    boolean newer = minTime > XorAppender.lastTime(row);
    boolean overlapsOpen = open && !newer && maxTime >= OffHeap.getLong(row + Rows.CHUNK_MIN_TIME);
    if (at < 0 || overlapsOpen) {
      return false;
    }
    begin(row);
    if (open && newer) {
      if (XorAppender.count(row) > 0) {
        seal(row);
        full.add(slot);
      } else if (Rows.hasOpenXor2(row)) {
        xor2.end(row, slot, full);
      } else {
        histograms.end(row, slot, full);
      }
      at++;
    }
    ChunkList.insert(allocator, row, at, minTime, maxTime, place);
    if (newer) {
      XorAppender.last(row, maxTime, XorAppender.lastValueBits(row));
      OffHeap.putByte(row + Rows.KIND, kind);
    }
    end(row);
    counters.chunks.increment();
    return true;
  }

  /**
   * Opens a chunk of floats that was copied, behind the chunks that a row without an open one has.
   *
   * @return false if the copy has no sample; then the row is as before
   */
  boolean open(long row, long minTime, long nextCut, OpenChunk copy) {
    begin(row);
    try {
      long first = xor.open(row, copy);
      if (first == 0) {
        return false;
      }
      OffHeap.putLong(row + Rows.CHUNK_START, first);
      OffHeap.putLong(row + Rows.CHUNK_MIN_TIME, minTime);
      OffHeap.putLong(row + Rows.NEXT_CUT, nextCut);
      OffHeap.putByte(row + Rows.KIND, 0);
    } finally {
      end(row);
    }
    counters.chunks.increment();
    return true;
  }

  /** Whether a chunk that begins at a time may end at another, as chunks are cut now. */
  boolean mayEnd(long minTime, long nextCut) {
    return nextCut > minTime && nextCut <= rangeEnd(minTime, chunkRange);
  }

  /**
   * Drops the chunks that end before a time.
   *
   * @return how many
   */
  int dropBefore(long row, long time) {
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    int dropped = 0;
    while (dropped < count
        && OffHeap.getLong(ChunkList.entry(row, dropped) + ChunkList.MAX_TIME) < time) {
      dropped++;
    }
    boolean dropOpen = dropped == count && Rows.hasOpen(row) && XorAppender.lastTime(row) < time;
    if (dropped == 0 && !dropOpen) {
      return 0;
    }
    begin(row);
    for (int i = 0; i < dropped; i++) {
      long place = OffHeap.getLong(ChunkList.entry(row, i) + ChunkList.PLACE);
      if (ChunkList.isInMemory(place)) {
        free(place);
      }
    }
    if (dropped > 0) {
      ChunkList.dropFirst(allocator, row, dropped);
    }
    if (dropOpen && Rows.hasOpenXor2(row)) {
      xor2.close(row);
    } else if (dropOpen && XorAppender.count(row) == 0) {
      histograms.dropOpen(row);
    } else if (dropOpen) {
      long start = OffHeap.getLong(row + Rows.CHUNK_START);
      int length = xor.seal(row, start);
      xor.free(start, length);
    }
    end(row);
    int chunks = dropped + (dropOpen ? 1 : 0);
    counters.chunks.add(-chunks);
    counters.chunksRemoved.add(chunks);
    return chunks;
  }

  /** Frees a full chunk in memory. */
  private void free(long place) {
    if (ChunkList.isOnHeap(place)) {
      heap.removeSealed((int) ChunkList.address(place));
    } else {
      xor.free(ChunkList.address(place), ChunkList.length(place));
    }
  }
}
