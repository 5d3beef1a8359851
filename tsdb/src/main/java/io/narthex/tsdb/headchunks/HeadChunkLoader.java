package io.narthex.tsdb.headchunks;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import io.narthex.base.file.SetAside;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the files that are there when they are opened, and cuts them at what is broken. What cannot
 * be used gets another name; a file that only cannot be read now may be as sound as any.
 */
final class HeadChunkLoader {

  private static final Logger LOG = LoggerFactory.getLogger(HeadChunkLoader.class);
  private static final int MOST_TAIL = 1 << 30;

  private final Disk disk;
  private final Path directory;
  private final HeadChunks.Visitor visitor;
  private final CRC32C crc = new CRC32C();
  private final ChunkBytes scratch = new ChunkBytes();
  private HeadChunks.@Nullable Repair repair;

  // The offset behind the last sound chunk of the file that is being read.
  private long sound;

  HeadChunkLoader(Disk disk, Path directory, HeadChunks.Visitor visitor) {
    this.disk = disk;
    this.directory = directory;
    this.visitor = visitor;
  }

  /** What had to be thrown away, or null. */
  HeadChunks.@Nullable Repair repair() {
    return repair;
  }

  /** The files, ascending, each of them read. */
  HeadChunkFile[] load() {
    List<HeadChunkFile> found = files();
    boolean done = false;
    try {
      readAll(found);
      done = true;
      return found.toArray(HeadChunkFile[]::new);
    } finally {
      if (!done) {
        found.forEach(HeadChunkFile::close);
      }
    }
  }

  private List<HeadChunkFile> files() {
    List<HeadChunkFile> found = new ArrayList<>();
    for (Path path : disk.list(directory)) {
      int number = number(path);
      if (number > 0) {
        found.add(new HeadChunkFile(disk, path, number, disk.size(path)));
      }
    }
    found.sort(Comparator.comparingInt(HeadChunkFile::number));
    return found;
  }

  /**
   * Sets all files aside: with them the samples that the log has of the time before would be older
   * than what their series have already.
   */
  void setAllAside() {
    List<HeadChunkFile> found = files();
    String message =
        "head chunk files are missing in " + directory + " before " + found.getFirst().number();
    repair = allBehind(found, 0, message);
  }

  private void readAll(List<HeadChunkFile> found) {
    for (int i = 0; i < found.size(); i++) {
      HeadChunkFile file = found.get(i);
      if (i > 0 && found.get(i - 1).number() + 1 != file.number()) {
        repair = behindGap(found, i);
        return;
      }
      sound = 0;
      try {
        if (i == found.size() - 1 && unborn(file)) {
          file.close();
          disk.delete(file.path());
          found.removeLast();
          return;
        }
        read(file);
      } catch (HeadChunkException | DiskException e) {
        repair = cutAt(found, i, e);
        return;
      }
    }
  }

  /** A file that a crash left without its header, as the last one may be. */
  private static boolean unborn(HeadChunkFile file) {
    return file.flushed() < HeadChunkFile.HEADER || file.endsAt(0);
  }

  private void read(HeadChunkFile file) {
    if (file.flushed() < HeadChunkFile.HEADER) {
      throw file.broken(0, "the header is missing");
    }
    byte[] header = new byte[HeadChunkFile.HEADER];
    file.copy(0, header);
    int magic = i32(header, 0);
    if (magic != HeadChunkFile.MAGIC) {
      throw file.broken(0, "invalid magic number " + Integer.toHexString(magic));
    }
    if (header[4] != HeadChunkFile.VERSION) {
      throw file.broken(4, "invalid chunk format version " + header[4]);
    }
    long at = HeadChunkFile.HEADER;
    sound = at;
    while (at < file.flushed() && !file.endsAt(at)) {
      long next = file.read(at, scratch, crc);
      byte[] bytes = scratch.bytes();
      long maxTime = i64(bytes, 16);
      file.sawTime(maxTime);
      visitor.chunk(
          (long) file.number() << 32 | at,
          i64(bytes, 0),
          i64(bytes, 8),
          maxTime,
          scratch.encoding(),
          scratch.outOfOrder(),
          samples(scratch));
      at = next;
      sound = at;
    }
  }

