package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.tsdb.index.IndexReader;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicLong;

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
  private final long size;
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
      Tombstones tombstones,
      long size) {
    this.disk = disk;
    this.directory = directory;
    this.meta = meta;
    this.index = index;
    this.chunks = chunks;
    this.tombstones = tombstones;
    this.size = size;
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
      chunks = ChunkFiles.open(disk, directory.resolve(BlockWriter.CHUNKS));
      index = IndexReader.open(disk, directory.resolve(BlockWriter.INDEX));
      Tombstones tombstones = Tombstones.read(disk, directory);
      long size = index.size() + chunks.size();
      Path stones = directory.resolve(Tombstones.FILE);
      size += disk.size(directory.resolve(BlockWriter.META));
      size += disk.exists(stones) ? disk.size(stones) : 0;
      Block block = new Block(disk, directory, meta, index, chunks, tombstones, size);
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
      BlockMeta.Stats s = meta.stats();
      BlockMeta counted =
          meta.with(
              new BlockMeta.Stats(
                  s.samples(),
                  s.floatSamples(),
                  s.histogramSamples(),
                  s.series(),
                  s.chunks(),
                  next.count()));
      BlockWriter.writeMeta(disk, directory, counted);
      meta = counted;
    } catch (DiskException e) {
      throw new BlockException("block " + directory + ": " + e.getMessage(), e);
    }
    tombstones = next;
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
