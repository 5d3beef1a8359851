package io.narthex.tsdb.block;

import io.narthex.base.file.BufferedOutput;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedCursor;
import io.narthex.base.file.MappedFile;
import io.narthex.base.file.OutputFile;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.sample.SampleBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Which samples of which series of a block, or of the head, are deleted: for each series, intervals
 * of time, both ends inclusive, ascending and apart from each other. Immutable and thread-safe.
 */
public final class Tombstones {

  static final String FILE = "tombstones";
  private static final int MAGIC = 0x0130BA30;
  private static final int VERSION = 1;
  private static final int HEADER = 5;

  /** Nothing is deleted. */
  public static final Tombstones NONE = new Tombstones(new TreeMap<>());

  // By series (unsigned): from, to, from, to, ...
  private final TreeMap<Long, long[]> intervals;

  private Tombstones(TreeMap<Long, long[]> intervals) {
    this.intervals = intervals;
  }

  /** Collects deletions, in any order, overlapping or not. */
  public static final class Builder {
    private final TreeMap<Long, List<long[]>> found = new TreeMap<>();

    /** Begins with those that there are. */
    public Builder add(Tombstones others) {
      others.intervals.forEach((series, ends) -> {
        for (int i = 0; i < ends.length; i += 2) {
          put(series, ends[i], ends[i + 1]);
        }
      });
      return this;
    }

    /** Deletes a range of a series, both ends inclusive. */
    public Builder add(int series, long minTime, long maxTime) {
      put(Integer.toUnsignedLong(series), minTime, maxTime);
      return this;
    }

    /** Deletes a range of a series of the head, both ends inclusive. */
    public Builder add(long ref, long minTime, long maxTime) {
      put(ref, minTime, maxTime);
      return this;
    }

    private void put(long series, long minTime, long maxTime) {
      found.computeIfAbsent(series, k -> new ArrayList<>()).add(new long[] {minTime, maxTime});
    }

    public Tombstones build() {
      TreeMap<Long, long[]> merged = new TreeMap<>();
      found.forEach((series, ranges) -> merged.put(series, merge(ranges)));
      return new Tombstones(merged);
    }

    private static long[] merge(List<long[]> ranges) {
      ranges.sort((a, b) -> Long.compare(a[0], b[0]));
      List<long[]> apart = new ArrayList<>();
      for (long[] range : ranges) {
        long[] last = apart.isEmpty() ? null : apart.getLast();
        boolean touches = last != null && (last[1] == Long.MAX_VALUE || range[0] <= last[1] + 1);
        if (last != null && touches) {
          last[1] = Math.max(last[1], range[1]);
        } else {
          apart.add(range.clone());
        }
      }
      long[] ends = new long[2 * apart.size()];
      for (int i = 0; i < apart.size(); i++) {
        ends[2 * i] = apart.get(i)[0];
        ends[2 * i + 1] = apart.get(i)[1];
      }
      return ends;
    }
  }

  /**
   * Reads the tombstones of a block; none if there is no file.
   *
   * @throws BlockException if the file is broken
   */
  static Tombstones read(Disk disk, Path block) {
    Path path = block.resolve(FILE);
    if (!disk.exists(path)) {
      return NONE;
    }
    try (MappedFile file = disk.map(path)) {
      if (file.size() < HEADER + 4) {
        throw new BlockException("tombstones " + path + ": too short");
      }
      if (file.i32(0) != MAGIC) {
        throw new BlockException(
            "tombstones " + path + ": invalid magic number " + Integer.toHexString(file.i32(0)));
      }
      if (file.u8(4) != VERSION) {
        throw new BlockException("tombstones " + path + ": invalid format " + file.u8(4));
      }
      long end = file.size() - 4;
      if (file.crc32c(HEADER, end - HEADER) != file.u32(end)) {
        throw new BlockException("tombstones " + path + ": checksum did not match");
      }
      Builder builder = new Builder();
      MappedCursor in = file.cursor(HEADER);
      while (in.at() < end) {
        builder.put(in.uvarint(), in.varint(), in.varint());
      }
      return builder.build();
    } catch (IndexOutOfBoundsException e) {
      throw new BlockException("tombstones " + path + ": " + e.getMessage(), e);
    }
  }

