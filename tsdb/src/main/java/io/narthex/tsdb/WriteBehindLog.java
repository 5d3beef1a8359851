package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.outoforder.LateReplay;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalBatch;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The log of late samples, {@code wbl/}: in the format of the write-ahead log, without series and
 * checkpoints. It is there once late samples are taken, and from then on as long as it holds
 * anything, also when they are no longer taken. Thread-safe; the replay comes before the first
 * append.
 */
final class WriteBehindLog implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(WriteBehindLog.class);

  private final Disk disk;
  private final Clock clock;
  private final Path path;
  private final DatabaseOptions options;
  private volatile @Nullable Wal wal;
  private boolean closed;

  WriteBehindLog(Disk disk, Clock clock, Path database, DatabaseOptions options) {
    this.disk = disk;
    this.clock = clock;
    this.path = database.resolve("wbl");
    this.options = options;
  }

  /**
   * Opens the log if it holds anything.
   *
   * @return the numbers of segments that were missing
   */
  synchronized List<Integer> openIfThere() {
    if (!disk.isDirectory(path)) {
      return List.of();
    }
    WalDirectory files = new WalDirectory(disk, path);
    List<Integer> missing = files.fillGaps();
    if (files.size() > 0) {
      open();
    }
    return missing;
  }

  /** Opens the log if it is not open, made if there is none. */
  synchronized void open() {
    if (wal == null && !closed) {
      wal = Wal.open(disk, clock, path, options.walSegmentBytes(), options.walCompression());
    }
  }

  /** The log, or null if there is none. */
  @Nullable Wal wal() {
    return wal;
  }

  /**
   * Appends records.
   *
   * @throws StorageException if they cannot be written
   */
  void append(WalBatch records) {
    Wal to = wal;
    if (to == null) {
      throw new StorageException("there is no log for late samples");
    }
    to.append(records);
  }

  /**
   * Reads what was there when the log was opened; what cannot be read is taken out of it.
   *
   * @return how many records could not be read
   */
  int replay(WalHandler into) {
    Wal log = wal;
    if (log == null) {
      return 0;
    }
    long start = clock.nanos();
    WalDirectory directory = log.files();
    directory.deleteTemporary();
    List<WalDirectory.Segment> segments = directory.replay(log.segment());
    if (segments.isEmpty()) {
      return 0;
    }
    List<WalCorruption> broken = read(segments, into);
    try {
      for (WalDirectory.Mended mended : directory.mend(broken)) {
        LOG.warn("the log of late samples is repaired: {}", mended.message());
      }
    } catch (DiskException e) {
      broken.forEach(one -> LOG.error("the log of late samples is broken: {}", one.message()));
      LOG.error("the log of late samples cannot be repaired now: {}", e.getMessage());
    }
    LOG.info(
        "log of late samples replayed: {} segments in {} ms",
        segments.size(),
        (clock.nanos() - start) / 1_000_000);
    return broken.size();
  }

  private List<WalCorruption> read(List<WalDirectory.Segment> segments, WalHandler into) {
    WalDecoder decoder = new WalDecoder();
    List<WalCorruption> broken = new ArrayList<>();
    try (WalReader reader = new WalReader(disk, segments)) {
      while (true) {
        while (reader.next()) {
          reader.decode(decoder, into);
        }
        WalCorruption found = reader.corruption();
        if (found == null) {
          break;
        }
        broken.add(found);
        reader.resume();
      }
    } catch (StorageException e) {
      throw new StorageException("replay of the log of late samples: " + e.getMessage(), e);
    }
    decoder
        .skipped()
        .forEach((type, n) -> LOG.warn("{} records of type {} do not belong in this log", n, type));
    if (decoder.unusableHistograms() > 0) {
      LOG.warn(
          "{} late histograms of unknown schemas or with contradictory buckets are passed over",
          decoder.unusableHistograms());
    }
    return broken;
  }

  /**
   * Begins a new segment.
   *
   * @return its number, 0 if there is no log
   */
  int cut() {
    Wal log = wal;
    return log == null ? 0 : log.cut();
  }

  /** Notes that the chunks before a place in the head chunk files are in blocks. */
  void noteDropped(long before) {
    if (before > 0) {
      open();
      WalBatch note = new WalBatch();
      note.mmapMarker(LateReplay.DROPPED, before);
      append(note);
    }
  }

  /** Deletes the segments below a number. */
  void truncate(int below) {
    Wal log = wal;
    if (log != null) {
      log.truncate(below);
    }
  }

  @Override
  public void close() {
    Wal log;
    synchronized (this) {
      closed = true;
      log = wal;
    }
    if (log != null) {
      log.close();
    }
  }
}
