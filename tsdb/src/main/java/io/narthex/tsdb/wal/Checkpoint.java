package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.LongPredicate;

/**
 * Rewrites the oldest part of a write-ahead log, keeping what is still needed, so that its segments
 * can be deleted: series that live, samples and deletions that are not older than a time, the
 * newest metadata of each living series.
 *
 * <p>The result is a directory {@code checkpoint.N} of segments in the same format, which stands
 * for the checkpoint before it and all segments up to N. It is written under a temporary name, made
 * durable and renamed.
 *
 * <p>Exemplars and native histograms are carried over as whole records, by the time of their first
 * entry and an hour of grace for the others.
 */
public final class Checkpoint {

  private static final int FLUSH_BYTES = 1 << 20;
  private static final long GRACE_MILLIS = 3_600_000;

  /**
   * What was kept and what was not.
   *
   * @param number the last segment the checkpoint stands for
   */
  public record Result(
      Path directory,
      int number,
      long series,
      long droppedSeries,
      long samples,
      long droppedSamples) {}

  private Checkpoint() {}

  /**
   * Writes a checkpoint of everything up to a segment. Segments and checkpoints that it makes
   * superfluous are left to {@link Wal#truncate} and {@link WalDirectory#deleteCheckpointsBelow}.
   *
   * @param to the last segment, below the one that is being written
   * @param keep whether a series is still needed
   * @param minTime samples before this time are dropped, milliseconds since the epoch
   * @throws WalException if a record cannot be read (nothing can be repaired then: nobody knows
   *     which series were lost) or the checkpoint cannot be written; nothing is left behind
   */
  public static Result write(Wal wal, int to, LongPredicate keep, long minTime) {
    if (to >= wal.segment()) {
      throw new IllegalArgumentException("segment " + to + " is still being written");
    }
    Disk disk = wal.disk();
    WalDirectory files = wal.files();
    files.deleteTemporary();
    List<WalDirectory.Segment> from = files.replay(to + 1);
    Path directory = files.path().resolve(WalDirectory.CHECKPOINT + WalDirectory.segmentName(to));
    Path temporary = files.path().resolve(WalDirectory.name(directory) + WalDirectory.TEMPORARY);
    Keeper keeper = new Keeper(keep, minTime);
    boolean done = false;
    try {
      try (Wal out =
          Wal.open(disk, wal.clock(), temporary, wal.segmentBytes(), wal.compression())) {
        copy(disk, from, keeper, out);
      }
      disk.syncDirectory(temporary);
      if (disk.exists(directory)) {
        // Left by a checkpoint whose truncation was interrupted; this one holds it.
        disk.deleteTree(directory);
      }
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

  private static void copy(Disk disk, List<WalDirectory.Segment> from, Keeper keeper, Wal out) {
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, from)) {
      while (reader.next()) {
        try {
          if (!keeper.carry(reader.bytes(), reader.from(), reader.length())) {
            decoder.decode(reader.bytes(), reader.from(), reader.length(), keeper);
          }
        } catch (WalFormatException e) {
          throw new WalException(
              "checkpoint: segment "
                  + reader.segment()
                  + " at "
                  + reader.offset()
                  + ": "
                  + e.getMessage(),
              e);
        }
        if (keeper.batch.byteCount() >= FLUSH_BYTES) {
          out.append(keeper.batch);
          keeper.batch.clear();
        }
      }
      WalCorruption corruption = reader.corruption();
      if (corruption != null) {
        throw new WalException("checkpoint: " + corruption.message());
      }
    }
    keeper.metadata.writeTo(keeper.batch);
    if (!keeper.batch.isEmpty()) {
      out.append(keeper.batch);
    }
  }

  /** Takes decoded records and re-encodes what is kept. */
  private static final class Keeper implements WalHandler {
    private final LongPredicate keep;
    private final long minTime;
    private final WalBatch batch = new WalBatch();
    private final LatestMetadata metadata;
    private long series;
    private long droppedSeries;
    private long samples;
    private long droppedSamples;

    Keeper(LongPredicate keep, long minTime) {
      this.keep = keep;
      this.minTime = minTime;
      this.metadata = new LatestMetadata(keep);
    }

    Result result(Path directory, int number) {
      return new Result(directory, number, series, droppedSeries, samples, droppedSamples);
    }

