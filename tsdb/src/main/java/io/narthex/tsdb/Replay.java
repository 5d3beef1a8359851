package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.DatabaseAdmin.ReplayProgress;
import io.narthex.storage.StopSignal;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.head.HeadReplay;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCorruption;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays the log into a head: its series first, in a pass that looks at little else; then the last
 * checkpoint and the segments behind it, up to where this process began to write; at last what this
 * process has written meanwhile. What cannot be read is taken out of the files, and what lies
 * behind it is replayed: samples of series that were lost with it are counted as those of unknown
 * references. Segments of this process are never changed.
 */
final class Replay {

  private static final Logger LOG = LoggerFactory.getLogger(Replay.class);
  private static final long TELL_NANOS = 5_000_000_000L;
  private static final int LOOK_EVERY = 16; // records

  /** What is left for the last step, for which writers wait, is at most about this much. */
  private static final long SMALL_BYTES = 2 << 20;

  private static final int MOST_ROUNDS = 20;

  private final Disk disk;
  private final Clock clock;
  private final WalDirectory directory;
  private final int firstOwnSegment;
  private final BooleanSupplier stopping;
  private volatile ReplayProgress progress = new ReplayProgress(0, 0, 0, 0);
  private long allBytes; // of checkpoint and segments of earlier processes
  private long bytesBehind; // of those that were read, or need not be
  private int corruptions;
  private int nextOwnSegment;
  private final Runnable beforeMending;
  private boolean isBroken;

  /**
   * @param firstOwnSegment the first segment that this process writes
   * @param stopping whether to give up
   * @param beforeMending is run before segments are mended, whose records then lie elsewhere; none
   *     is if it throws a {@link DiskException}
   */
  Replay(
      Disk disk,
      Clock clock,
      WalDirectory directory,
      int firstOwnSegment,
      BooleanSupplier stopping,
      Runnable beforeMending) {
    this.disk = disk;
    this.clock = clock;
    this.beforeMending = beforeMending;
    this.directory = directory;
    this.firstOwnSegment = firstOwnSegment;
    this.stopping = stopping;
    this.nextOwnSegment = firstOwnSegment;
  }

  ReplayProgress progress() {
    return progress;
  }

  /** How often a record could not be read. */
  int corruptions() {
    return corruptions;
  }

  /**
   * Reads the series of the log, their metadata and what is deleted of them. What is broken is the
   * next pass' matter.
   *
   * @param late the first segment of a process that was killed during its start
   * @param firstSamples whether to read the first samples, too
   */
  void series(HeadReplay into, int late, boolean firstSamples) {
    long start = clock.nanos();
    try {
      directory.deleteTemporary();
    } catch (DiskException e) {
      LOG.error("what an interrupted run left behind cannot be removed: {}", e.getMessage());
    }
    List<WalDirectory.Segment> all = directory.replay(firstOwnSegment);
    List<WalDirectory.Segment> segments = all.stream().filter(this::isOfLog).toList();
    if (!segments.isEmpty()) {
      int min = segments.getFirst().number();
      progress = new ReplayProgress(min, segments.getLast().number(), min, 0);
    }
    allBytes = bytes(all);
    try (WalReader reader =
            new WalReader(disk, all.stream().filter(s -> !isFrom(s, late)).toList());
        WalReader behind =
            new WalReader(disk, all.stream().filter(s -> isFrom(s, late)).toList())) {
      Runnable seriesOnly =
          () -> reader.only(RecordType.SERIES, RecordType.TOMBSTONES, RecordType.METADATA);
      seriesOnly.run();
      WalHandler series = into.series();
      if (firstSamples) {
        series = into.seriesAndFirstSamples(seriesOnly);
        reader.only(
            RecordType.SERIES,
            RecordType.TOMBSTONES,
            RecordType.METADATA,
            RecordType.SAMPLES,
            RecordType.SAMPLES_V2);
      }
      WalDecoder decoder = new WalDecoder();
      isBroken = !read(reader, decoder, series, null).isEmpty();
      behind.only(RecordType.SERIES, RecordType.TOMBSTONES, RecordType.METADATA);
      isBroken |= !read(behind, decoder, series, null).isEmpty();
    }
    LOG.info("series of the write-ahead log read in {} ms", (clock.nanos() - start) / 1_000_000);
  }

