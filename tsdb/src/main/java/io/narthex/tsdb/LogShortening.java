package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.wal.Checkpoint;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCorruptedException;
import io.narthex.tsdb.wal.WalDirectory;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the write-ahead log shorter when the head has lost its older part: what the head still
 * needs of the older segments goes into a checkpoint. Belongs to the maintenance thread.
 */
final class LogShortening {

  private static final Logger LOG = LoggerFactory.getLogger(LogShortening.class);

  private final Disk disk;
  private final Clock clock;
  private final Path path;
  private final Head head;
  private final Wal wal;
  private final BlockSet blocks;
  private final MaintenanceCounters counters;
  private boolean seriesLost;
  // References of removed series, and the last segment that may hold samples of them.
  private final Map<Long, Integer> removedRefs = new HashMap<>();

  /**
   * @param path the database's directory
   */
  LogShortening(
      Disk disk,
      Clock clock,
      Path path,
      Head head,
      Wal wal,
      BlockSet blocks,
      MaintenanceCounters counters) {
    this.disk = disk;
    this.clock = clock;
    this.path = path;
    this.head = head;
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

  /** Replaces the older two thirds of the log by a checkpoint, as Prometheus does. */
  void truncate(long time) {
    List<WalDirectory.Segment> segments = wal.files().segments();
    if (segments.isEmpty()) {
      return;
    }
    // A new one, so that a log that grows slowly gets shorter too; the last is never touched.
    if (wal.place().offset() > 0) {
      wal.cut();
    }
    int first = segments.getFirst().number();
    int last = segments.getLast().number();
    last = first + (last - first) * 2 / 3;
    if (last <= first) {
      deleteOldCheckpoints(); // an earlier round may have been interrupted there
      return;
    }
    int upTo = last;
    long start = clock.nanos();
    long[] living = head.refs();
    counters.checkpoints.increment();
    LongPredicate keep =
        ref -> Arrays.binarySearch(living, ref) >= 0 || removedRefs.getOrDefault(ref, -1) > upTo;
    try {
      Checkpoint.Result result;
      try {
        result = checkpoint(upTo, keep, time);
      } catch (WalCorruptedException e) {
        mendLog(upTo, e);
        result = checkpoint(upTo, keep, time);
      }
      seriesLost = false;
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
    SnapshotDirectory.deleteAllBelow(disk, path, new Wal.Place(upTo + 1, 0));
    removedRefs.values().removeIf(segment -> segment <= upTo);
    counters.checkpointDeletions.increment();
    deleteOldCheckpoints();
    counters.walTruncations.add(clock.nanos() - start);
  }

  private void deleteOldCheckpoints() {
    WalDirectory.CheckpointEntry newest = wal.files().lastCheckpoint();
    if (newest == null) {
      return;
    }
    try {
      wal.files().deleteCheckpointsBelow(newest.number());
    } catch (DiskException e) {
      counters.failedCheckpointDeletions.increment();
      throw e;
    }
  }

  private Checkpoint.Result checkpoint(int upTo, LongPredicate keep, long time) {
    // Where all was deleted there is no block, and the next start reads the chunk files.
    long deletionsFrom = Math.min(time, blocks.maxTime());
    Checkpoint.SeriesSource known =
        seriesLost
            ? sink -> head.forEachSeries((ref, labels) -> sink.series(ref, labels))
            : sink -> {};
    return Checkpoint.write(wal, upTo, keep, time, deletionsFrom, known);
  }

  /**
   * Takes out of the log what has become unreadable since it was written. The series that went with
   * it the head still knows: the checkpoint begins with them.
   */
  private void mendLog(int upTo, WalCorruptedException found) {
    LOG.error("the write-ahead log has become unreadable in a place: {}", found.getMessage());
    counters.walCorruptions.increment();
    seriesLost = true;
    // Records lie elsewhere in what is mended: no start may begin there.
    SnapshotDirectory.deleteAllBelow(disk, path, new Wal.Place(upTo + 1, 0));
    for (WalDirectory.Mended mended : Checkpoint.mend(wal, upTo)) {
      LOG.warn("the write-ahead log is repaired: {}", mended.message());
    }
  }
}
