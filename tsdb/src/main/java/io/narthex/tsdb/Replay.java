package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.time.Clock;
import io.narthex.storage.DatabaseAdmin.ReplayProgress;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays the log into a head: the last checkpoint, then the segments behind it, up to where this
 * process began to write. A record that cannot be read ends it: the log is cut there, as the
 * samples behind it may be of series that were lost with it.
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
    WalDirectory.CheckpointEntry checkpoint = directory.lastCheckpoint();
    List<WalDirectory.Segment> all = directory.replay(firstOwnSegment);
    List<WalDirectory.Segment> old =
        all.stream().filter(s -> !directory.path().equals(s.file().getParent())).toList();
    List<WalDirectory.Segment> segments = all.subList(old.size(), all.size());
    if (!segments.isEmpty()) {
      int min = segments.getFirst().number();
      progress = new ReplayProgress(min, segments.getLast().number(), min);
    }
    WalCorruption broken = read(old, into, false);
    if (broken != null && checkpoint != null) {
      corruptions++;
      Path aside = setAside(checkpoint.directory());
      LOG.error("a checkpoint is broken and set aside as {}: {}", aside, broken.message());
    }
    broken = read(segments, into, true);
    if (broken != null) {
      corruptions++;
      WalDirectory.Repair repair = directory.repair(broken, firstOwnSegment);
      LOG.warn("the write-ahead log is repaired: {}", repair.message());
    }
    ReplayProgress last = progress;
    progress = new ReplayProgress(last.min(), last.max(), last.max());
    LOG.info(
        "write-ahead log replayed: {} segments in {} ms",
        segments.size(),
        (clock.nanos() - start) / 1_000_000);
  }

  private Path setAside(Path checkpoint) {
    Path aside = checkpoint.resolveSibling(checkpoint.getFileName() + ".corrupt");
    disk.deleteTree(aside);
    disk.rename(checkpoint, aside);
    return aside;
  }

  private @Nullable WalCorruption read(
      List<WalDirectory.Segment> segments, HeadReplay into, boolean counted) {
    if (segments.isEmpty()) {
      return null;
    }
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, segments)) {
      WalCorruption broken = reader.readAll(decoder, new Watched(into, counted ? reader : null));
      decoder
          .skipped()
          .forEach((type, n) -> LOG.warn("{} records of type {} are passed over for now", n, type));
      return broken;
    } catch (StorageException e) {
      throw new StorageException("replay of the write-ahead log: " + e.getMessage(), e);
    }
  }

  /** Notes how far the reader has come. */
  private final class Watched implements WalHandler {
    private final HeadReplay into;
    private final @Nullable WalReader reader;

    Watched(HeadReplay into, @Nullable WalReader reader) {
      this.into = into;
      this.reader = reader;
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      into.series(ref, bytes, from, length);
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      ReplayProgress now = progress;
      if (reader != null && reader.segment() != now.current()) {
        progress = new ReplayProgress(now.min(), now.max(), reader.segment());
        LOG.info("write-ahead log: segment {} of {}", reader.segment(), now.max());
      }
      into.samples(refs, timestamps, values, n);
    }

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {
      into.tombstone(ref, minTime, maxTime);
    }
  }
}