  /** Writes the tombstones of a block, durable; the old ones stay until the new ones are. */
  void write(Disk disk, Path block) {
    Path temporary = block.resolve(FILE + ".tmp");
    boolean done = false;
    try {
      write(disk.create(temporary));
      disk.rename(temporary, block.resolve(FILE));
      done = true;
      disk.syncDirectory(block);
    } catch (DiskException e) {
      throw new BlockException("tombstones: " + e.getMessage(), e);
    } finally {
      if (!done) {
        disk.delete(temporary);
      }
    }
  }

  private void write(OutputFile file) {
    try (BufferedOutput out = new BufferedOutput(file)) {
      out.u32(MAGIC);
      out.u8(VERSION);
      out.beginChecksum();
      intervals.forEach((series, ends) -> {
        for (int i = 0; i < ends.length; i += 2) {
          out.uvarint(series);
          out.varint(ends[i]);
          out.varint(ends[i + 1]);
        }
      });
      out.endChecksum();
      out.sync();
    }
  }

  public boolean isEmpty() {
    return intervals.isEmpty();
  }

  /** Takes intervals; both ends are inclusive. */
  @FunctionalInterface
  public interface Visitor {
    void interval(long ref, long minTime, long maxTime);
  }

  /** Shows all intervals, by series and time. */
  public void forEach(Visitor visitor) {
    intervals.forEach((ref, ends) -> {
      for (int i = 0; i < ends.length; i += 2) {
        visitor.interval(ref, ends[i], ends[i + 1]);
      }
    });
  }

  /** The number of intervals. */
  public long count() {
    return intervals.values().stream().mapToLong(ends -> ends.length / 2).sum();
  }

  /** The intervals of a series as from, to, from, to, ...; null if there are none. */
  long @Nullable [] of(int series) {
    return intervals.get(Integer.toUnsignedLong(series));
  }

  /** The same for a series of the head. */
  public long @Nullable [] of(long ref) {
    return intervals.isEmpty() ? null : intervals.get(ref);
  }

  /** Those that reach a time or go beyond it, without those of some series. */
  public Tombstones from(long time, long[] goneRefs) {
    TreeMap<Long, long[]> left = new TreeMap<>(intervals);
    for (long ref : goneRefs) {
      left.remove(ref);
    }
    left.replaceAll((ref, ends) -> {
      int i = 0;
      while (i < ends.length && ends[i + 1] < time) {
        i += 2;
      }
      return Arrays.copyOfRange(ends, i, ends.length);
    });
    left.values().removeIf(ends -> ends.length == 0);
    return left.isEmpty() ? NONE : new Tombstones(left);
  }

  /**
   * Whether a range is deleted as a whole, by one interval.
   *
   * @param ends intervals as from, to, from, to, ..., both ends inclusive, ascending
   */
  public static boolean cover(long[] ends, long from, long to) {
    for (int i = 0; i < ends.length; i += 2) {
      if (ends[i] <= from && to <= ends[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether some of a range is deleted.
   *
   * @param ends intervals as from, to, from, to, ..., both ends inclusive, ascending
   */
  public static boolean touch(long[] ends, long from, long to) {
    for (int i = 0; i < ends.length; i += 2) {
      if (ends[i] <= to && from <= ends[i + 1]) {
        return true;
      }
    }
    return false;
  }

  /**
   * Removes the samples that lie in the intervals, from a place in the buffer on. A histogram whose
   * predecessor is gone no longer says whether there was a reset.
   */
  public static void apply(long[] ends, SampleBuffer samples, int from) {
    int kept = from;
    int next = 0;
    boolean gone = false;
    for (int i = from; i < samples.size(); i++) {
      long t = samples.timestamps()[i];
      while (next < ends.length && ends[next + 1] < t) {
        next += 2;
      }
      boolean deleted = next < ends.length && ends[next] <= t;
      if (!deleted) {
        samples.move(i, kept);
        FloatHistogram histogram = gone ? samples.histogram(kept) : null;
        if (histogram != null) {
          samples.replace(kept, histogram.withoutResetHint());
        }
        kept++;
      }
      gone = deleted;
    }
    samples.truncate(kept);
  }
}
