package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;

/**
 * Rewrites the oldest part of a write-ahead log, keeping what is still needed, so that its segments
 * can be deleted: series that live; samples, histograms and exemplars, each by itself, that are not
 * older than a time; deletions that reach beyond it; the newest metadata of each living series. It
 * is what Prometheus keeps.
 *
 * <p>The result is a directory {@code checkpoint.N} of segments in the same format, which stands
 * for the checkpoint before it and all segments up to N. It is written under a temporary name, made
 * durable and renamed.
 *
 * <p>Samples stay in the form they were written in, so start timestamps are kept whatever the
 * settings are now. Records of unknown types are dropped, as Prometheus drops them.
 */
public final class Checkpoint {

  private static final int FLUSH_BYTES = 1 << 20;

  /** How many entries of a kind were kept, and how many were not. */
  public record Tally(long kept, long dropped) {}

  /**
   * What was kept and what was not.
   *
   * @param number the last segment the checkpoint stands for
   * @param samples float samples and histograms
   * @param metadata of each living series the newest is kept, what it replaced is dropped
   */
  public record Result(
      Path directory,
      int number,
      Tally series,
      Tally samples,
      Tally tombstones,
      Tally exemplars,
      Tally metadata) {}

  private Checkpoint() {}

  /**
   * Writes a checkpoint of everything up to a segment; where there is one of it already, that one
   * is the result, with nothing counted. Segments and checkpoints that it makes superfluous are
   * left to {@link Wal#truncate} and {@link WalDirectory#deleteCheckpointsBelow}.
   *
   * @param to the last segment, below the one that is being written
   * @param keep whether a series is still needed
   * @param minTime what is older than this is dropped, milliseconds since the epoch
   * @throws WalCorruptedException if a record cannot be read; nothing is left behind. Once the log
   *     is {@link #mend mended}, {@link #write(Wal, int, LongPredicate, long, long, SeriesSource)}
   *     can make up for the series that were lost
   * @throws WalException if the checkpoint cannot be written; nothing is left behind
   */
  public static Result write(Wal wal, int to, LongPredicate keep, long minTime) {
    return write(wal, to, keep, minTime, minTime, sink -> {});
  }

  /** Tells of all series that somebody knows. */
  public interface SeriesSource {
    void tell(SeriesSink sink);
  }

  /** Is told of series. */
  public interface SeriesSink {
    void series(long ref, Labels labels);
  }

  /**
   * Takes out what cannot be read of all that a checkpoint is going to be made of, while the log is
   * being written.
   *
   * @param to the last segment, below the one that is being written
   * @return what was done, one entry for each segment
   */
  public static List<WalDirectory.Mended> mend(Wal wal, int to) {
    if (to >= wal.segment()) {
      throw new IllegalArgumentException("segment " + to + " is still being written");
    }
    WalDirectory files = wal.files();
    try (WalReader reader = new WalReader(wal.disk(), files.replay(to + 1))) {
      return files.mend(reader.readSound(new WalDecoder(), WalNothing.INSTANCE));
    }
  }

  /**
   * Writes a checkpoint that begins with series that are known from elsewhere, and may keep more
   * deletions than samples: those of samples that are not in the log any more, but still in the
   * head's chunk files.
   *
   * @param deletionsFrom deletions that end before this are dropped, milliseconds since the epoch
   * @param known all of them are written, whatever the log has of them
   */
  public static Result write(
      Wal wal, int to, LongPredicate keep, long minTime, long deletionsFrom, SeriesSource known) {
    if (to >= wal.segment()) {
      throw new IllegalArgumentException("segment " + to + " is still being written");
    }
    Disk disk = wal.disk();
    WalDirectory files = wal.files();
    files.deleteTemporary();
    WalDirectory.CheckpointEntry last = files.lastCheckpoint();
    if (last != null && last.number() >= to) {
      // Deleting the segments was interrupted, and is all that is left to do. Putting another one
      // in the place of a checkpoint would leave a moment at which there is neither.
      Tally none = new Tally(0, 0);
      return new Result(last.directory(), last.number(), none, none, none, none, none);
    }
    List<WalDirectory.Segment> from = files.replay(to + 1);
    Path directory = files.path().resolve(WalDirectory.CHECKPOINT + WalDirectory.segmentName(to));
    Path temporary = files.path().resolve(WalDirectory.name(directory) + WalDirectory.TEMPORARY);
    Keeper keeper = new Keeper(keep, minTime, deletionsFrom);
    boolean done = false;
    try {
      try (Wal out =
          Wal.open(disk, wal.clock(), temporary, wal.segmentBytes(), wal.compression())) {
        known.tell((ref, labels) -> {
          keeper.batch.series(ref, labels);
          flush(keeper, out);
        });
        copy(disk, from, keeper, out);
      }
      disk.syncDirectory(temporary);
      disk.rename(temporary, directory);
      disk.syncDirectory(files.path());
      done = true;
    } finally {
      if (!done) {
        disk.deleteTree(temporary);
      }
    }
    return keeper.result(directory, to);
  }

