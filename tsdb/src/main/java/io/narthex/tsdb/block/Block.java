package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexException;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.PostingsSelection;
import io.narthex.tsdb.index.SeriesEntry;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicLong;
import org.roaringbitmap.PeekableIntIterator;

/**
 * A block that is open: its index and chunks are mapped. Thread-safe.
 *
 * <p>It is counted: opening holds it once, every querier once more, and the last one to let go
 * unmaps it. So a block may be closed, and its directory renamed or deleted, while it is being
 * queried.
 */
public final class Block implements Queryable, AutoCloseable {

  private final Disk disk;
  private final Path directory;
  private volatile BlockMeta meta;
  private final IndexReader index;
  private final ChunkFiles chunks;
  private final long contentBytes;
  private volatile long size;
  private final AtomicLong skippedChunks = new AtomicLong();
  private volatile Tombstones tombstones;

  // Under the lock of this.
  private int holders = 1;
  private boolean closed;

  private Block(
      Disk disk,
      Path directory,
      BlockMeta meta,
      IndexReader index,
      ChunkFiles chunks,
      Tombstones tombstones) {
    this.disk = disk;
    this.directory = directory;
    this.meta = meta;
    this.index = index;
    this.chunks = chunks;
    this.tombstones = tombstones;
    this.contentBytes = index.size() + chunks.size();
    this.size = contentBytes + smallFiles();
  }

  /**
   * Opens a block.
   *
   * @throws io.narthex.storage.StorageException if it is broken: the message names the file and the
   *     reason, and nothing stays open
   */
  public static Block open(Disk disk, Path directory) {
    BlockMeta meta = readMeta(disk, directory);
    IndexReader index = null;
    ChunkFiles chunks = null;
    boolean done = false;
    try {
      ensureKinds(disk, directory);
      chunks = ChunkFiles.open(disk, directory.resolve(BlockWriter.CHUNKS));
      index = IndexReader.open(disk, directory.resolve(BlockWriter.INDEX));
      ensureComplete(index, chunks);
      Tombstones tombstones = Tombstones.read(disk, directory);
      Block block = new Block(disk, directory, meta, index, chunks, tombstones);
      done = true;
      return block;
    } catch (DiskException e) {
      throw new BlockException("block " + directory + ": " + e.getMessage(), e);
    } finally {
      if (!done) {
        if (chunks != null) {
          chunks.close();
        }
        if (index != null) {
          index.close();
        }
      }
    }
  }

  private static void ensureKinds(Disk disk, Path directory) {
    Path chunks = directory.resolve(BlockWriter.CHUNKS);
    if (disk.exists(chunks) && !disk.isDirectory(chunks)) {
      throw new BlockException("block: " + chunks + " is not a directory");
    }
    Path index = directory.resolve(BlockWriter.INDEX);
    if (disk.isDirectory(index)) {
      throw new BlockException("block: " + index + " is a directory");
    }
  }

  /**
   * Checks that the last chunk is there: series and chunks are written in the same order, so what
   * comes before it is there then too.
   */
  private static void ensureComplete(IndexReader index, ChunkFiles chunks) {
    ChunkMetas metas = new ChunkMetas();
    try {
      OptionalInt last = index.lastSeries();
      if (last.isEmpty()) {
        return;
      }
      index.entry().read(last.getAsInt()).chunks(metas);
    } catch (IndexException e) {
      return; // Who reads that series gets told; the others are as good as ever.
    }
    if (metas.size() > 0) {
      chunks.ensureReach(metas.ref(metas.size() - 1));
    }
  }

  /** The bytes of the files that may change. */
  private long smallFiles() {
    Path stones = directory.resolve(Tombstones.FILE);
    return disk.size(directory.resolve(BlockWriter.META))
        + (disk.exists(stones) ? disk.size(stones) : 0);
  }