    /** Handles records of the types that the decoder passes over; false for the others. */
    boolean carry(byte[] record, int from, int length) throws WalFormatException {
      int type = length == 0 ? 0 : record[from];
      return switch (type) {
        case RecordType.SERIES, RecordType.SAMPLES, RecordType.SAMPLES_V2, RecordType.TOMBSTONES ->
            false;
        case RecordType.METADATA -> {
          metadata.add(record, from + 1, from + length);
          yield true;
        }
        case RecordType.EXEMPLARS,
            RecordType.HISTOGRAM_SAMPLES,
            RecordType.FLOAT_HISTOGRAM_SAMPLES,
            RecordType.CUSTOM_BUCKETS_HISTOGRAM_SAMPLES,
            RecordType.CUSTOM_BUCKETS_FLOAT_HISTOGRAM_SAMPLES,
            RecordType.HISTOGRAM_SAMPLES_V2,
            RecordType.FLOAT_HISTOGRAM_SAMPLES_V2 -> {
          RecordBytes in = new RecordBytes(record, from + 1, from + length);
          if (in.more() && firstTime(type, in) >= minTime - GRACE_MILLIS) {
            batch.raw(record, from, length);
          }
          yield true;
        }
        // Markers belong to the other log, and unknown types are dropped as Prometheus drops them.
        default -> true;
      };
    }

    private static long firstTime(int type, RecordBytes in) throws WalFormatException {
      if (type == RecordType.HISTOGRAM_SAMPLES_V2
          || type == RecordType.FLOAT_HISTOGRAM_SAMPLES_V2) {
        in.varint();
        return in.varint();
      }
      in.i64();
      return in.i64();
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      if (keep.test(ref)) {
        series++;
        batch.series(ref, pairs(bytes, from, length), bytes, from, length);
      } else {
        droppedSeries++;
      }
    }

    private static int pairs(byte[] packed, int from, int length) {
      int texts = 0;
      int at = from;
      while (at < from + length) {
        int size = 0;
        int shift = 0;
        int b;
        do {
          b = packed[at++];
          size |= (b & 0x7f) << shift;
          shift += 7;
        } while (b < 0);
        at += size;
        texts++;
      }
      return texts / 2;
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      int kept = 0;
      for (int i = 0; i < n; i++) {
        if (timestamps[i] >= minTime) {
          refs[kept] = refs[i];
          timestamps[kept] = timestamps[i];
          values[kept++] = values[i];
        }
      }
      samples += kept;
      droppedSamples += n - kept;
      batch.samples(refs, timestamps, values, 0, kept);
    }

    @Override
    public void tombstone(long ref, long minT, long maxT) {
      if (maxT >= minTime) {
        batch.tombstone(ref, minT, maxT);
      }
    }
  }

  /** The newest metadata of each series, as bytes. */
  private static final class LatestMetadata {
    private final LongPredicate keep;
    private final LinkedHashMap<Long, byte[]> newest = new LinkedHashMap<>();

    LatestMetadata(LongPredicate keep) {
      this.keep = keep;
    }

    void add(byte[] record, int from, int end) throws WalFormatException {
      RecordBytes in = new RecordBytes(record, from, end);
      while (in.more()) {
        int start = in.at();
        long ref = in.uvarint();
        in.skip(1);
        long fields = in.uvarint();
        for (long i = 0; i < 2 * fields; i++) {
          in.skip(in.uvarint());
        }
        if (keep.test(ref)) {
          newest.put(ref, Arrays.copyOfRange(record, start, in.at()));
        }
      }
    }

    void writeTo(WalBatch batch) {
      List<byte[]> entries = new ArrayList<>(newest.values());
      int done = 0;
      while (done < entries.size()) {
        int length = 1;
        int next = done;
        while (next < entries.size() && length < WalBatch.FULL) {
          length += entries.get(next++).length;
        }
        byte[] record = new byte[length];
        record[0] = RecordType.METADATA;
        int at = 1;
        for (byte[] entry : entries.subList(done, next)) {
          System.arraycopy(entry, 0, record, at, entry.length);
          at += entry.length;
        }
        batch.raw(record, 0, length);
        done = next;
      }
    }
  }
}
