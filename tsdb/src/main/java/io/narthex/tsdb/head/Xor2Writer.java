package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.Xor2Appender;
import io.narthex.tsdb.chunk.XorAppender;

/**
 * Writes floats into rows whose open chunk is an XOR2 one: the part of {@link SeriesWriter} that
 * plain floats do not need. The caller holds the lock of the row's group, has raised its stamp, and
 * decides where a chunk ends.
 */
final class Xor2Writer {

  private final SlabAllocator allocator;
  private final Histograms heap;

  Xor2Writer(SlabAllocator allocator, Histograms heap) {
    this.allocator = allocator;
    this.heap = heap;
  }

  /** Opens a chunk with its first sample, in a row without an open chunk. */
  void open(long row, long start, long time, long valueBits) {
    Xor2Appender chunk = new Xor2Appender();
    chunk.append(start, time, Double.longBitsToDouble(valueBits));
    OffHeap.putLong(row + Rows.CHUNK_START, heap.add(chunk));
    OffHeap.putByte(row + Rows.KIND, Rows.OPEN_ON_HEAP);
    XorAppender.last(row, time, valueBits);
  }

  /** Adds a sample to the open chunk, or to a new one behind one that was sealed. */
  void append(long row, Xor2Appender chunk, long start, long time, long valueBits) {
    chunk.append(start, time, Double.longBitsToDouble(valueBits));
    XorAppender.last(row, time, valueBits);
  }

  /** The open chunk of a row that has one. */
  Xor2Appender chunk(long row) {
    Xor2Appender open = heap.openFloats((int) OffHeap.getLong(row + Rows.CHUNK_START));
    if (open == null) {
      throw new IllegalStateException("a row's open XOR2 chunk is gone");
    }
    return open;
  }

  /** Moves the open chunk to the list; its appender waits for the next. */
  void seal(long row, Xor2Appender chunk) {
    long lastTime = chunk.lastTime();
    byte[] bytes = chunk.finish();
    int number =
        heap.add(
            new Histograms.Sealed(bytes, bytes.length - ChunkDecoder.PADDING, ChunkEncoding.XOR2));
    ChunkList.add(
        allocator,
        row,
        OffHeap.getLong(row + Rows.CHUNK_MIN_TIME),
        lastTime,
        ChunkList.onHeap(number));
  }

  /**
   * Ends the open chunk, since what follows is no XOR2 float.
   *
   * @param full learns of the slot
   */
  void end(long row, int slot, SlotList full) {
    seal(row, chunk(row));
    full.add(slot);
    close(row);
  }

  /** Forgets the open chunk. */
  void close(long row) {
    heap.removeOpenFloats((int) OffHeap.getLong(row + Rows.CHUNK_START));
    OffHeap.putByte(row + Rows.KIND, 0);
  }
}