  /** The number of samples, which every encoding begins with. */
  private static int samples(ChunkBytes chunk) {
    if (chunk.length() < 2) {
      return 0;
    }
    byte[] bytes = chunk.bytes();
    int count = (bytes[chunk.from()] & 0xff) << 8 | (bytes[chunk.from() + 1] & 0xff);
    // Histograms with start timestamps keep the reset hint in the two highest bits.
    return chunk.encoding() >= 5 ? count & 0x3fff : count;
  }

  /**
   * Sets the files behind a gap aside. They may be sound, but with them the samples that the log
   * has of the time of the gap would be older than what their series has already.
   */
  private HeadChunks.Repair behindGap(List<HeadChunkFile> found, int first) {
    int before = found.get(first - 1).number();
    int behind = found.get(first).number();
    return allBehind(
        found,
        first,
        "head chunk files are missing in " + directory + " between " + before + " and " + behind);
  }

  private HeadChunks.Repair allBehind(List<HeadChunkFile> found, int first, String message) {
    long bytes = 0;
    int files = 0;
    while (found.size() > first) {
      bytes += setAside(found.removeLast());
      files++;
    }
    disk.syncDirectory(directory);
    return new HeadChunks.Repair(message + outcome(bytes, files), bytes, files);
  }

  /** Cuts a file behind what is sound and sets those behind it aside. */
  private HeadChunks.Repair cutAt(List<HeadChunkFile> found, int broken, RuntimeException why) {
    long bytes = 0;
    int files = 0;
    while (found.size() > broken + 1) {
      bytes += setAside(found.removeLast());
      files++;
    }
    HeadChunkFile file = found.removeLast();
    if (sound <= HeadChunkFile.HEADER) {
      bytes += setAside(file);
      files++;
    } else {
      bytes += file.flushed() - sound;
      keepTail(file);
      file.close();
      disk.truncate(file.path(), sound);
      HeadChunkFile shorter = new HeadChunkFile(disk, file.path(), file.number(), sound);
      shorter.sawTime(file.maxTime());
      found.add(shorter);
    }
    disk.syncDirectory(directory);
    return new HeadChunks.Repair(why.getMessage() + outcome(bytes, files), bytes, files);
  }

  private static String outcome(long bytes, int files) {
    return "; set aside: "
        + bytes
        + " bytes, "
        + files
        + " whole files; their samples come from the write-ahead log";
  }

  private long setAside(HeadChunkFile file) {
    long bytes = file.flushed();
    file.close();
    SetAside.move(disk, file.path());
    return bytes;
  }

  /**
   * Copies what is cut off, from the broken chunk on; on a full disk that has to be done without.
   */
  private void keepTail(HeadChunkFile file) {
    Path place = SetAside.place(disk, file.path());
    byte[] tail = new byte[(int) Math.min(file.flushed() - sound, MOST_TAIL)];
    file.copy(sound, tail);
    boolean done = false;
    try (OutputFile out = disk.create(place)) {
      out.write(tail, 0, tail.length);
      out.sync();
      done = true;
    } catch (DiskException e) {
      LOG.warn("what is cut off a head chunk file cannot be kept: {}", e.getMessage());
    } finally {
      if (!done) {
        disk.delete(place);
      }
    }
  }

  private static int i32(byte[] bytes, int at) {
    return (bytes[at] & 0xff) << 24
        | (bytes[at + 1] & 0xff) << 16
        | (bytes[at + 2] & 0xff) << 8
        | (bytes[at + 3] & 0xff);
  }

  private static long i64(byte[] bytes, int at) {
    return (long) i32(bytes, at) << 32 | (i32(bytes, at + 4) & 0xffff_ffffL);
  }

  /** The numbers of those paths that are files of chunks. */
  static IntStream numbers(List<Path> paths) {
    return paths.stream().mapToInt(HeadChunkLoader::number).filter(number -> number > 0);
  }

  private static int number(Path path) {
    Path name = path.getFileName();
    String text = name == null ? "" : name.toString();
    if (text.isEmpty() || text.length() > 9 || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    return Integer.parseInt(text);
  }
}
