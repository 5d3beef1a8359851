package io.narthex.tsdb.wal;

import io.narthex.base.file.Disk;
import io.narthex.base.file.FileNumber;
import io.narthex.base.file.OutputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What lies in the directory of a write-ahead log: segments {@code 00000000}, {@code 00000001}, ...
 * without gaps, and at most a few checkpoints, directories of segments that stand for all segments
 * up to their number.
 */
public final class WalDirectory {

  static final String CHECKPOINT = "checkpoint.";
  static final String TEMPORARY = ".tmp";
  private static final String MENDING = ".repair";
  private static final int MOST_MISSING = 10_000;
  private static final int WRITE_BYTES = 1 << 20;

  /** A segment. */
  public record Segment(Path file, int number) {}

  /**
   * A checkpoint.
   *
   * @param number the last segment that it stands for
   */
  public record CheckpointEntry(Path directory, int number) {}

  /**
   * What was taken out of a segment that could not be read as a whole.
   *
   * @param corruption the first record that cannot be read
   * @param corruptions how many places could not be read
   * @param bytes of the segment that are gone
   */
  public record Mended(WalCorruption corruption, int corruptions, long bytes) {

    /** One line for the log. */
    public String message() {
      return corruption.message()
          + (corruptions > 1 ? ", and " + (corruptions - 1) + " more" : "")
          + "; taken out: "
          + bytes
          + " bytes, what lies behind is kept";
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
    return FileNumber.text(number, 8);
  }

  /**
   * The segments, ascending.
   *
   * @throws WalException if one is missing between two others; {@link #fillGaps} helps
   */
  public List<Segment> segments() {
    return segments(disk, directory);
  }

  static List<Segment> segments(Disk disk, Path directory) {
    List<Segment> found = present(disk, directory);
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

  private static List<Segment> present(Disk disk, Path directory) {
    List<Segment> found = new ArrayList<>();
    for (Path file : disk.list(directory)) {
      int number = number(name(file));
      if (number >= 0) {
        found.add(new Segment(file, number));
      }
    }
    found.sort(Comparator.comparingInt(Segment::number));
    return found;
  }

  /**
   * Puts empty segments where segments are missing, between two others or behind the checkpoint
   * that counts: the records of the others are sound, and Prometheus refuses a log with gaps.
   *
   * @return the numbers that were missing
   * @throws WalException if so many are missing that it cannot be one log
   */
  public List<Integer> fillGaps() {
    List<Segment> present = present(disk, directory);
    CheckpointEntry checkpoint = lastCheckpoint();
    List<Integer> missing = new ArrayList<>();
    int expected = -1;
    if (!present.isEmpty()) {
      expected = present.getFirst().number;
      if (checkpoint != null) {
        expected = Math.min(expected, checkpoint.number + 1);
      }
    }
    for (Segment segment : present) {
      if (segment.number - expected > MOST_MISSING - missing.size()) {
        throw new WalException(
            "segments are not sequential: more than " + MOST_MISSING + " before " + segment.file);
      }
      for (; expected < segment.number; expected++) {
        missing.add(expected);
      }
      expected = Math.max(expected, segment.number + 1);
    }
    for (int number : missing) {
      try (OutputFile empty = disk.create(directory.resolve(segmentName(number)))) {
        empty.sync();
      }
    }
    if (!missing.isEmpty()) {
      disk.syncDirectory(directory);
    }
    return missing;
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

  /** Deletes what an interrupted checkpoint or mending left behind. */
  public void deleteTemporary() {
    deleteMendings(directory);
    for (Path entry : disk.list(directory)) {
      String name = name(entry);
      if (name.startsWith(CHECKPOINT) && name.endsWith(TEMPORARY)) {
        disk.deleteTree(entry);
      }
    }
    for (CheckpointEntry checkpoint : checkpoints()) {
      deleteMendings(checkpoint.directory);
    }
  }

  private void deleteMendings(Path segments) {
    for (Path entry : disk.list(segments)) {
      if (name(entry).endsWith(MENDING)) {
        disk.delete(entry);
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
   * Takes out of segments, also those of checkpoints, what cannot be read; the other records stay
   * as they are. A segment that just ends too early is cut, others are written anew beside the old
   * file and then put in its place.
   *
   * @param found everything that {@link WalReader#readSound} found; nothing in segments that are
   *     being written
   * @return what was done, one entry for each segment
   * @throws io.narthex.base.file.DiskException if the disk is full or cannot be written to; the
   *     segment is as it was then, and may be mended another time
   */
  public List<Mended> mend(List<WalCorruption> found) {
    List<Mended> done = new ArrayList<>();
    int from = 0;
    while (from < found.size()) {
      WalCorruption first = found.get(from);
      int to = from + 1;
      while (to < found.size() && found.get(to).file().equals(first.file())) {
        to++;
      }
      long before = disk.size(first.file());
      if (to == from + 1 && first.torn()) {
        disk.truncate(first.file(), first.offset());
      } else {
        rewrite(new Segment(first.file(), first.segment()));
      }
      long gone = Math.max(0, before - disk.size(first.file()));
      done.add(new Mended(first, to - from, gone));
      from = to;
    }
    return done;
  }

  private void rewrite(Segment segment) {
    Path file = segment.file;
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      throw new WalException("a segment without a directory: " + file);
    }
    Path mending = file.resolveSibling(name(file) + MENDING);
    boolean done = false;
    try {
      copySound(segment, mending);
      done = true;
    } finally {
      if (!done) {
        disk.delete(mending); // The disk may be full.
      }
    }
    disk.rename(mending, file);
    disk.syncDirectory(folder);
  }

  private void copySound(Segment segment, Path mending) {
    WalDecoder decoder = new WalDecoder();
    try (WalReader reader = new WalReader(disk, List.of(segment));
        OutputFile out = disk.create(mending)) {
      Frames frames = new Frames();
      frames.begin(0);
      while (true) {
        while (reader.next()) {
          if (isSound(reader, decoder)) {
            frames.add(
                reader.framed(), reader.framedFrom(), reader.framedLength(), reader.framedFlags());
          }
          if (frames.length() >= WRITE_BYTES) {
            out.write(frames.bytes(), 0, frames.length());
            frames.begin(out.position());
          }
        }
        if (reader.corruption() == null) {
          break;
        }
        reader.resume();
      }
      out.write(frames.bytes(), 0, frames.length());
      out.sync();
    }
  }

  private static boolean isSound(WalReader reader, WalDecoder decoder) {
    try {
      decoder.decode(reader.bytes(), reader.from(), reader.length(), WalNothing.INSTANCE);
      return true;
    } catch (WalFormatException e) {
      return false; // It is one of those that are to be taken out.
    }
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
