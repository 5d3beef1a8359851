package io.narthex.tsdb.compact;

import io.narthex.model.labels.Labels;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.BlockException;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.index.ChunkMetas;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One block of a compaction: goes from series to series, and is the source of the chunks of the one
 * that was gone to. What is deleted does not appear; a chunk of which a part is deleted is encoded
 * anew.
 */
final class BlockSeries implements ChunkSource {

  private final BlockScan scan;
  private final long from;
  private final long to;
  private final Chunk.Pool pool;
  private final ChunkEncoder encoder;
  private final ChunkCursor samples = new ChunkCursor();
  private final Deque<Chunk> rewritten = new ArrayDeque<>();

  private Labels labels = Labels.EMPTY;
  private final ChunkMetas metas = new ChunkMetas();
  private long @Nullable [] deleted;
  private int at;
  private @Nullable Chunk chunk;

  /**
   * @param from the first millisecond of the new block
   * @param to its last, inclusive
   */
  BlockSeries(BlockScan scan, long from, long to, Chunk.Pool pool, ChunkEncoder encoder) {
    this.scan = scan;
    this.from = from;
    this.to = to;
    this.pool = pool;
    this.encoder = encoder;
  }

  /** Goes to the next series that has chunks left, if there is one. */
  boolean nextSeries() {
    while (scan.next()) {
      scan.chunks(metas);
      deleted = scan.deleted();
      if (firstLeft(0) < metas.size()) {
        labels = scan.labels();
        at = -1;
        return true;
      }
    }
    return false;
  }

  Labels labels() {
    return labels;
  }

  /** The first chunk from a number on that is not gone as a whole. */
  private int firstLeft(int number) {
    int i = number;
    while (i < metas.size() && isGone(i)) {
      i++;
    }
    return i;
  }

  private boolean isGone(int i) {
    return metas.maxTime(i) < from
        || metas.minTime(i) > to
        || (deleted != null && Tombstones.cover(deleted, metas.minTime(i), metas.maxTime(i)));
  }

  @Override
  public boolean next() {
    while (rewritten.isEmpty()) {
      at = firstLeft(at + 1);
      if (at >= metas.size()) {
        chunk = null;
        return false;
      }
      Chunk read = pool.take();
      scan.read(metas.ref(at), read.raw);
      read.isRaw(metas.minTime(at), metas.maxTime(at));
      if (!isTouched(at)) {
        chunk = read;
        return true;
      }
      rewrite(read);
      pool.give(read);
    }
    chunk = rewritten.removeFirst();
    return true;
  }

  private boolean isTouched(int i) {
    return metas.minTime(i) < from
        || metas.maxTime(i) > to
        || (deleted != null && Tombstones.touch(deleted, metas.minTime(i), metas.maxTime(i)));
  }

  private void rewrite(Chunk read) {
    List<Chunk> left = new ArrayList<>();
    try {
      encoder.rewrite(
          new CutCursor(samples.open(read), from, to, deleted),
          ChunkEncoding.of(read.encoding()),
          left);
    } catch (StorageException e) {
      throw new BlockException(scan + ": a chunk of " + labels + ": " + e.getMessage(), e);
    }
    rewritten.addAll(left);
  }

  @Override
  public Chunk chunk() {
    Chunk current = chunk;
    if (current == null) {
      throw new IllegalStateException("not at a chunk");
    }
    return current;
  }
}
