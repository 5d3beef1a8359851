package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.snapshot.SnapshotDirectory;
import io.narthex.tsdb.snapshot.SnapshotKind;
import io.narthex.tsdb.snapshot.SnapshotWriter;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCompression;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the next start takes instead of a part of the log: images of the running head, and the chunk
 * snapshot that a clean stop leaves if Prometheus' feature is on. The log stays complete; one that
 * is missing, old or broken costs time only.
 */
final class HeadSnapshots {

  private static final Logger LOG = LoggerFactory.getLogger(HeadSnapshots.class);

  private static final Wal.Place END = new Wal.Place(Integer.MAX_VALUE, 0);

  private final Disk disk;
  private final Clock clock;
  private final Path path;

  /**
   * @param path the database's directory
   */
  HeadSnapshots(Disk disk, Clock clock, Path path) {
    this.disk = disk;
    this.clock = clock;
    this.path = path;
  }

  private SnapshotDirectory directory(SnapshotKind kind) {
    return new SnapshotDirectory(disk, path, kind);
  }

  private record Found(SnapshotDirectory directory, SnapshotDirectory.Snapshot snapshot) {}

  /**
   * Fills the head from the last of them.
   *
   * @param files whether the chunk files are there that were written up to a place
   * @param stopped whether those of a clean stop are asked for, too
   * @param failed is run if one cannot be read
   * @return from where on the log must be read; null for all of it
   */
  Wal.@Nullable Place load(
      HeadReplay into, LongPredicate files, boolean stopped, Replay log, Runnable failed) {
    try {
      Found last = last(stopped);
      if (last == null) {
        return null;
      }
      Wal.Place place = last.snapshot.place();
      if (!log.reaches(place)) {
        LOG.warn("the log does not reach back to {}, which is deleted", last.snapshot.directory());
        last.directory.deleteBelow(END);
        return null;
      }
      long start = clock.nanos();
      into.snapshot(files, handler -> last.directory.read(last.snapshot, handler));
      LOG.info(
          "{} read in {} ms",
          last.snapshot.directory().getFileName(),
          (clock.nanos() - start) / 1_000_000);
      return place;
    } catch (StorageException | DiskException e) {
      failed.run();
      LOG.error("the log is replayed as a whole: {}", e.getMessage());
      return null;
    }
  }

  private @Nullable Found last(boolean stopped) {
    List<Found> all = new ArrayList<>();
    for (SnapshotKind kind : SnapshotKind.values()) {
      SnapshotDirectory directory = directory(kind);
      directory.deleteTemporary();
      SnapshotDirectory.Snapshot last = directory.last();
      if (last != null && (stopped || kind != SnapshotKind.CHUNKS)) {
        all.add(new Found(directory, last));
      }
    }
    return all.stream().max(Comparator.comparing(found -> found.snapshot.place())).orElse(null);
  }

  /**
   * Deletes all: they tell a place in a log that is about to be mended, and whose records then lie
   * elsewhere. The log has everything.
   *
   * @throws DiskException if one is still there: then the log must stay as it is
   */
  void delete() {
    SnapshotDirectory.deleteAllBelow(disk, path, END);
  }

  /** Deletes all: they begin where chunk files ended that are not all there any more. */
  void forget() {
    try {
      delete();
    } catch (DiskException e) {
      LOG.error(
          "a snapshot of the head must not be used and cannot be deleted: {}", e.getMessage());
    }
  }

  /**
   * Writes an image of a head while others write to it, and deletes those before. The caller does
   * the head's maintenance.
   *
   * @throws StorageException if it cannot be written; then those before are still there
   */
  void image(Head head, Wal wal) {
    long start = clock.nanos();
    Wal.Place place = wal.place();
    try (SnapshotWriter out =
        SnapshotWriter.create(disk, clock, path, SnapshotKind.IMAGE, place, WalCompression.NONE)) {
      head.image(out);
      wal.sync(); // the image must not tell of more than the log has
      out.finish();
    }
    directory(SnapshotKind.IMAGE).deleteBelow(place);
    LOG.info("image of the head written in {} ms", (clock.nanos() - start) / 1_000_000);
  }

  /** Writes a chunk snapshot of a head that nobody writes to any more, and deletes those before. */
  void write(Head head, Wal wal) {
    long start = clock.nanos();
    try {
      wal.sync(); // the snapshot must not tell of more than the log has
      Wal.Place place = wal.place();
      try (SnapshotWriter out =
          SnapshotWriter.create(
              disk, clock, path, SnapshotKind.CHUNKS, place, wal.recordCompression())) {
        head.snapshot(out);
        out.finish();
      }
      directory(SnapshotKind.CHUNKS).deleteBelow(place);
      LOG.info("chunk snapshot written in {} ms", (clock.nanos() - start) / 1_000_000);
    } catch (StorageException | DiskException e) {
      LOG.error("no chunk snapshot, the next start replays the log: {}", e.getMessage());
    }
  }
}
