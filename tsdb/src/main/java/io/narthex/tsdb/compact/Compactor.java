package io.narthex.tsdb.compact;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockScan;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.chunk.SampleForms;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes blocks into one.
 *
 * <p>The new block names its parents; whoever loads it lets them go. So there is no moment at which
 * samples are in no block: a crash before the new block has its name leaves the parents and a
 * directory that the next start removes, a crash after it leaves parents that the next start lets
 * go.
 *
 * <p><b>What goes wrong.</b> What cannot be read or taken apart will not be so next time either:
 * the sources are marked as failed in their {@code meta.json}, and the planner passes over them.
 * What cannot be written (a full disk) may be written later: nothing is marked, nothing left
 * behind, and the next round tries again. It does not begin at all where the sources have more
 * bytes than are free, so that a full disk is not filled to the brim again and again. Prometheus
 * marks in both cases, and begins in any.
 *
 * <p>One call at a time.
 */
public final class Compactor {

  private static final Logger LOG = LoggerFactory.getLogger(Compactor.class);

  /**
   * What came of a compaction.
   *
   * @param block the new block, or null if no sample was left; then the sources say that they may
   *     be let go
   * @param vertical whether the sources overlapped
   */
  public record Result(@Nullable BlockMeta block, boolean vertical) {}

  private final Disk disk;
  private final Clock clock;
  private final RandomGenerator random;
  private final Path database;
  private final long chunkFileBytes;
  private final Supplier<SampleForms> forms;
  private final BooleanSupplier cancelled;

  /**
   * @param database where the new blocks go
   * @param chunkFileBytes the greatest size of a chunk file
   * @param cancelled is asked now and then whether to stop
   */
  public Compactor(
      Disk disk,
      Clock clock,
      RandomGenerator random,
      Path database,
      long chunkFileBytes,
      BooleanSupplier cancelled) {
    this(disk, clock, random, database, chunkFileBytes, () -> SampleForms.DEFAULT, cancelled);
  }

  /**
   * One that also says how new chunks are encoded.
   *
   * @param forms asked for each compaction
   */
  public Compactor(
      Disk disk,
      Clock clock,
      RandomGenerator random,
      Path database,
      long chunkFileBytes,
      Supplier<SampleForms> forms,
      BooleanSupplier cancelled) {
    this.forms = forms;
    this.disk = disk;
    this.clock = clock;
    this.random = random;
    this.database = database;
    this.chunkFileBytes = chunkFileBytes;
    this.cancelled = cancelled;
  }

  /**
   * Makes blocks into one. They stay as they are, but for what their {@code meta.json} says of
   * them.
   *
   * @param sources at least one, by their time
   * @throws CompactionCancelledException if told to stop
   * @throws StorageException if it failed
   */
  public Result compact(List<Block> sources) {
    List<BlockMeta> metas = sources.stream().map(Block::meta).toList();
    return run(sources, combined(Ulid.next(clock.millis(), random), metas), true);
  }

  /**
   * Writes a block anew without what is deleted of it. The new one begins at level 1, as
   * Prometheus' does.
   *
   * @throws CompactionCancelledException if told to stop
   * @throws StorageException if it failed
   */
  public Result rewrite(Block source) {
    BlockMeta old = source.meta();
    Ulid ulid = Ulid.next(clock.millis(), random);
    List<String> hints =
        old.compaction().hints().stream()
            .filter(hint ->
                hint.equals(BlockMeta.OUT_OF_ORDER)
                    || hint.equals(BlockMeta.STALE)
                    || hint.equals(BlockMeta.SELECTED))
            .toList();
    BlockMeta meta =
        new BlockMeta(
            ulid,
            old.minTime(),
            old.maxTime(),
            BlockMeta.Stats.NONE,
            new BlockMeta.Compaction(1, List.of(ulid), false, List.of(parent(old)), false, hints),
            Map.of());
    return run(List.of(source), meta, false);
  }

  /** What {@code meta.json} says of a block that is made of others, before it is written. */
  static BlockMeta combined(Ulid ulid, List<BlockMeta> metas) {
    TreeSet<Ulid> sources = new TreeSet<>();
    TreeSet<String> hints = new TreeSet<>();
    List<BlockMeta.Parent> parents = new ArrayList<>();
    long minTime = Long.MAX_VALUE;
    long maxTime = Long.MIN_VALUE;
    int level = 0;
    // Prometheus drops this hint, and passes over what the log has of that time at its next start.
    if (metas.stream().allMatch(m -> m.compaction().hints().contains(BlockMeta.OUT_OF_ORDER))) {
      hints.add(BlockMeta.OUT_OF_ORDER);
    }
    for (BlockMeta meta : metas) {
      minTime = Math.min(minTime, meta.minTime());
      maxTime = Math.max(maxTime, meta.maxTime());
      level = Math.max(level, meta.compaction().level());
      sources.addAll(meta.compaction().sources());
      hints.addAll(Planner.lastingHints(meta));
      parents.add(parent(meta));
    }
    return new BlockMeta(
        ulid,
        minTime,
        maxTime,
        BlockMeta.Stats.NONE,
        new BlockMeta.Compaction(
            level + 1, List.copyOf(sources), false, parents, false, List.copyOf(hints)),
        Map.of());
  }