  private long bytes(List<WalDirectory.Segment> segments) {
    return segments.stream().mapToLong(segment -> disk.size(segment.file())).sum();
  }

  private int percent(long bytes) {
    return (int) Math.clamp(100 * bytes / Math.max(1, allBytes), 0, 100);
  }

  /** Whether {@link #series} met something that cannot be read. */
  boolean isBroken() {
    return isBroken;
  }

  private boolean isFrom(WalDirectory.Segment segment, int first) {
    return isOfLog(segment) && segment.number() >= first;
  }

  private boolean isOfLog(WalDirectory.Segment segment) {
    return directory.path().equals(segment.file().getParent());
  }

  /**
   * Whether the log can be read from a place on: it is in a segment of an earlier process, and all
   * that follows it is there.
   */
  boolean reaches(Wal.Place place) {
    WalDirectory.CheckpointEntry checkpoint = directory.lastCheckpoint();
    boolean gone = checkpoint != null && checkpoint.number() >= place.segment();
    return !gone
        && directory.replay(firstOwnSegment).stream()
            .anyMatch(s ->
                isOfLog(s)
                    && s.number() == place.segment()
                    && disk.size(s.file()) >= place.offset());
  }

  /**
   * Reads what earlier processes have left.
   *
   * @param from where to begin, null to read all
   * @param before the segment to stop at
   */
  void run(HeadReplay into, Wal.@Nullable Place from, int before) {
    replay(into, from, segment -> !isFrom(segment, before));
  }

  /**
   * Reads what a process has left that was killed before its start was over.
   *
   * @param from where to begin, null to read all
   * @param first its first segment
   */
  void runLate(HeadReplay into, Wal.@Nullable Place from, int first) {
    replay(into, from, segment -> isFrom(segment, first));
    ReplayProgress last = progress;
    progress = new ReplayProgress(last.min(), last.max(), last.max(), 100);
  }

  private void replay(
      HeadReplay into, Wal.@Nullable Place from, Predicate<WalDirectory.Segment> wanted) {
    long start = clock.nanos();
    List<WalDirectory.Segment> all = directory.replay(firstOwnSegment);
    all.removeIf(wanted.negate());
    long wantedBytes = bytes(all);
    if (from != null) {
      all.removeIf(s -> !isOfLog(s) || s.number() < from.segment());
    }
    bytesBehind += wantedBytes - bytes(all);
    if (all.isEmpty()) {
      return;
    }
    List<WalDirectory.Segment> old = all.stream().filter(s -> !isOfLog(s)).toList();
    List<WalDirectory.Segment> segments = all.subList(old.size(), all.size());
    Meter meter = new Meter(all);
    mend(read(old, 0, into, meter));
    long offset = 0;
    if (from != null && !segments.isEmpty() && segments.getFirst().number() == from.segment()) {
      offset = from.offset();
    }
    mend(read(segments, offset, into, meter));
    bytesBehind += bytes(all);
    LOG.info(
        "write-ahead log replayed: {} segments in {} ms",
        segments.size(),
        (clock.nanos() - start) / 1_000_000);
  }

  /** Reads what this process has written since it started, all but a little. */
  void catchUp(HeadReplay into, Wal wal) {
    into.behindStart();
    for (int round = 0; round < MOST_ROUNDS && unreadBytes(wal) > SMALL_BYTES; round++) {
      readOwn(into, wal.cut());
    }
  }

  /** Reads the rest of what this process has written; nobody writes meanwhile. */
  void readLast(HeadReplay into, Wal wal) {
    readOwn(into, wal.segment() + 1);
  }

