package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import io.narthex.base.file.OutputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of a write-ahead log: segments {@code 00000000}, {@code 00000001}, ...
 * without gaps, and at most a few checkpoints, directories of segments that stand for all segments
 * up to their number.
 */
public final class WalDirectory {

  static final String CHECKPOINT = "checkpoint.";
  static final String TEMPORARY = ".tmp";

  /** A segment. */
  public record Segment(Path file, int number) {}

  /**
   * A checkpoint.
   *
   * @param number the last segment that it stands for
   */
  public record CheckpointEntry(Path directory, int number) {}

  /**
   * What a repair threw away.
   *
   * @param bytes of segments, counted as they lay on the disk
   * @param segments those behind the broken one
   */
  public record Repair(WalCorruption corruption, long bytes, int segments) {

    /** One line for the log. */
    public String message() {
      return corruption.message()
          + "; cut there: "
          + bytes
          + " bytes and "
          + segments
          + " later segments are lost";
    }
  }

  private final Disk disk;
  private final Path directory;

  public WalDirectory(Disk disk, Path directory) {
    this.disk = disk;
    this.directory = directory;
  }

  public Path path() {
    return directory;
  }

  /** The name of a segment. */
  static String segmentName(int number) {
    return String.format(Locale.ROOT, "%08d", number);
  }

  /**
   * The segments, ascending.
   *
   * @throws WalException if one is missing between two others
   */
  public List<Segment> segments() {
    return segments(disk, directory);
  }

  static List<Segment> segments(Disk disk, Path directory) {
    List<Segment> found = new ArrayList<>();
    for (Path file : disk.list(directory)) {
      int number = number(name(file));
      if (number >= 0) {
        found.add(new Segment(file, number));
      }
    }
    found.sort(Comparator.comparingInt(Segment::number));
    for (int i = 1; i < found.size(); i++) {
      if (found.get(i).number != found.get(i - 1).number + 1) {
        throw new WalException(
            "segments are not sequential: no segment behind "
                + found.get(i - 1).file
                + " and before "
                + found.get(i).file);
      }
    }
    return found;
  }

  /** The checkpoints, ascending. */
  public List<CheckpointEntry> checkpoints() {
    List<CheckpointEntry> found = new ArrayList<>();
    for (Path entry : disk.list(directory)) {
      String name = name(entry);
      if (name.startsWith(CHECKPOINT) && disk.isDirectory(entry)) {
        int number = number(name.substring(CHECKPOINT.length()));
        if (number >= 0) {
          found.add(new CheckpointEntry(entry, number));
        }
      }
    }
    found.sort(Comparator.comparingInt(CheckpointEntry::number));
    return found;
  }

  /** The checkpoint that counts, or null. */
  public @Nullable CheckpointEntry lastCheckpoint() {
    List<CheckpointEntry> all = checkpoints();
    return all.isEmpty() ? null : all.getLast();
  }

  /**
   * Everything to be replayed: the last checkpoint's segments, then those behind it.
   *
   * @param before segments of this number and above are left out
   */
  public List<Segment> replay(int before) {
    List<Segment> all = new ArrayList<>();
    CheckpointEntry checkpoint = lastCheckpoint();
    if (checkpoint != null) {
      all.addAll(segments(disk, checkpoint.directory));
    }
    for (Segment segment : segments()) {
      boolean covered = checkpoint != null && segment.number <= checkpoint.number;
      if (!covered && segment.number < before) {
        all.add(segment);
      }
    }
    return all;
  }

  /** Deletes what an interrupted checkpoint left behind. */
  public void deleteTemporary() {
    for (Path entry : disk.list(directory)) {
      String name = name(entry);
      if (name.startsWith(CHECKPOINT) && name.endsWith(TEMPORARY)) {
        disk.deleteTree(entry);
      }
    }
  }

  /** Deletes the checkpoints below a number. */
  public void deleteCheckpointsBelow(int number) {
    for (CheckpointEntry checkpoint : checkpoints()) {
      if (checkpoint.number < number) {
        disk.deleteTree(checkpoint.directory);
      }
    }
  }

  /** The bytes of all segments and checkpoints. */
  public long size() {
    long sum = 0;
    for (Segment segment : segments()) {
      sum += disk.size(segment.file);
    }
    for (CheckpointEntry checkpoint : checkpoints()) {
      for (Segment segment : segments(disk, checkpoint.directory)) {
        sum += disk.size(segment.file);
      }
    }
    return sum;
  }

  /**
   * Cuts the log at a record that cannot be read: what lies behind it depends on series that may
   * have been lost with it.
   *
   * @param liveFrom the first segment that this process writes; it and those behind it are kept,
   *     and the segments between are emptied so that no number is missing. Where nothing is being
   *     written, any number above the last.
   * @throws WalException if the record is in a checkpoint: there is nothing sound to cut back to
   */
  public Repair repair(WalCorruption corruption, int liveFrom) {
    if (!directory.equals(corruption.file().getParent())) {
      throw new WalException("cannot repair a checkpoint: " + corruption.message());
    }
    long bytes = disk.size(corruption.file()) - corruption.offset();
    int dropped = 0;
    List<Segment> all = segments();
    boolean live = !all.isEmpty() && all.getLast().number >= liveFrom;
    // From the end, so that a repair that is interrupted leaves no gap.
    for (Segment segment : all.reversed()) {
      if (segment.number > corruption.segment() && segment.number < liveFrom) {
        long size = disk.size(segment.file);
        bytes += size;
        dropped += size > 0 ? 1 : 0;
        if (live) {
          try (OutputFile empty = disk.create(segment.file)) {
            empty.sync();
          }
        } else {
          disk.delete(segment.file);
        }
      }
    }
    disk.truncate(corruption.file(), corruption.offset());
    disk.syncDirectory(directory);
    return new Repair(corruption, bytes, dropped);
  }

  static String name(Path path) {
    Path name = path.getFileName();
    return name == null ? "" : name.toString();
  }

  /** The number that a name is, or -1. */
  private static int number(String name) {
    if (name.isEmpty() || name.length() > 9) {
      return -1;
    }
    int number = 0;
    for (int i = 0; i < name.length(); i++) {
      char c = name.charAt(i);
      if (c < '0' || c > '9') {
        return -1;
      }
      number = number * 10 + (c - '0');
    }
    return number;
  }
}
