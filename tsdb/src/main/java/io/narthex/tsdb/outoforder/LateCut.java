package io.narthex.tsdb.outoforder;

import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.compact.ChunkJoin;
import io.narthex.tsdb.headchunks.ChunkBytes;
import io.narthex.tsdb.headchunks.HeadChunks;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * All late samples as they were at a moment, as chunks, on their way into blocks. What comes later
 * is not in it. Belongs to one thread.
 *
 * <p>Chunks that overlap within the range of a block become one, as in Prometheus; one that
 * overlaps no other and lies within the range passes as it is.
 */
public final class LateCut {

  /** Greater than the number of every commit that is over, less than those of all others. */
  private static final long ALL_COMMITS = Long.MAX_VALUE - 2;

  private record Numbered(LateChunk chunk, int number) {}

  private final OutOfOrder store;
  private final long storedBefore;
  private final Map<Integer, List<LateChunk>> chunks = new HashMap<>();
  private long minTime = Long.MAX_VALUE;
  private long maxTime = Long.MIN_VALUE;

  /**
   * @param storedBefore a place in the head chunk files: the chunks before it are all in the cut
   */
  public LateCut(OutOfOrder store, long storedBefore) {
    this.store = store;
    this.storedBefore = storedBefore;
  }

  /** Chunks before this place in the head chunk files are in blocks, once the cut is. */
  public long storedBefore() {
    return storedBefore;
  }

  /** Adds what a slot's series has; the caller holds the lock of its group. */
  public void add(int slot) {
    LateSeries series = store.of(slot);
    if (series == null) {
      return;
    }
    if (series.size() > 0) {
      store.chunksSplit(series.encode(store.allocator, store.forms(), store.seenByAll.getAsLong()));
    }
    List<LateChunk> all = series.chunks();
    if (all.isEmpty()) {
      store.removeIfEmpty(slot); // its only commit failed
      return;
    }
    chunks.put(slot, all);
    for (LateChunk chunk : all) {
      minTime = Math.min(minTime, chunk.minTime());
      maxTime = Math.max(maxTime, chunk.maxTime());
    }
  }

  public boolean isEmpty() {
    return chunks.isEmpty();
  }

  /** The time of the first sample, milliseconds since the epoch. */
  public long minTime() {
    return minTime;
  }

  /** The time of the last sample. */
  public long maxTime() {
    return maxTime;
  }

  /** The slots of the series that have samples in a range of time, in any order. */
  public int[] slots(long from, long to) {
    return chunks.entrySet().stream()
        .filter(entry -> entry.getValue().stream().anyMatch(chunk -> chunk.overlaps(from, to)))
        .mapToInt(Map.Entry::getKey)
        .toArray();
  }

  /**
   * Hands out the chunks of a series.
   *
   * @param from the first millisecond
   * @param to the last millisecond, inclusive
   * @throws io.narthex.storage.StorageException if a chunk cannot be read
   */
  public void chunks(
      int slot,
      long from,
      long to,
      HeadChunks.@Nullable View view,
      ChunkJoin join,
      ChunkJoin.Sink sink) {
    List<LateChunk> all = Objects.requireNonNull(chunks.get(slot));
    List<Numbered> wanted = new ArrayList<>();
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).overlaps(from, to)) {
        wanted.add(new Numbered(all.get(i), i));
      }
    }
    wanted.sort(
        Comparator.<Numbered>comparingLong(one -> one.chunk.minTime())
            .thenComparingInt(Numbered::number));
    int first = 0;
    while (first < wanted.size()) {
      long end = wanted.get(first).chunk.maxTime();
      int next = first + 1;
      while (next < wanted.size() && wanted.get(next).chunk.minTime() <= end) {
        end = Math.max(end, wanted.get(next).chunk.maxTime());
        next++;
      }
      hand(wanted.subList(first, next), from, to, view, join, sink);
      first = next;
    }
  }

  private static void hand(
      List<Numbered> cluster,
      long from,
      long to,
      HeadChunks.@Nullable View view,
      ChunkJoin join,
      ChunkJoin.Sink sink) {
    CRC32C crc = new CRC32C();
    for (Numbered one : cluster) {
      LateChunk chunk = one.chunk;
      byte[] bytes = chunk.bytes();
      int encoding = chunk.encoding();
      int start = 0;
      int length = bytes == null ? 0 : bytes.length - ChunkDecoder.PADDING;
      if (bytes == null) {
        ChunkBytes stored =
            new ChunkBytes(); // its own array: all of the cluster are needed at once
        Objects.requireNonNull(view, "a stored chunk without files")
            .read(chunk.place(), stored, crc);
        bytes = stored.bytes();
        encoding = stored.encoding();
        start = stored.from();
        length = stored.length();
      }
      long[] aborted = chunk.hiddenFrom(ALL_COMMITS);
      if (cluster.size() == 1
          && chunk.minTime() >= from
          && chunk.maxTime() <= to
          && aborted == null) {
        int samples = ChunkEncoding.of(encoding).count(bytes, start);
        sink.chunk(chunk.minTime(), chunk.maxTime(), encoding, samples, bytes, start, length);
        return;
      }
      join.add(encoding, bytes, start, length, aborted);
    }
    join.run(from, to, sink);
  }

  /**
   * Drops from the head what is in blocks now, with no reader left that needs it there. The caller
   * holds the lock of the slot's group.
   */
  public void drop(int slot) {
    List<LateChunk> all = chunks.get(slot);
    LateSeries series = store.of(slot);
    if (all != null && series != null) {
      series.drop(all.size());
      store.chunksDropped(all.size());
      store.removeIfEmpty(slot);
    }
  }

  /** The slots of all series. */
  public int[] slots() {
    return chunks.keySet().stream().mapToInt(Integer::intValue).toArray();
  }

  /** Ends it, when all was dropped. */
  public void done() {
    store.narrow();
    chunks.clear();
  }
}