  private static BlockMeta.Parent parent(BlockMeta meta) {
    return new BlockMeta.Parent(meta.ulid(), meta.minTime(), meta.maxTime());
  }

  private Result run(List<Block> sources, BlockMeta meta, boolean mark) {
    long start = clock.nanos();
    List<String> names = sources.stream().map(source -> source.meta().ulid().toString()).toList();
    boolean vertical = overlap(sources);
    if (vertical) {
      LOG.info("the blocks {} overlap; they are merged into {}", names, meta.ulid());
    }
    BlockMeta written;
    try {
      ensureRoom(sources);
      written = write(sources, meta);
    } catch (CompactionCancelledException | OutputException e) {
      throw e;
    } catch (StorageException e) {
      if (mark) {
        markFailed(sources, e);
      }
      throw e;
    }
    long millis = (clock.nanos() - start) / 1_000_000;
    if (written == null) {
      sources.forEach(Block::markDeletable);
      LOG.info("no sample is left of the blocks {} ({} ms)", names, millis);
    } else {
      LOG.info(
          "block {} made of {}: {} series, {} samples, [{}, {}) in {} ms",
          written.ulid(),
          names,
          written.stats().series(),
          written.stats().samples(),
          written.minTime(),
          written.maxTime(),
          millis);
    }
    return new Result(written, vertical);
  }

  private static boolean overlap(List<Block> sources) {
    long end = Long.MIN_VALUE;
    for (Block source : sources) {
      if (source.meta().minTime() < end) {
        return true;
      }
      end = Math.max(end, source.meta().maxTime());
    }
    return false;
  }

  private void ensureRoom(List<Block> sources) {
    long needed = sources.stream().mapToLong(Block::size).sum();
    long free = disk.freeBytes(database);
    if (needed > free) {
      throw new OutputException(
          "compaction of "
              + sources.size()
              + " blocks put off: they have "
              + needed
              + " bytes, and only "
              + free
              + " are free in "
              + database);
    }
  }

  private static void markFailed(List<Block> sources, StorageException failure) {
    for (Block source : sources) {
      try {
        source.markFailed();
      } catch (StorageException e) {
        failure.addSuppressed(e);
      }
    }
  }

  private @Nullable BlockMeta write(List<Block> sources, BlockMeta meta) {
    List<BlockScan> scans = new ArrayList<>();
    try (Output out = new Output(meta);
        BlockMerge merge = new BlockMerge(scans, meta, forms.get(), cancelled)) {
      for (Block source : sources) {
        scans.add(source.scan());
      }
      merge.run(out);
      return out.finish();
    } finally {
      scans.forEach(BlockScan::close);
    }
  }

  /** The new block could not be written; the sources are not to blame. */
  private static final class OutputException extends StorageException {
    private static final long serialVersionUID = 1;

    OutputException(String message) {
      super(message);
    }

    OutputException(RuntimeException cause) {
      super(String.valueOf(cause.getMessage()), cause);
    }
  }

  /** The new block; tells failures to write from all others. */
  private final class Output implements BlockMerge.Sink, AutoCloseable {
    private final BlockWriter writer;

    Output(BlockMeta meta) {
      try {
        writer = new BlockWriter(disk, database, meta, chunkFileBytes);
      } catch (StorageException | DiskException e) {
        throw new OutputException(e);
      }
    }

    @Override
    public void symbol(byte[] bytes, int length) {
      writer.symbol(bytes, length);
    }

    @Override
    public void series(Labels labels) {
      try {
        writer.series(labels);
      } catch (StorageException e) {
        throw blamed(e);
      }
    }

    @Override
    public void chunk(Chunk chunk) {
      try {
        writer.chunk(
            chunk.minTime,
            chunk.maxTime,
            chunk.encoding(),
            chunk.samples(),
            chunk.bytes(),
            chunk.from(),
            chunk.length());
      } catch (StorageException e) {
        throw blamed(e);
      }
    }

    @Nullable BlockMeta finish() {
      if (cancelled.getAsBoolean()) {
        throw new CompactionCancelledException();
      }
      try {
        return writer.finish();
      } catch (StorageException e) {
        throw blamed(e);
      }
    }

    /** Series or chunks in the wrong order are the sources' fault, all else the disk's. */
    private StorageException blamed(StorageException e) {
      return e.getCause() instanceof DiskException ? new OutputException(e) : e;
    }

    @Override
    public void close() {
      try {
        writer.close();
      } catch (DiskException e) {
        throw new OutputException(e);
      }
    }
  }
}