  /**
   * Hands out what this process has written, for who does not wait until all is replayed. Any
   * thread may ask.
   *
   * @param end where to stop
   */
  void written(Wal.Place end, WalHandler into) {
    List<WalDirectory.Segment> segments =
        directory.segments().stream()
            .filter(s -> s.number() >= firstOwnSegment && s.number() <= end.segment())
            .toList();
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, segments)) {
      int records = 0;
      while (true) {
        while (reader.next()) {
          if (reader.segment() == end.segment() && reader.offset() >= end.offset()) {
            return; // written since, and perhaps not to its end
          }
          StopSignal.every(records++);
          reader.decode(decoder, into);
        }
        if (reader.corruption() == null) {
          return;
        }
        reader.resume(); // the replay says so when it comes here
      }
    } catch (DiskException e) {
      throw new StorageException("read the write-ahead log: " + e.getMessage(), e);
    }
  }

  private long unreadBytes(Wal wal) {
    Wal.Place place = wal.place();
    return place.offset() + (place.segment() - nextOwnSegment) * (long) Wal.SEGMENT_BYTES;
  }

  /** Reads the segments of this process that were not read yet, up to a number. */
  private void readOwn(HeadReplay into, int before) {
    List<WalDirectory.Segment> segments =
        directory.segments().stream()
            .filter(s -> s.number() >= nextOwnSegment && s.number() < before)
            .toList();
    nextOwnSegment = before;
    List<WalCorruption> broken = read(segments, 0, into, null);
    corruptions += broken.size();
    broken.forEach(
        one -> LOG.error("what was written to the log cannot be read: {}", one.message()));
  }

  private void mend(List<WalCorruption> broken) {
    corruptions += broken.size();
    if (broken.isEmpty()) {
      return;
    }
    try {
      beforeMending.run();
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
      List<WalDirectory.Segment> segments, long offset, HeadReplay into, @Nullable Meter meter) {
    if (segments.isEmpty()) {
      return List.of();
    }
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, segments, offset)) {
      List<WalCorruption> broken = read(reader, decoder, into, meter);
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

  private List<WalCorruption> read(
      WalReader reader, WalDecoder decoder, WalHandler into, @Nullable Meter meter) {
    List<WalCorruption> broken = new ArrayList<>();
    int records = 0;
    while (true) {
      while (reader.next()) {
        if (records++ % LOOK_EVERY == 0) {
          if (stopping.getAsBoolean()) {
            throw new StorageException("the database is closed");
          }
          if (meter != null) {
            meter.note(reader);
          }
        }
        reader.decode(decoder, into);
      }
      WalCorruption found = reader.corruption();
      if (found == null) {
        return broken;
      }
      broken.add(found);
      reader.resume();
    }
  }

  /** Tells how far the reading is: now and then in the log, and always to who asks. */
  private final class Meter {
    private final List<WalDirectory.Segment> segments;
    private final long[] before; // the bytes before each segment
    private final long start = clock.nanos();
    private long told = start;
    private long toldBytes;
    private int at;

    Meter(List<WalDirectory.Segment> segments) {
      this.segments = segments;
      before = new long[segments.size() + 1];
      for (int i = 0; i < segments.size(); i++) {
        before[i + 1] = before[i] + disk.size(segments.get(i).file());
      }
    }

    void note(WalReader reader) {
      while (at + 1 < segments.size()
          && !(segments.get(at).number() == reader.segment()
              && segments.get(at).file().equals(reader.file()))) {
        at++;
      }
      ReplayProgress now = progress;
      int current = isOfLog(segments.get(at)) ? reader.segment() : now.current();
      int percent = percent(bytesBehind + before[at] + reader.offset());
      if (current != now.current() || percent != now.percent()) {
        progress = new ReplayProgress(now.min(), now.max(), current, percent);
      }
      long nanos = clock.nanos();
      if (nanos - told < TELL_NANOS) {
        return;
      }
      long bytes = before[at] + reader.offset();
      LOG.info(
          "replay of the write-ahead log: {} %, segment {} of {}, {} MiB/s",
          100 * bytes / Math.max(1, before[segments.size()]),
          reader.segment(),
          now.max(),
          (long) ((bytes - toldBytes) / 1048576.0 / ((nanos - told) / 1e9)));
      told = nanos;
      toldBytes = bytes;
    }
  }
}
