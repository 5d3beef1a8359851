package io.narthex.tsdb.compact;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.function.Consumer;

/**
 * Chunks of one series from several blocks as one sequence in the order of time. One that overlaps
 * no other passes as it is, of equal ones the first passes; those that overlap are taken apart and
 * encoded anew, at most {@link ChunkEncoder#SPLIT} samples in each.
 */
final class ChunkMerge {

  private static final Comparator<ChunkSource> BY_TIME =
      Comparator.comparingLong((ChunkSource source) -> source.chunk().minTime)
          .thenComparingLong(source -> source.chunk().maxTime);

  private final Chunk.Pool pool;
  private final ChunkEncoder encoder;
  private final Heap<ChunkSource> sources = new Heap<>(BY_TIME);
  private final List<Chunk> overlapping = new ArrayList<>();
  private final List<Chunk> duplicates = new ArrayList<>();
  private final List<ChunkCursor> cursors = new ArrayList<>();

  ChunkMerge(Chunk.Pool pool, ChunkEncoder encoder) {
    this.pool = pool;
    this.encoder = encoder;
  }

  /**
   * Merges the chunks of a series.
   *
   * @param from the sources; their order counts where chunks have the same times
   * @param out is handed the chunks, which belong to the pool again when it returns
   */
  void merge(List<? extends ChunkSource> from, Consumer<Chunk> out) {
    sources.clear();
    from.forEach(this::addNext);
    while (!sources.isEmpty()) {
      Chunk first = take();
      collectOverlapping(first);
      if (!overlapping.isEmpty()) {
        overlapping.add(first);
        first = combine();
      }
      duplicates.forEach(pool::give);
      duplicates.clear();
      out.accept(first);
      pool.give(first);
    }
  }

  private void addNext(ChunkSource source) {
    if (source.next()) {
      sources.add(source);
    }
  }

  private Chunk take() {
    ChunkSource source = sources.removeFirst();
    Chunk chunk = source.chunk();
    addNext(source);
    return chunk;
  }

  /** Takes the chunks that begin before all those taken since the first one end. */
  private void collectOverlapping(Chunk first) {
    overlapping.clear();
    long end = first.maxTime;
    Chunk last = first;
    while (!sources.isEmpty() && sources.first().chunk().minTime <= end) {
      Chunk next = take();
      if (next.hasSameContent(last)) {
        duplicates.add(next);
        continue;
      }
      overlapping.add(next);
      end = Math.max(end, next.maxTime);
      last = next;
    }
  }

  /** Encodes the overlapping chunks anew; the first new chunk is answered, the rest a source. */
  private Chunk combine() {
    while (cursors.size() < overlapping.size()) {
      cursors.add(new ChunkCursor());
    }
    for (int i = 0; i < overlapping.size(); i++) {
      cursors.get(i).open(overlapping.get(i));
    }
    List<Chunk> encoded = new ArrayList<>();
    encoder.encode(new SampleMerge(cursors.subList(0, overlapping.size())), encoded);
    overlapping.forEach(pool::give);
    overlapping.clear();
    addNext(new Encoded(encoded.subList(1, encoded.size()).iterator(), encoded.getFirst()));
    return encoded.getFirst();
  }

  /** Chunks that were encoded. */
  private static final class Encoded implements ChunkSource {
    private final Iterator<Chunk> rest;
    private Chunk chunk;

    Encoded(Iterator<Chunk> rest, Chunk chunk) {
      this.rest = rest;
      this.chunk = chunk;
    }

    @Override
    public boolean next() {
      if (rest.hasNext()) {
        chunk = rest.next();
        return true;
      }
      return false;
    }

    @Override
    public Chunk chunk() {
      return chunk;
    }
  }
}
