package io.narthex.tsdb.block;

import io.narthex.model.labels.Labels;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.SeriesEntry;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;

/**
 * A walk through all series of a block in the order of their labels, with their chunks as they lie
 * in the files; what is deleted is told, not left out. Holds the block until closed. Not
 * thread-safe.
 */
public final class BlockScan implements AutoCloseable {

  private final Block block;
  private final Tombstones tombstones;
  private final PeekableIntIterator series;
  private final SeriesEntry entry;
  private int current;
  private boolean closed;

  /** The caller has taken hold of the block. */
  BlockScan(Block block, Tombstones tombstones, PeekableIntIterator series) {
    this.block = block;
    this.tombstones = tombstones;
    this.series = series;
    this.entry = block.index().entry();
  }

  /** Tells of all symbols, sorted; some may be of no series. */
  public void symbols(IndexReader.SymbolVisitor visitor) {
    block.index().symbols(visitor);
  }

  /** Goes to the next series, if there is one. */
  public boolean next() {
    if (!series.hasNext()) {
      return false;
    }
    current = series.next();
    entry.read(current);
    return true;
  }

  /** The labels of the series that was gone to, made anew. */
  public Labels labels() {
    return entry.labels();
  }

  /** Fills in the chunks of the series. */
  public void chunks(ChunkMetas into) {
    entry.chunks(into);
  }

  /**
   * What is deleted of the series, as from, to, from, to, ... with both ends inclusive, ascending;
   * null if nothing is.
   */
  public long @Nullable [] deleted() {
    return tombstones.of(current);
  }

  /**
   * Copies a chunk.
   *
   * @param ref where it lies, as {@link #chunks} says
   * @throws BlockException if it is broken; it names the file
   */
  public void read(long ref, RawChunk into) {
    block.chunks().read(ref, into.chunk);
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      block.release();
    }
  }

  @Override
  public String toString() {
    return "block " + block.directory();
  }
}
