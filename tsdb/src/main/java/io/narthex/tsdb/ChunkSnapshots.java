package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.snapshot.SnapshotWriter;
import io.narthex.tsdb.wal.Wal;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a clean stop leaves for the next start: the head's memory, so that the log need not be
 * replayed. The log stays complete; a snapshot that is missing, old or broken costs time only.
 */
final class ChunkSnapshots {

  private static final Logger LOG = LoggerFactory.getLogger(ChunkSnapshots.class);

  private final Disk disk;
  private final Clock clock;
  private final Path path;
  private final SnapshotDirectory directory;

  /**
   * @param path the database's directory
   */
  ChunkSnapshots(Disk disk, Clock clock, Path path) {
    this.disk = disk;
    this.clock = clock;
    this.path = path;
    this.directory = new SnapshotDirectory(disk, path);
  }

  /**
   * Fills the head from the last snapshot.
   *
   * @param failed is run if a snapshot cannot be read
   * @return from where on the log must be read; null for all of it
   */
  Wal.@Nullable Place load(HeadReplay into, Replay log, Runnable failed) {
    try {
      directory.deleteTemporary();
      SnapshotDirectory.Snapshot last = directory.last();
      if (last == null) {
        return null;
      }
      if (!log.reaches(last.place())) {
        LOG.warn(
            "the log does not reach back to chunk snapshot {}, which is deleted", last.directory());
        directory.deleteBelow(new Wal.Place(Integer.MAX_VALUE, 0));
        return null;
      }
      long start = clock.nanos();
      directory.read(last, into.snapshot());
      LOG.info("chunk snapshot read in {} ms", (clock.nanos() - start) / 1_000_000);
      return last.place();
    } catch (StorageException | DiskException e) {
      failed.run();
      LOG.error("the log is replayed as a whole: {}", e.getMessage());
      return null;
    }
  }

  /**
   * Deletes all: they begin where chunk files ended that are not all there any more. The log has
   * everything.
   */
  void forget() {
    try {
      directory.deleteBelow(new Wal.Place(Integer.MAX_VALUE, 0));
    } catch (DiskException e) {
      LOG.error("a chunk snapshot must not be used and cannot be deleted: {}", e.getMessage());
    }
  }

  /** Writes a snapshot of a head that nobody writes to any more, and deletes those before. */
  void write(Head head, Wal wal) {
    long start = clock.nanos();
    try {
      wal.sync(); // the snapshot must not tell of more than the log has
      Wal.Place place = wal.place();
      try (SnapshotWriter out =
          SnapshotWriter.create(disk, clock, path, place, wal.recordCompression())) {
        head.snapshot(out);
        out.finish();
      }
      directory.deleteBelow(place);
      LOG.info("chunk snapshot written in {} ms", (clock.nanos() - start) / 1_000_000);
    } catch (StorageException | DiskException e) {
      LOG.error("no chunk snapshot, the next start replays the log: {}", e.getMessage());
    }
  }
}
