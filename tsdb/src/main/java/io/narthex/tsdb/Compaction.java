package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import io.narthex.tsdb.compact.CompactionCancelledException;
import io.narthex.tsdb.compact.Compactor;
import io.narthex.tsdb.compact.Planner;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.compact.UploadedBlocks;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.wal.Wal;
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
  private final SeriesLimit seriesLimit;
  private final ClockWatch clockWatch;
  private final StaleCompaction stale;
  private final OutOfOrderCompaction late;
  private final HeadBlocks headBlocks;
  private final LogShortening log;
  private final HeadImages images;
  private boolean imageFailed; // since the last round
  private boolean lateDue;
  private volatile Retention retention;

  private @Nullable Truncation due;
  // Up to where files and log are not needed any more, should they not be shortened yet.
  private @Nullable Long shortenTo;
  private boolean delaying;
  private long delayedSince;

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
      BooleanSupplier stopping,
      WriteBehindLog lateLog,
      HeadImages images) {
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
    compactor =
        new Compactor(disk, clock, random, path, of.chunkFileBytes(), head::forms, stopping);
    headBlocks = new HeadBlocks(disk, clock, random, of.chunkFileBytes(), counters);
    this.images = images;
    log = new LogShortening(disk, clock, path, head, wal, blocks, counters);
    late =
        new OutOfOrderCompaction(this, headBlocks, path, head, lateLog, options.minBlockMillis());
    uploads = of.uploads() == null ? null : new UploadedBlocks(disk, clock, of.uploads());
    clockWatch = new ClockWatch(clock, head);
    long mostNanos = options.minBlockMillis() * of.delayPercent() * 10_000;
    delayNanos = mostNanos == 0 ? 0 : random.nextLong(mostNanos);
    seriesLimit = new SeriesLimit(head, options.maxSeries());
    stale =
        new StaleCompaction(
            clock, path, options.minBlockMillis(), head, headBlocks, counters, this::refresh);
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

  /** Does what is due. What fails is logged and counted, and tried again next time. */
  void run() {
    counters.triggered.increment();
    step("store chunks", head::storeChunks);
    step("reclaim head chunk files", headChunks::reclaim);
    step("drop empty groups", head::dropEmptyGroups);
    step("reload blocks", () -> refresh(Optional.empty()));
    step("watch the clock", clockWatch::look);
    boolean good = step("shorten the log", this::shorten);
    good &= step("compact the head", this::compactHead);
    good &= step("compact ended series", this::compactStale);
    good &= step("compact blocks", this::compactBlocks);
    imageFailed = false;
    image();
    if (!good) {
      counters.failedCompactions.increment(); // once a round, as in Prometheus
    }
    seriesLimit.report();
  }

  /**
   * Writes an image of the head if one is due, which may be several times in a round. Chunks that
   * were ended since go to files before, or it would have them as a whole. After one that failed
   * the next round is waited for.
   */
  void image() {
    if (!imageFailed && images.isDue()) {
      step("store chunks", head::storeChunks);
      imageFailed = !step("write an image of the head", images::write);
    }
  }

  /** Sets which part of all series has to have ended for them to leave the head, 0 for never. */
  void staleSeriesThreshold(double ratio) {
    stale.threshold(ratio);
  }

  private void compactStale() {
    if (due == null && !head.isCompactable()) {
      log.keepRefs(stale.run(), wal.segment());
    }
  }

  private boolean step(String name, Runnable work) {
    try {
      work.run();
    } catch (CompactionCancelledException e) {
      LOG.info("{}: {}", name, e.getMessage());
    } catch (StorageException | DiskException e) {
      counters.failures.increment();
      LOG.error("{}: {}", name, e.getMessage());
      return false;
    }
    return true;
  }

  /**
   * Takes in what has changed in the directory, and lets go of what is not kept any longer.
   *
   * @param made a block that was written a moment ago and has to be there
   * @throws StorageException if it is not: what it was made of must be kept
   */
  private void refresh(Optional<BlockMeta> made) {
    refreshAll(made.stream().toList());
  }

  /** The same for several blocks; if one of them is missing, all are taken back. */
  void refreshAll(List<BlockMeta> made) {
    counters.reloads.increment();
    boolean whole = false;
    try {
      whole = blocks.reload();
    } finally {
      if (!whole) {
        counters.failedReloads.increment();
      }
    }
    for (BlockMeta meta : made) {
      Ulid ulid = meta.ulid();
      if (blocks.blocks().stream().noneMatch(block -> block.meta().ulid().equals(ulid))) {
        blocks.delete(blocks.blocks().stream().filter(block -> isOneOf(block, made)).toList());
        made.forEach(one -> disk.deleteTree(path.resolve(one.ulid().toString())));
        throw new StorageException("block " + ulid + " was written but cannot be opened");
      }
    }
    retain();
  }

  private static boolean isOneOf(Block block, List<BlockMeta> metas) {
    return metas.stream().anyMatch(meta -> meta.ulid().equals(block.meta().ulid()));
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
      refresh(headBlocks.counted(() -> headBlocks.write(path, head, from, to)));
      due = new Truncation(to, head.mark());
      lateDue = true;
      if (!truncate()) {
        return;
      }
    }
    if (lateDue) {
      compactOutOfOrder();
    }
  }

  /** Makes blocks of the late samples, as Prometheus does behind each block of the head. */
  void compactOutOfOrder() {
    lateDue = !late.run();
  }

  /** Writes all that the head has into a directory as blocks, and keeps it. */
  void copyHead(Path into) {
    if (head.minTime() <= head.maxTime()) {
      headBlocks.write(into, head, head.minTime(), head.maxTime() + 1);
    }
    late.copy(into);
  }

  /** The shortening of the log. */
  LogShortening log() {
    return log;
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
              byUlid.values().stream().map(Block::meta).filter(this::isOver).toList(),
              meta -> uploads != null && uploads.holds(meta));
      if (plan.isEmpty()) {
        return;
      }
      List<Block> sources = new ArrayList<>();
      for (BlockMeta meta : plan) {
        sources.add(Objects.requireNonNull(byUlid.get(meta.ulid())));
      }
      refresh(headBlocks.counted(() -> compact(sources)));
    }
  }

  /**
   * Whether a block is about a time that the head has given to blocks. One of late samples alone
   * may not be. Merged with others it would say that all up to its end is in blocks, and the next
   * start would pass over what the log has of that time.
   */
  private boolean isOver(BlockMeta meta) {
    return !meta.compaction().hints().contains(BlockMeta.OUT_OF_ORDER)
        || meta.maxTime() <= blocks.maxTime();
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
          if (block.meta().maxTime() == blocks.maxTime() && !block.hasSamples()) {
            // Its end is what tells the next start which samples of the log are no longer the
            // head's. Without it they would come back.
            LOG.info(
                "block {} stays until there is a younger one, although all of it is deleted",
                block.meta().ulid());
            continue;
          }
          refresh(Optional.ofNullable(compactor.rewrite(block).block()));
        }
      }
    } finally {
      counters.tombstoneCleanupSeconds.observe((clock.nanos() - start) / 1e9);
    }
  }

  /** Shortens head and log if that is due; false if it has to wait. */
  private boolean truncate() {
    Truncation truncation = due;
    if (truncation == null) {
      return true;
    }
    if (!awaitReaders(truncation.mark)) {
      LOG.info("a query from before the last block is still running; the head is cut later");
      return false;
    }
    long start = clock.nanos();
    long[] gone = head.truncate(truncation.time);
    counters.headCollections.add(clock.nanos() - start);
    due = null;
    log.keepRefs(Arrays.stream(gone).boxed().toList(), wal.segment());
    shortenTo = truncation.time;
    shorten();
    return true;
  }

  /** Lets go of files and of the part of the log that the head has no use for any more. */
  private void shorten() {
    Long time = shortenTo;
    if (time == null) {
      return;
    }
    try {
      headChunks.truncate(time, head.outOfOrder().firstFile());
      log.truncate(time);
      shortenTo = null;
    } catch (StorageException | DiskException e) {
      head.counters().failedTruncations.increment();
      throw e;
    }
  }

  /** Waits a while until no reader is left that was opened before a mark; whether there is none. */
  boolean awaitReaders(long mark) {
    for (int tries = 0; !head.noReaderBefore(mark); tries++) {
      if (tries == READER_PATIENCE) {
        return false;
      }
      LockSupport.parkNanos(20_000_000);
    }
    return true;
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
