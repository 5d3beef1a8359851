package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.MappedFile;
import io.narthex.tsdb.chunk.XorDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** The chunk files of a block, mapped. Thread-safe. */
final class ChunkFiles implements AutoCloseable {

  /** A chunk copied out of its file. Reusable; belongs to one thread. */
  static final class Chunk {
    private final CRC32C crc = new CRC32C();
    private byte[] bytes = new byte[128]; // a query may have one for each of many blocks
    private int length;

    /** Holds the encoding, and from 1 on the data; {@link XorDecoder#PADDING} bytes follow. */
    byte[] bytes() {
      return bytes;
    }

    int encoding() {
      return bytes[0] & 0xff;
    }

    /** The number of bytes of data. */
    int length() {
      return length;
    }
  }

  private static final int MAX_LENGTH_BYTES = 5;

  private final Path directory;
  // Null where one is missing, which only a repair puts up with.
  private final @Nullable MappedFile[] files;

  private ChunkFiles(Path directory, @Nullable MappedFile[] files) {
    this.directory = directory;
    this.files = files;
  }

  /**
   * Maps the files and checks their headers.
   *
   * @throws BlockException if one is not a chunk file
   * @throws io.narthex.base.file.DiskException if one cannot be read
   */
  static ChunkFiles open(Disk disk, Path directory) {
    List<MappedFile> mapped = new ArrayList<>();
    boolean done = false;
    try {
      int last = last(disk, directory);
      for (int number = 1; number <= last; number++) {
        Path path = ChunkFileWriter.file(directory, number);
        if (!disk.exists(path)) {
          throw new BlockException("chunk file " + path + " is missing");
        }
        MappedFile file = disk.map(path);
        mapped.add(file);
        if (file.size() < ChunkFileWriter.HEADER) {
          throw new BlockException("chunk file " + file.path() + ": the header is missing");
        }
        if (file.i32(0) != ChunkFileWriter.MAGIC) {
          throw new BlockException(
              "chunk file "
                  + file.path()
                  + ": invalid magic number "
                  + Integer.toHexString(file.i32(0)));
        }
        if (file.u8(4) != ChunkFileWriter.VERSION) {
          throw new BlockException(
              "chunk file " + file.path() + ": invalid chunk format version " + file.u8(4));
        }
      }
      done = true;
      return new ChunkFiles(directory, mapped.toArray(MappedFile[]::new));
    } finally {
      if (!done) {
        mapped.forEach(MappedFile::close);
      }
    }
  }

  /**
   * Maps all files there are, whatever their headers say.
   *
   * @param problems is told of missing files and broken headers
   */
  static ChunkFiles openAny(Disk disk, Path directory, List<String> problems) {
    List<@Nullable MappedFile> mapped = new ArrayList<>();
    boolean done = false;
    try {
      int last = last(disk, directory);
      for (int number = 1; number <= last; number++) {
        Path path = ChunkFileWriter.file(directory, number);
        if (!disk.exists(path)) {
          problems.add("chunk file " + path + " is missing");
          mapped.add(null);
          continue;
        }
        MappedFile file = disk.map(path);
        mapped.add(file);
        boolean sound =
            file.size() >= ChunkFileWriter.HEADER
                && file.i32(0) == ChunkFileWriter.MAGIC
                && file.u8(4) == ChunkFileWriter.VERSION;
        if (!sound) {
          problems.add("chunk file " + path + ": the header is broken");
        }
      }
      done = true;
      return new ChunkFiles(directory, mapped.toArray(new @Nullable MappedFile[0]));
    } finally {
      if (!done) {
        close(mapped);
      }
    }
  }

  private static void close(List<@Nullable MappedFile> files) {
    for (MappedFile file : files) {
      if (file != null) {
        file.close();
      }
    }
  }

  /** The highest number of a file; 0 without one, as in a block without series. */
  private static int last(Disk disk, Path directory) {
    int last = 0;
    for (Path file : disk.list(directory)) {
      String name = String.valueOf(file.getFileName());
      if (name.length() == 6 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
        last = Math.max(last, Integer.parseInt(name));
      }
    }
    return last;
  }

  /**
   * Checks that the files reach as far as a chunk.
   *
   * @throws BlockException if they do not; it names the file
   */
  void ensureReach(long ref) {
    int number = (int) (ref >>> 32);
    long at = ref & 0xffff_ffffL;
    MappedFile file = number < 0 || number >= files.length ? null : files[number];
    if (file == null) {
      throw new BlockException(
          "chunk file " + ChunkFileWriter.file(directory, number + 1) + " is missing");
    }
    if (at >= file.size()) {
      throw new BlockException(
          "chunk file "
              + file.path()
              + " ends too early: it has "
              + file.size()
              + " bytes, and a chunk at "
              + at);
    }
  }

  /** The bytes of all files. */
  long size() {
    long sum = 0;
    for (MappedFile file : files) {
      sum += file == null ? 0 : file.size();
    }
    return sum;
  }

  /**
   * Copies a chunk and checks it.
   *
   * @throws BlockException if there is no sound chunk; it names the file
   */
  void read(long ref, Chunk into) {
    int number = (int) (ref >>> 32);
    MappedFile file = number < 0 || number >= files.length ? null : files[number];
    if (file == null) {
      throw new BlockException(
          "chunks " + directory + ": segment index " + number + " out of range");
    }
    long at = ref & 0xffff_ffffL;
    long place = at;
    long length = 0;
    int b;
    int shift = 0;
    do {
      if (place >= file.size() || shift == 7 * MAX_LENGTH_BYTES) {
        throw broken(file, at, "the length of the chunk cannot be read");
      }
      b = file.u8(place++);
      length |= (long) (b & 0x7f) << shift;
      shift += 7;
    } while (b >= 0x80);
    long end = place + 1 + length;
    if (at < ChunkFileWriter.HEADER || end + 4 > file.size()) {
      throw broken(
          file,
          at,
          "segment doesn't include enough bytes to read the chunk - required:"
              + (end + 4)
              + ", available:"
              + file.size());
    }
    int checked = (int) (1 + length);
    if (checked + XorDecoder.PADDING > into.bytes.length) {
      into.bytes = new byte[Math.max(checked + XorDecoder.PADDING, 2 * into.bytes.length)];
    }
    file.copy(place, into.bytes, 0, checked);
    into.length = (int) length;
    into.crc.reset();
    into.crc.update(into.bytes, 0, checked);
    int actual = (int) into.crc.getValue();
    int expected = file.i32(end);
    if (actual != expected) {
      throw broken(
          file,
          at,
          "checksum mismatch expected:"
              + Integer.toHexString(expected)
              + ", actual:"
              + Integer.toHexString(actual));
    }
  }

  private static BlockException broken(MappedFile file, long at, String reason) {
    return new BlockException("chunk file " + file.path() + " at " + at + ": " + reason);
  }

  @Override
  public void close() {
    close(Arrays.asList(files));
  }
}
