package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.Arrays;

/**
 * Moves full chunks from memory to the head chunk files, some at a time: first all are written,
 * then the rows are told. A failed write leaves them where they were. One thread at a time; the
 * caller holds the lock of the rows' group.
 */
final class ChunkMover {

  private final HeadChunks files;
  private final XorAppender xor;
  private final HeadCounters counters;
  private final Histograms histograms;
  private final byte[] bytes = new byte[HeadReader.CHUNK_BYTES];

  private long[] rows = new long[256];
  private int[] entries = new int[256];
  private long[] places = new long[256];
  private int moves;

  ChunkMover(
      SlabAllocator allocator, HeadCounters counters, HeadChunks files, Histograms histograms) {
    this.files = files;
    this.xor = new XorAppender(allocator);
    this.counters = counters;
    this.histograms = histograms;
  }

  /** Hands the full chunks of a row to the files' buffer. */
  void add(long row) {
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    for (int i = 0; i < count; i++) {
      long entry = ChunkList.entry(row, i);
      long place = OffHeap.getLong(entry + ChunkList.PLACE);
      if (!ChunkList.isInMemory(place) || isTooLong(place)) {
        continue;
      }
      if (moves == rows.length) {
        rows = Arrays.copyOf(rows, moves * 2);
        entries = Arrays.copyOf(entries, moves * 2);
        places = Arrays.copyOf(places, moves * 2);
      }
      rows[moves] = row;
      entries[moves] = i;
      places[moves] = append(row, entry, place);
      moves++;
    }
  }

  /** Whether no file takes the chunk: then it stays in memory until it goes into a block. */
  private boolean isTooLong(long place) {
    if (!ChunkList.isOnHeap(place)) {
      return false;
    }
    Histograms.Sealed chunk = histograms.sealed((int) ChunkList.address(place));
    return chunk != null && chunk.length() > HeadChunks.MAX_DATA;
  }

  private long append(long row, long entry, long place) {
    if (ChunkList.isOnHeap(place)) {
      Histograms.Sealed chunk = histograms.sealed((int) ChunkList.address(place));
      if (chunk == null) {
        throw new IllegalStateException("a row's full histogram chunk is gone");
      }
      return append(row, entry, chunk.encoding(), chunk.bytes(), chunk.length());
    }
    int length = ChunkList.length(place);
    XorAppender.copySealed(ChunkList.address(place), length, bytes, 0, () -> true);
    return append(row, entry, ChunkEncoding.XOR, bytes, length);
  }

  private long append(long row, long entry, ChunkEncoding encoding, byte[] chunk, int length) {
    return files.append(
        Rows.ref(row),
        OffHeap.getLong(entry),
        OffHeap.getLong(entry + ChunkList.MAX_TIME),
        encoding.code(),
        false,
        chunk,
        0,
        length);
  }

  /** Writes what was added, and frees its memory. */
  void finish() {
    int n = moves;
    moves = 0;
    files.flush();
    for (int i = 0; i < n; i++) {
      long entry = ChunkList.entry(rows[i], entries[i]);
      long old = OffHeap.getLong(entry + ChunkList.PLACE);
      SeriesWriter.begin(rows[i]);
      OffHeap.putLong(entry + ChunkList.PLACE, places[i]);
      if (ChunkList.isOnHeap(old)) {
        histograms.removeSealed((int) ChunkList.address(old));
      } else {
        xor.free(ChunkList.address(old), ChunkList.length(old));
      }
      SeriesWriter.end(rows[i]);
    }
    counters.chunksStored.add(n);
  }

  /** Forgets what was added. */
  void cancel() {
    moves = 0;
  }
}
