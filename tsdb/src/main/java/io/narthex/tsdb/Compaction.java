package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.BlockWriter;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.compact.CompactionCancelledException;
import io.narthex.tsdb.compact.Compactor;
import io.narthex.tsdb.compact.Planner;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.compact.UploadedBlocks;
import io.narthex.tsdb.head.ChunkSink;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.wal.Checkpoint;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the maintenance thread does: moves full chunks to files, turns the oldest range of the head
 * into a block when it is due, shortens head and log behind it, makes several blocks into one, and
 * deletes what retention lets go.
 *
 * <p><b>From head to block.</b> The block is written, opened and listed; from then on queriers find
 * its samples twice, which they merge. Only when no querier is left that was opened before are they
 * dropped from the head; should one stay open for long, the drop waits for a later round, and so
 * does the next block. One thread at a time.
 *
 * <p><b>From blocks to a block.</b> The head goes first: when it is due, block after block waits.
 * What a failed step leaves undone the next round tries again; the other steps do not wait for it.
 */
final class Compaction {

  private static final Logger LOG = LoggerFactory.getLogger(Compaction.class);
  private static final int READER_PATIENCE = 250; // times 20 ms

  private record Truncation(long time, long mark) {}

  private final Disk disk;
  private final Clock clock;
  private final RandomGenerator random;
  private final Path path;
  private final DatabaseOptions options;
  private final Head head;
  private final HeadChunks headChunks;
  private final Wal wal;
  private final BlockSet blocks;
  final MaintenanceCounters counters;
  private final BooleanSupplier stopping;
  private final Planner planner;
  private final Compactor compactor;
  private final @Nullable UploadedBlocks uploads;
  private final long delayNanos;
  private volatile Retention retention;

  private @Nullable Truncation due;
  private boolean delaying;
  private long delayedSince;
  // References of removed series, and the last segment that may hold samples of them.
  private final Map<Long, Integer> removedRefs = new HashMap<>();

  Compaction(
      Disk disk,
      Clock clock,
      RandomGenerator random,
      Path path,
      DatabaseOptions options,
      Head head,
      HeadChunks headChunks,
      Wal wal,
      BlockSet blocks,
      MaintenanceCounters counters,
      BooleanSupplier stopping) {
    this.disk = disk;
    this.clock = clock;
    this.random = random;
    this.path = path;
    this.options = options;
    this.head = head;
    this.headChunks = headChunks;
    this.wal = wal;
    this.blocks = blocks;
    this.counters = counters;
    this.stopping = stopping;
    BlockOptions of = options.blocks();
    long longest = of.longest(options.minBlockMillis(), options.retentionMillis());
    planner = new Planner(Planner.ranges(options.minBlockMillis(), longest), of.vertical());
    compactor = new Compactor(disk, clock, random, path, of.chunkFileBytes(), stopping);
    uploads = of.uploads() == null ? null : new UploadedBlocks(disk, clock, of.uploads());
    long mostNanos = options.minBlockMillis() * of.delayPercent() * 10_000;
    delayNanos = mostNanos == 0 ? 0 : random.nextLong(mostNanos);
    retention =
        new Retention(options.retentionMillis(), of.retentionBytes(), of.retentionPercentage());
  }

  Retention retention() {
    return retention;
  }

  /** From the next round on this is kept. */
  void retention(Retention next) {
    retention = next;
  }

  /** References under which the log holds samples although no series has them any more. */
  void keepRefs(List<Long> refs, int lastSegment) {
    for (long ref : refs) {
      removedRefs.put(ref, lastSegment);
    }
  }

  /** Does what is due. What fails is logged and counted, and tried again next time. */
  void run() {
    counters.triggered.increment();
    step("store chunks", head::storeChunks);
    step("reclaim head chunk files", headChunks::reclaim);
    step("reload blocks", () -> refresh(Optional.empty()));
    step("compact the head", this::compactHead);
    step("compact blocks", this::compactBlocks);
  }

  private void step(String name, Runnable work) {
    try {
      work.run();
    } catch (CompactionCancelledException e) {
      LOG.info("{}: {}", name, e.getMessage());
    } catch (StorageException | DiskException e) {
      counters.failures.increment();
      LOG.error("{}: {}", name, e.getMessage());
    }
  }

