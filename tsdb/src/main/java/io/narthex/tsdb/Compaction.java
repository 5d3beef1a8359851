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
import io.narthex.tsdb.head.ChunkSink;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.wal.Checkpoint;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalDirectory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the maintenance thread does: moves full chunks to files, turns the oldest range of the head
 * into a block when it is due, shortens head and log behind it, and deletes what retention lets go.
 *
 * <p><b>From head to block.</b> The block is written, opened and listed; from then on queriers find
 * its samples twice, which they merge. Only when no querier is left that was opened before are they
 * dropped from the head; should one stay open for long, the drop waits for a later round, and so
 * does the next block. One thread at a time.
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

  private @Nullable Truncation due;
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
      MaintenanceCounters counters) {
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
  }

  /** References under which the log holds samples although no series has them any more. */
  void keepRefs(List<Long> refs, int lastSegment) {
    for (long ref : refs) {
      removedRefs.put(ref, lastSegment);
    }
  }

  /** Does what is due. What fails is logged and counted, and tried again next time. */
  void run() {
    step("store chunks", head::storeChunks);
    step("reclaim head chunk files", headChunks::reclaim);
    step("compact the head", this::compactHead);
    step("reload blocks", this::reload);
    step("delete old blocks", this::retain);
  }

  private void step(String name, Runnable work) {
    try {
      work.run();
    } catch (StorageException | DiskException e) {
      counters.failures.increment();
      LOG.error("{}: {}", name, e.getMessage());
    }
  }

  private void reload() {
    counters.reloads.increment();
    try {
      blocks.reload();
      if (blocks.broken() > 0) {
        counters.failedReloads.increment();
      }
    } catch (DiskException e) {
      counters.failedReloads.increment();
      throw e;
    }
  }

  private void compactHead() {
    if (!truncate()) {
      return;
    }
    while (head.isCompactable()) {
      long from = head.minTime();
      long to = head.blockMaxTime();
      if (!head.awaitBatches()) {
        LOG.warn("a batch has been open for long; the head is compacted when it is over");
        return;
      }
      counters.triggered.increment();
      try {
        write(path, from, to);
        counters.compactions.increment();
      } catch (StorageException | DiskException e) {
        counters.failedCompactions.increment();
        throw e;
      }
      blocks.reload();
      due = new Truncation(to, head.mark());
      if (!truncate()) {
        return;
      }
    }
  }

  /**
   * Writes what the head has in a range of time as a block.
   *
   * @param into the directory that the block's own is going to be in
   * @param to the first millisecond that the block is not about any more
   */
  void write(Path into, long from, long to) {
    long start = clock.nanos();
    Ulid ulid = Ulid.next(clock.millis(), random);
    BlockMeta meta =
        new BlockMeta(
            ulid, from, to, BlockMeta.Stats.NONE, BlockMeta.Compaction.ofHead(ulid), Map.of());
    BlockMeta written;
    try (BlockWriter writer = new BlockWriter(disk, into, meta)) {
      head.export(from, to - 1, sink(writer));
      written = writer.finish();
    }
    long nanos = clock.nanos() - start;
    counters.compactionNanos.add(nanos);
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
  }

  private static ChunkSink sink(BlockWriter writer) {
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
    removedRefs.values().removeIf(segment -> segment <= upTo);
    counters.checkpointDeletions.increment();
    try {
      wal.files().deleteCheckpointsBelow(upTo);
    } catch (DiskException e) {
      counters.failedCheckpointDeletions.increment();
      throw e;
    }
  }

  /** Deletes the blocks that end so long before the newest as retention says. */
  private void retain() {
    if (options.retentionMillis() == 0) {
      return;
    }
    long newest = Long.MIN_VALUE;
    for (Block block : blocks.blocks()) {
      newest = Math.max(newest, block.meta().maxTime());
    }
    List<Block> old = new ArrayList<>();
    for (Block block : blocks.blocks()) {
      if (newest - block.meta().maxTime() >= options.retentionMillis()) {
        old.add(block);
      }
    }
    if (!old.isEmpty()) {
      LOG.info("retention: {} blocks are deleted", old.size());
      blocks.delete(old);
      counters.timeRetentions.add(old.size());
    }
  }
}
