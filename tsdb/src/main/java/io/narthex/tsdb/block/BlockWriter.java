package io.narthex.tsdb.block;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexWriter;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes a block: series in the order of their labels, each followed by its chunks in the order of
 * time. It lies in {@code <ULID>.tmp-for-creation} until it is complete and durable, and gets its
 * name in one step. Not thread-safe. Closing without {@link #finish} removes what was written.
 *
 * <p>A full disk and the like are {@link BlockException}s (or {@link
 * io.narthex.tsdb.index.IndexException}), after which the writer can only be closed.
 */
public final class BlockWriter implements AutoCloseable {

  static final String META = "meta.json";
  static final String INDEX = "index";
  static final String CHUNKS = "chunks";

  /** What the name of a block ends in while it is written. */
  static final String CREATING = ".tmp-for-creation";

  private static final int XOR = 1;
  private static final int XOR2 = 4;

  private final Disk disk;
  private final Path database;
  private final Path temporary;
  private final BlockMeta meta;
  private final ChunkFileWriter chunks;
  private final IndexWriter index;

  private @Nullable Labels labels;
  private final ChunkMetas metas = new ChunkMetas();
  private long samples;
  private long floatSamples;
  private long series;
  private long chunkCount;
  private boolean finished;

  /**
   * Begins a block.
   *
   * @param database the directory that the block's own is going to be in
   * @param meta what is known of it; its figures are counted here
   */
  public BlockWriter(Disk disk, Path database, BlockMeta meta) {
    this(disk, database, meta, ChunkFileWriter.FILE_BYTES);
  }

  /**
   * Begins a block.
   *
   * @param chunkFileBytes the greatest size of a chunk file
   */
  public BlockWriter(Disk disk, Path database, BlockMeta meta, long chunkFileBytes) {
    this.disk = disk;
    this.database = database;
    this.meta = meta;
    this.temporary = database.resolve(meta.ulid() + CREATING);
    try {
      disk.deleteTree(temporary);
      disk.createDirectories(temporary);
      this.chunks = new ChunkFileWriter(disk, temporary.resolve(CHUNKS), chunkFileBytes);
      this.index = new IndexWriter(disk, temporary.resolve(INDEX));
    } catch (DiskException e) {
      BlockException failure = failed(e);
      try {
        disk.deleteTree(temporary);
      } catch (DiskException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
  }

  /** Adds a symbol that no series may use; Prometheus keeps those of the series it left out. */
  public void symbol(byte[] bytes, int length) {
    index.addSymbol(bytes, 0, length);
  }

  /**
   * Begins a series. One that gets no chunk is left out.
   *
   * @param next greater than the labels before
   */
  public void series(Labels next) {
    endSeries();
    labels = next;
    chunks.beginSeries();
  }

  /**
   * Adds a chunk to the series.
   *
   * @param minTime the time of its first sample, milliseconds since the epoch
   * @param maxTime the time of its last sample
   * @param encoding Prometheus' number
   * @param sampleCount how many samples it holds
   */
  public void chunk(
      long minTime,
      long maxTime,
      int encoding,
      int sampleCount,
      byte[] data,
      int from,
      int length) {
    if (labels == null) {
      throw new IllegalStateException("a chunk without a series");
    }
    try {
      metas.add(minTime, maxTime, chunks.write(encoding, data, from, length));
    } catch (DiskException e) {
      throw failed(e);
    }
    chunkCount++;
    samples += sampleCount;
    if (encoding == XOR || encoding == XOR2) {
      floatSamples += sampleCount;
    }
  }

  /** The series with chunks so far, without the last. */
  public long seriesCount() {
    return series;
  }

  /** The bytes of chunks so far. */
  public long chunkBytes() {
    return chunks.bytes();
  }

  /**
   * Completes the block.
   *
   * @return what its {@code meta.json} says, or null if there was no sample, and so no block
   */
  public @Nullable BlockMeta finish() {
    endSeries();
    if (samples == 0) {
      return null;
    }
    BlockMeta complete =
        meta.with(
            new BlockMeta.Stats(
                samples, floatSamples, samples - floatSamples, series, chunkCount, 0));
    try {
      chunks.finish();
      index.finish();
      writeMeta(disk, temporary, complete);
      Tombstones.NONE.write(disk, temporary);
      disk.syncDirectory(temporary);
      disk.rename(temporary, database.resolve(meta.ulid().toString()));
      finished = true;
      disk.syncDirectory(database);
    } catch (DiskException e) {
      throw failed(e);
    }
    return complete;
  }

  /** Replaces the {@code meta.json} of a block, in one step. */
  static void writeMeta(Disk disk, Path block, BlockMeta meta) {
    Path next = block.resolve(META + ".tmp");
    byte[] json = Utf8.bytes(meta.toJson());
    boolean done = false;
    try {
      try (OutputFile out = disk.create(next)) {
        out.write(json, 0, json.length);
        out.sync();
      }
      disk.rename(next, block.resolve(META));
      done = true;
    } finally {
      if (!done) {
        disk.delete(next);
      }
    }
  }

  private void endSeries() {
    if (labels != null && metas.size() > 0) {
      index.addSeries(labels, metas);
      series++;
    }
    labels = null;
    metas.clear();
  }

  private BlockException failed(DiskException e) {
    return new BlockException("block " + meta.ulid() + ": " + e.getMessage(), e);
  }

  @Override
  public void close() {
    chunks.close();
    index.close();
    if (!finished) {
      disk.deleteTree(temporary);
    }
  }
}