  /**
   * Takes in what has changed in the directory, and lets go of what is not kept any longer.
   *
   * @param made a block that was written a moment ago and has to be there
   * @throws StorageException if it is not: what it was made of must be kept
   */
  private void refresh(Optional<BlockMeta> made) {
    counters.reloads.increment();
    boolean whole = false;
    try {
      whole = blocks.reload();
    } finally {
      if (!whole) {
        counters.failedReloads.increment();
      }
    }
    if (made.isPresent()) {
      Ulid ulid = made.get().ulid();
      if (blocks.blocks().stream().noneMatch(block -> block.meta().ulid().equals(ulid))) {
        disk.deleteTree(path.resolve(ulid.toString()));
        throw new StorageException("block " + ulid + " was written but cannot be opened");
      }
    }
    retain();
  }

  /** Whether the head is due, and its delay, if it has one, over. */
  private boolean isHeadDue() {
    if (!head.isCompactable()) {
      delaying = false;
      return false;
    }
    if (!delaying) {
      delaying = true;
      delayedSince = clock.nanos();
    }
    return clock.nanos() - delayedSince >= delayNanos;
  }

  private void compactHead() {
    if (!truncate()) {
      return;
    }
    while (isHeadDue()) {
      long from = head.minTime();
      long to = head.blockMaxTime();
      if (!head.awaitBatches()) {
        LOG.warn("a batch has been open for long; the head is compacted when it is over");
        return;
      }
      refresh(counted(() -> write(path, from, to)));
      due = new Truncation(to, head.mark());
      if (!truncate()) {
        return;
      }
    }
  }

  private Optional<BlockMeta> counted(Supplier<Optional<BlockMeta>> compaction) {
    long start = clock.nanos();
    counters.populating = true;
    try {
      return compaction.get();
    } catch (CompactionCancelledException e) {
      throw e;
    } catch (StorageException | DiskException e) {
      counters.failedCompactions.increment();
      throw e;
    } finally {
      counters.populating = false;
      counters.compactions.increment();
      counters.compactionSeconds.observe((clock.nanos() - start) / 1e9);
    }
  }

  private void compactBlocks() {
    while (!stopping.getAsBoolean()) {
      if (isHeadDue()) {
        LOG.info("the head is due for a block; the blocks are compacted later");
        return;
      }
      Map<Ulid, Block> byUlid = new LinkedHashMap<>();
      blocks.blocks().forEach(block -> byUlid.put(block.meta().ulid(), block));
      List<BlockMeta> plan =
          planner.plan(
              byUlid.values().stream().map(Block::meta).toList(),
              meta -> uploads != null && uploads.holds(meta));
      if (plan.isEmpty()) {
        return;
      }
      List<Block> sources = new ArrayList<>();
      for (BlockMeta meta : plan) {
        sources.add(Objects.requireNonNull(byUlid.get(meta.ulid())));
      }
      refresh(counted(() -> compact(sources)));
    }
  }

  private Optional<BlockMeta> compact(List<Block> sources) {
    Compactor.Result result = compactor.compact(sources);
    if (result.vertical()) {
      counters.verticalCompactions.increment();
    }
    return Optional.ofNullable(result.block());
  }

  /**
   * Writes all blocks anew of which something is deleted.
   *
   * @throws StorageException if one cannot be written; those before it are done
   */
  void cleanTombstones() {
    long start = clock.nanos();
    try {
      for (Block block : blocks.blocks()) {
        // Retention may have let it go meanwhile.
        if (!block.tombstones().isEmpty() && blocks.blocks().contains(block)) {
          refresh(Optional.ofNullable(compactor.rewrite(block).block()));
        }
      }
    } finally {
      counters.tombstoneCleanupSeconds.observe((clock.nanos() - start) / 1e9);
    }
  }