  /**
   * Reads what the {@code meta.json} of a block says.
   *
   * @throws BlockException if it cannot be read
   */
  static BlockMeta readMeta(Disk disk, Path directory) {
    Path file = directory.resolve(BlockWriter.META);
    try {
      return BlockMeta.parse(disk.readAll(file));
    } catch (DiskException e) {
      throw new BlockException("block: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new BlockException("block: " + file + ": " + e.getMessage(), e);
    }
  }

  public BlockMeta meta() {
    return meta;
  }

  public Path directory() {
    return directory;
  }

  /** The bytes of its files. */
  public long size() {
    return size;
  }

  /** The memory that its symbol table takes. */
  public long symbolBytes() {
    return index.symbolBytes();
  }

  /** What of it is deleted. */
  public Tombstones tombstones() {
    return tombstones;
  }

  /**
   * Replaces its tombstones, on disk and for queriers to come, and their number in its meta.json.
   *
   * @throws BlockException if they cannot be written; the old ones are in force then
   */
  public synchronized void replaceTombstones(Tombstones next) {
    try {
      next.write(disk, directory);
    } catch (DiskException e) {
      throw new BlockException("block " + directory + ": " + e.getMessage(), e);
    }
    tombstones = next;
    BlockMeta.Stats s = meta.stats();
    replaceMeta(
        meta.with(
            new BlockMeta.Stats(
                s.samples(),
                s.floatSamples(),
                s.histogramSamples(),
                s.series(),
                s.chunks(),
                next.count())));
  }

  /**
   * Deletes samples: notes which, so that queriers to come do not see them. The files stay as large
   * as they are until the block is written anew.
   *
   * @param minTime the first millisecond
   * @param maxTime the last millisecond, inclusive
   * @param matchers which series; at least one
   * @return whether there were any
   * @throws BlockException if that cannot be written
   */
  public synchronized boolean delete(long minTime, long maxTime, List<Matcher> matchers) {
    hold();
    try {
      Tombstones.Builder stones = new Tombstones.Builder().add(tombstones);
      boolean some = false;
      SeriesEntry entry = index.entry();
      ChunkMetas metas = new ChunkMetas();
      PeekableIntIterator each = PostingsSelection.select(index, matchers).getIntIterator();
      while (each.hasNext()) {
        int series = each.next();
        entry.read(series);
        if (entry.overlaps(minTime, maxTime)) {
          entry.chunks(metas);
          // As far as the series goes, as in Prometheus.
          long from = Math.max(minTime, metas.minTime(0));
          long to = Math.min(maxTime, metas.maxTime(metas.size() - 1));
          stones.add(series, from, to);
          some = true;
        }
      }
      if (some) {
        replaceTombstones(stones.build());
      }
      return some;
    } finally {
      release();
    }
  }

  /**
   * Notes in its meta.json that compacting it failed, and is not to be tried again.
   *
   * @throws BlockException if that cannot be written
   */
  public synchronized void markFailed() {
    BlockMeta.Compaction c = meta.compaction();
    replaceMeta(
        meta.with(
            new BlockMeta.Compaction(
                c.level(), c.sources(), c.deletable(), c.parents(), true, c.hints())));
  }

  /**
   * Notes in its meta.json that it may go: no sample of it is left.
   *
   * @throws BlockException if that cannot be written
   */
  public synchronized void markDeletable() {
    BlockMeta.Compaction c = meta.compaction();
    replaceMeta(
        meta.with(
            new BlockMeta.Compaction(
                c.level(), c.sources(), true, c.parents(), c.failed(), c.hints())));
  }

  private void replaceMeta(BlockMeta next) {
    try {
      BlockWriter.writeMeta(disk, directory, next);
      meta = next;
      size = contentBytes + smallFiles();
    } catch (DiskException e) {
      throw new BlockException("block " + directory + ": " + e.getMessage(), e);
    }
  }

  /** Chunks that readers passed over because their encoding is not one of floats. */
  public long skippedChunks() {
    return skippedChunks.get();
  }

  /**
   * Opens a view of the block, which holds it until closed.
   *
   * @throws BlockException if the block is closed
   */
  @Override
  public Querier querier(long minTime, long maxTime) {
    hold();
    return new BlockQuerier(this, tombstones, minTime, maxTime);
  }

  /**
   * Whether it has a sample that is not deleted.
   *
   * @throws BlockException if the block is closed, or broken
   */
  public boolean hasSamples() {
    try (Querier querier = querier(Long.MIN_VALUE, Long.MAX_VALUE)) {
      SeriesSet all =
          querier.select(
              false,
              SelectHints.range(Long.MIN_VALUE, Long.MAX_VALUE),
              List.of(Matcher.equal("", "")));
      SeriesSet.Reader reader = all.reader();
      SampleBuffer samples = new SampleBuffer();
      for (int i = 0; i < all.size(); i++) {
        reader.read(i, Long.MIN_VALUE, Long.MAX_VALUE, samples);
        if (samples.size() > 0) {
          return true;
        }
      }
      return false;
    }
  }

  /**
   * Begins a walk through all series, which holds the block until closed.
   *
   * @throws BlockException if the block is closed
   */
  public BlockScan scan() {
    return scan(List.of());
  }

  /**
   * Begins a walk through the series that satisfy all matchers, which holds the block until closed.
   *
   * @throws BlockException if the block is closed
   */
  public BlockScan scan(List<Matcher> matchers) {
    hold();
    boolean done = false;
    try {
      BlockScan scan =
          new BlockScan(
              this, tombstones, PostingsSelection.select(index, matchers).getIntIterator());
      done = true;
      return scan;
    } finally {
      if (!done) {
        release();
      }
    }
  }

  /** The index, for as long as the caller holds the block. */
  IndexReader index() {
    return index;
  }

  ChunkFiles chunks() {
    return chunks;
  }

  void skipped() {
    skippedChunks.incrementAndGet();
  }

  /** Lets go of the block; it is unmapped when the last querier is closed. Twice does nothing. */
  @Override
  public void close() {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
    }
    release();
  }

  private synchronized void hold() {
    if (closed) {
      throw new BlockException("block " + directory + " is closed");
    }
    holders++;
  }

  void release() {
    boolean last;
    synchronized (this) {
      holders--;
      last = holders == 0;
    }
    if (last) {
      index.close();
      chunks.close();
    }
  }

  @Override
  public String toString() {
    return meta.ulid() + " [" + meta.minTime() + ", " + meta.maxTime() + ")";
  }
}