  private static void flush(Keeper keeper, Wal out) {
    if (keeper.batch.byteCount() >= FLUSH_BYTES) {
      out.append(keeper.batch);
      keeper.batch.clear();
    }
  }

  private static void copy(Disk disk, List<WalDirectory.Segment> from, Keeper keeper, Wal out) {
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, from)) {
      while (reader.next()) {
        try {
          keeper.begin(reader.length() == 0 ? 0 : reader.bytes()[reader.from()] & 0xff);
          decoder.decode(reader.bytes(), reader.from(), reader.length(), keeper);
        } catch (WalFormatException e) {
          throw new WalCorruptedException(
              "checkpoint: segment "
                  + reader.segment()
                  + " at "
                  + reader.offset()
                  + ": "
                  + e.getMessage(),
              e);
        }
        flush(keeper, out);
      }
      WalCorruption corruption = reader.corruption();
      if (corruption != null) {
        throw new WalCorruptedException("checkpoint: " + corruption.message(), null);
      }
    }
    keeper.end();
    if (!keeper.batch.isEmpty()) {
      out.append(keeper.batch);
    }
  }

  /** Takes decoded records and re-encodes what is kept. */
  private static final class Keeper implements WalHandler {
    private record Metadata(int type, byte[] unit, byte[] help) {}

    private final LongPredicate keep;
    private final long minTime;
    private final long deletionsFrom;
    private final WalBatch batch = new WalBatch();
    private final Map<Long, Metadata> newest = new LinkedHashMap<>();
    private final Counts series = new Counts();
    private final Counts samples = new Counts();
    private final Counts tombstones = new Counts();
    private final Counts exemplars = new Counts();
    private final Counts metadata = new Counts();
    private boolean starts;

    Keeper(LongPredicate keep, long minTime, long deletionsFrom) {
      this.keep = keep;
      this.minTime = minTime;
      this.deletionsFrom = deletionsFrom;
      batch.minValidTime(minTime);
    }

    Result result(Path directory, int number) {
      return new Result(
          directory,
          number,
          series.tally(),
          samples.tally(),
          tombstones.tally(),
          exemplars.tally(),
          metadata.tally());
    }

    /** A record of this type comes. */
    void begin(int type) {
      // Records are not merged: a series may change from one kind of histogram to the other.
      batch.endRun();
      starts = RecordType.hasStarts(type);
    }

    void end() {
      newest.forEach((ref, m) -> batch.metadata(ref, m.type, m.unit, m.help));
    }

    @Override
    public boolean wants(int type) {
      // Markers belong to the other log.
      return type != RecordType.MMAP_MARKERS;
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      if (series.count(keep.test(ref))) {
        batch.series(ref, bytes, from, length);
      }
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      int kept = 0;
      for (int i = 0; i < n; i++) {
        if (samples.count(timestamps[i] >= minTime)) {
          refs[kept] = refs[i];
          timestamps[kept] = timestamps[i];
          values[kept++] = values[i];
        }
      }
      batch.samples(refs, timestamps, values, 0, kept);
    }

    @Override
    public void samplesWithStarts(
        long[] refs, long[] startTimes, long[] timestamps, double[] values, int n) {
      int kept = 0;
      for (int i = 0; i < n; i++) {
        if (samples.count(timestamps[i] >= minTime)) {
          refs[kept] = refs[i];
          startTimes[kept] = startTimes[i];
          timestamps[kept] = timestamps[i];
          values[kept++] = values[i];
        }
      }
      batch.samplesWithStarts(refs, startTimes, timestamps, values, 0, kept);
    }

    @Override
    public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
      if (!samples.count(timestamp >= minTime)) {
        return;
      }
      if (starts) {
        batch.histogramWithStart(ref, start, timestamp, histogram);
      } else {
        batch.histogram(ref, timestamp, histogram);
      }
    }

    @Override
    public void exemplar(
        long ref, long timestamp, double value, byte[] bytes, int from, int length) {
      if (exemplars.count(timestamp >= minTime)) {
        batch.exemplar(ref, timestamp, value, bytes, from, length);
      }
    }

    @Override
    public void tombstone(long ref, long minT, long maxT) {
      if (tombstones.count(maxT >= deletionsFrom)) {
        batch.tombstone(ref, minT, maxT);
      }
    }

    @Override
    public void metadata(
        long ref,
        int type,
        byte[] bytes,
        int unitFrom,
        int unitLength,
        int helpFrom,
        int helpLength) {
      Metadata before = null;
      boolean kept = keep.test(ref);
      if (kept) {
        byte[] unit = Arrays.copyOfRange(bytes, unitFrom, unitFrom + unitLength);
        byte[] help = Arrays.copyOfRange(bytes, helpFrom, helpFrom + helpLength);
        before = newest.put(ref, new Metadata(type, unit, help));
      }
      metadata.count(kept && before == null);
    }
  }

  private static final class Counts {
    private long kept;
    private long dropped;

    boolean count(boolean keep) {
      if (keep) {
        kept++;
      } else {
        dropped++;
      }
      return keep;
    }

    Tally tally() {
      return new Tally(kept, dropped);
    }
  }
}