  /**
   * Writes what the head has in a range of time as a block.
   *
   * @param into the directory that the block's own is going to be in
   * @param to the first millisecond that the block is not about any more
   * @return what it says of itself, or nothing if there was no sample, and so no block
   */
  Optional<BlockMeta> write(Path into, long from, long to) {
    long start = clock.nanos();
    Ulid ulid = Ulid.next(clock.millis(), random);
    BlockMeta meta =
        new BlockMeta(
            ulid, from, to, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    BlockMeta written;
    try (BlockWriter writer =
        new BlockWriter(disk, into, meta, options.blocks().chunkFileBytes())) {
      head.export(from, to - 1, sink(writer));
      written = writer.finish();
    }
    long nanos = clock.nanos() - start;
    if (written != null) {
      LOG.info(
          "block {} written: {} series, {} samples, [{}, {}) in {} ms",
          ulid,
          written.stats().series(),
          written.stats().samples(),
          from,
          to,
          nanos / 1_000_000);
    }
    return Optional.ofNullable(written);
  }

  private ChunkSink sink(BlockWriter writer) {
    return new ChunkSink() {
      @Override
      public void series(Labels labels) {
        writer.series(labels);
      }

      @Override
      public void chunk(
          long minTime,
          long maxTime,
          int encoding,
          int samples,
          byte[] bytes,
          int from,
          int length) {
        writer.chunk(minTime, maxTime, encoding, samples, bytes, from, length);
        counters.chunkBytes.observe(length);
        counters.chunkSamples.observe(samples);
        // Upstream's name says seconds, its values are milliseconds.
        counters.chunkRange.observe(maxTime - minTime);
      }
    };
  }

  /** Shortens head and log if that is due; false if it has to wait. */
  private boolean truncate() {
    Truncation truncation = due;
    if (truncation == null) {
      return true;
    }
    for (int tries = 0; !head.noReaderBefore(truncation.mark); tries++) {
      if (tries == READER_PATIENCE) {
        LOG.info("a query from before the last block is still running; the head is cut later");
        return false;
      }
      LockSupport.parkNanos(20_000_000);
    }
    long[] gone = head.truncate(truncation.time);
    due = null;
    keepRefs(Arrays.stream(gone).boxed().toList(), wal.segment());
    try {
      headChunks.truncate(truncation.time);
      truncateLog(truncation.time);
    } catch (StorageException | DiskException e) {
      head.counters().failedTruncations.increment();
      throw e;
    }
    return true;
  }

  /** Replaces the older two thirds of the log by a checkpoint, as Prometheus does. */
  private void truncateLog(long time) {
    List<WalDirectory.Segment> segments = wal.files().segments();
    if (segments.isEmpty()) {
      return;
    }
    // A new one, so that a log that grows slowly gets shorter too; the last is never touched.
    wal.cut();
    int first = segments.getFirst().number();
    int last = segments.getLast().number();
    last = first + (last - first) * 2 / 3;
    if (last <= first) {
      return;
    }
    int upTo = last;
    long[] living = head.refs();
    counters.checkpoints.increment();
    try {
      Checkpoint.Result result =
          Checkpoint.write(
              wal,
              upTo,
              ref ->
                  Arrays.binarySearch(living, ref) >= 0 || removedRefs.getOrDefault(ref, -1) > upTo,
              time);
      LOG.info(
          "checkpoint {} written: {} series and {} samples kept, {} and {} dropped",
          result.number(),
          result.series().kept(),
          result.samples().kept(),
          result.series().dropped(),
          result.samples().dropped());
    } catch (StorageException | DiskException e) {
      counters.failedCheckpoints.increment();
      throw e;
    }
    wal.truncate(upTo + 1);
    new SnapshotDirectory(disk, path).deleteBelow(new Wal.Place(upTo + 1, 0));
    removedRefs.values().removeIf(segment -> segment <= upTo);
    counters.checkpointDeletions.increment();
    try {
      wal.files().deleteCheckpointsBelow(upTo);
    } catch (DiskException e) {
      counters.failedCheckpointDeletions.increment();
      throw e;
    }
  }

  /** Deletes the blocks that retention lets go. */
  private void retain() {
    Retention now = retention;
    Map<Ulid, Block> byUlid = new HashMap<>();
    List<Retention.Sized> sized = new ArrayList<>();
    for (Block block : blocks.blocks()) {
      byUlid.put(block.meta().ulid(), block);
      sized.add(new Retention.Sized(block.meta(), block.size()));
    }
    boolean bounded = now.bytes() > 0 || now.percentage() > 0;
    Retention.Expired expired =
        now.expired(
            sized, bounded ? headBytes() : 0, now.percentage() > 0 ? disk.totalBytes(path) : 0);
    Set<Block> old = new HashSet<>();
    expired.byTime().forEach(meta -> old.add(Objects.requireNonNull(byUlid.get(meta.ulid()))));
    expired.bySize().forEach(meta -> old.add(Objects.requireNonNull(byUlid.get(meta.ulid()))));
    if (old.isEmpty()) {
      return;
    }
    LOG.info(
        "retention: {} blocks are deleted because of their age, {} because of all blocks' size",
        expired.byTime().size(),
        expired.bySize().size());
    counters.timeRetentions.add(expired.byTime().isEmpty() ? 0 : 1);
    counters.sizeRetentions.add(expired.bySize().isEmpty() ? 0 : 1);
    if (!blocks.delete(old)) {
      counters.failedReloads.increment();
    }
  }

  /** The bytes of what is not in blocks yet: the logs and the files of the head's chunks. */
  private long headBytes() {
    long sum = wal.files().size() + headChunks.size();
    for (Path file : disk.list(path.resolve("wbl"))) {
      sum += disk.isDirectory(file) ? 0 : disk.size(file);
    }
    return sum;
  }
}
