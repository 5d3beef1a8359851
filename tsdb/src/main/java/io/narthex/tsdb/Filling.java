package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.storage.DatabaseAdmin.ReplayProgress;
import io.narthex.storage.Querier;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateReplay;
import io.narthex.tsdb.wal.Wal;
import java.nio.file.Path;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills a head from its directory: chunk files, a chunk snapshot, the log, the log of late samples,
 * in their order; and answers from what is there so far.
 */
final class Filling implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Filling.class);

  private final Disk disk;
  private final Clock clock;
  private final Path path;
  private final Head head;
  private final BlockSet blocks;
  private final Wal wal;
  private final WriteBehindLog lateLog;
  private final MaintenanceCounters counters;
  private final HeadSnapshots taken;
  private final Replay replay;
  private final LateInWal lateInWal;
  private final Path chunkDirectory;
  private volatile @Nullable HeadChunks headChunks;

  private @Nullable HeadReplay into; // once it has begun
  private long start;
  private boolean withoutFirst; // whether chunk files are missing
  private boolean comparable; // whether chunk files may be missing, and the log shows it

  /**
   * @param stopping whether to give up
   */
  Filling(
      Disk disk,
      Clock clock,
      Path path,
      Head head,
      BlockSet blocks,
      Wal wal,
      WriteBehindLog lateLog,
      MaintenanceCounters counters,
      BooleanSupplier stopping) {
    this.disk = disk;
    this.clock = clock;
    this.path = path;
    this.chunkDirectory = path.resolve("chunks_head");
    this.head = head;
    this.blocks = blocks;
    this.wal = wal;
    this.lateLog = lateLog;
    this.counters = counters;
    this.taken = new HeadSnapshots(disk, clock, path);
    this.replay = new Replay(disk, clock, wal.files(), wal.segment(), stopping, taken::delete);
    this.lateInWal = new LateInWal(disk, path, wal.segment());
  }

  /** The files of the head's chunks, once they are open. */
  @Nullable HeadChunks chunks() {
    return headChunks;
  }

  ReplayProgress progress() {
    return replay.progress();
  }

  /** Notes that late samples may be written to the log from now on. */
  void lateMayCome() {
    lateInWal.begin();
  }

  /** A view of what the head has so far, and of what this process has written. */
  Querier querier(long minTime, long maxTime) {
    // A commit before this place is of series that are in the index.
    Wal.Place end = wal.place();
    return head.earlyQuerier(minTime, maxTime, into -> replay.written(end, into));
  }

  /**
   * Reads the series of the log, which {@link #run} does else; in any thread, before it is called.
   */
  void begin() {
    start = clock.nanos();
    HeadReplay begun = head.replay(blocks.maxTime());
    into = begun;
    // Without a block that cannot be read now the log reaches back further than the files; and so
    // it does for series that have left the head early.
    comparable =
        HeadChunks.firstNumber(disk, chunkDirectory) > 1
            && blocks.broken() == 0
            && !blocks.haveSeriesOfTheHead();
    replay.series(begun, lateInWal.first(), comparable);
  }

  /**
   * Fills the head; from now on commits write rows.
   *
   * @param snapshots whether to begin with a chunk snapshot, if there is one
   */
  HeadReplay.Result run(boolean snapshots) {
    try (this) {
      if (into == null) {
        begin();
      }
      return run(Objects.requireNonNull(into), snapshots);
    }
  }

  /** Ends what has begun. */
  @Override
  public void close() {
    HeadReplay begun = into;
    into = null;
    if (begun != null) {
      begun.close();
    }
  }

  private HeadReplay.Result run(HeadReplay into, boolean snapshots) {
    HeadChunks chunks = openHeadChunks(into);
    headChunks = chunks;
    HeadChunks.Repair repair = chunks.repair();
    if (repair != null) {
      counters.headChunkCorruptions.increment();
      LOG.warn("head chunks are repaired: {}", repair.message());
    }
    boolean usable = repair == null && !withoutFirst;
    if (!usable) {
      taken.forget();
    }
    boolean lost = repair != null || counters.walCorruptions.sum() > 0 || replay.isBroken();
    into.seriesKnown(lost);
    head.files(chunks); // early readers read rows from now on: what is deleted must be known
    // Without all of the files' chunks a snapshot, which begins behind them, is not enough.
    Wal.Place from =
        usable
            ? taken.load(
                into, chunks::reaches, snapshots, replay, counters.failedSnapshotReplays::increment)
            : null;
    replay.run(into, from, lateInWal.first());
    replayLate(into, chunks);
    into.nextMayBeLate();
    replay.runLate(into, from, lateInWal.first());
    replay.catchUp(into, wal);
    HeadReplay.Result result = into.finish(() -> replay.readLast(into, wal));
    lateInWal.end();
    counters.walCorruptions.add(replay.corruptions());
    counters.replayNanos.add(clock.nanos() - start);
    LOG.info(
        "replay completed: {} series, {} chunks and {} samples in {} ms",
        result.series(),
        result.chunks(),
        result.samples() + result.openedSamples(),
        (clock.nanos() - start) / 1_000_000);
    if (result.unknownRefs() > 0) {
      LOG.warn("the log has {} samples of unknown series", result.unknownRefs());
    }
    if (result.skippedChunks() > 0) {
      LOG.warn("{} head chunks were passed over", result.skippedChunks());
    }
    if (result.tombstones() > 0) {
      LOG.info("the log has {} deletions", result.tombstones());
    }
    return result;
  }

  private HeadChunks openHeadChunks(HeadReplay into) {
    HeadChunks chunks = HeadChunks.open(disk, chunkDirectory, into);
    if (!comparable || !into.firstChunksAreMissing()) {
      return chunks;
    }
    chunks.close();
    into.forgetChunks();
    withoutFirst = true;
    return HeadChunks.openWithoutFirst(disk, chunkDirectory);
  }

  /** Reads the log of late samples, as earlier processes have left it. */
  private void replayLate(HeadReplay into, HeadChunks chunks) {
    LateReplay late = into.late();
    counters.walCorruptions.add(lateLog.replay(late));
    long lateSamples = late.finish();
    if (late.droppedBefore() > chunks.place()) {
      lateLog.noteDropped(chunks.place()); // files were lost, and places begin anew below it
    }
    if (lateSamples > 0) {
      LOG.info("{} late samples were read from their log", lateSamples);
    }
  }
}
