package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.DatabaseAdmin.ReplayProgress;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalReader;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays the log into a head: the last checkpoint, then the segments behind it, up to where this
 * process began to write. What cannot be read is taken out of the files, and what lies behind it is
 * replayed: samples of series that were lost with it are counted as those of unknown references.
 */
final class Replay {

  private static final Logger LOG = LoggerFactory.getLogger(Replay.class);

  private final Disk disk;
  private final Clock clock;
  private final WalDirectory directory;
  private final int firstOwnSegment;
  private volatile ReplayProgress progress = new ReplayProgress(0, 0, 0);
  private int corruptions;

  /**
   * @param firstOwnSegment the first segment that this process writes
   */
  Replay(Disk disk, Clock clock, WalDirectory directory, int firstOwnSegment) {
    this.disk = disk;
    this.clock = clock;
    this.directory = directory;
    this.firstOwnSegment = firstOwnSegment;
  }

  ReplayProgress progress() {
    return progress;
  }

  /** How often a record could not be read. */
  int corruptions() {
    return corruptions;
  }

  void run(HeadReplay into) {
    long start = clock.nanos();
    try {
      directory.deleteTemporary();
    } catch (DiskException e) {
      LOG.error("what an interrupted run left behind cannot be removed: {}", e.getMessage());
    }
    List<WalDirectory.Segment> all = directory.replay(firstOwnSegment);
    List<WalDirectory.Segment> old =
        all.stream().filter(s -> !directory.path().equals(s.file().getParent())).toList();
    List<WalDirectory.Segment> segments = all.subList(old.size(), all.size());
    if (!segments.isEmpty()) {
      int min = segments.getFirst().number();
      progress = new ReplayProgress(min, segments.getLast().number(), min);
    }
    mend(read(old, into, false));
    mend(read(segments, into, true));
    ReplayProgress last = progress;
    progress = new ReplayProgress(last.min(), last.max(), last.max());
    LOG.info(
        "write-ahead log replayed: {} segments in {} ms",
        segments.size(),
        (clock.nanos() - start) / 1_000_000);
  }

  private void mend(List<WalCorruption> broken) {
    corruptions += broken.size();
    try {
      for (WalDirectory.Mended mended : directory.mend(broken)) {
        LOG.warn("the write-ahead log is repaired: {}", mended.message());
      }
    } catch (DiskException e) {
      // What can be read was read; the next start tries again.
      broken.forEach(one -> LOG.error("the write-ahead log is broken: {}", one.message()));
      LOG.error("the write-ahead log cannot be repaired now: {}", e.getMessage());
    }
  }

  private List<WalCorruption> read(
      List<WalDirectory.Segment> segments, HeadReplay into, boolean counted) {
    if (segments.isEmpty()) {
      return List.of();
    }
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, segments)) {
      List<WalCorruption> broken = new ArrayList<>();
      while (true) {
        while (reader.next()) {
          if (counted) {
            note(reader);
          }
          reader.decode(decoder, into);
        }
        WalCorruption found = reader.corruption();
        if (found == null) {
          break;
        }
        broken.add(found);
        reader.resume();
      }
      decoder
          .skipped()
          .forEach((type, n) -> LOG.warn("{} records of type {} are passed over for now", n, type));
      if (decoder.unusableHistograms() > 0) {
        LOG.warn(
            "{} histograms of unknown schemas or with contradictory buckets are passed over",
            decoder.unusableHistograms());
      }
      return broken;
    } catch (StorageException e) {
      throw new StorageException("replay of the write-ahead log: " + e.getMessage(), e);
    }
  }

  /** Notes how far the reader has come. */
  private void note(WalReader reader) {
    ReplayProgress now = progress;
    if (reader.segment() != now.current()) {
      progress = new ReplayProgress(now.min(), now.max(), reader.segment());
      LOG.info("write-ahead log: segment {} of {}", reader.segment(), now.max());
    }
  }
}
