package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.MappedFile;
import io.narthex.tsdb.chunk.XorDecoder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;

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
  private final MappedFile[] files;

  private ChunkFiles(Path directory, MappedFile[] files) {
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
      // A block without series has no chunk file.
      for (int number = 1; disk.exists(ChunkFileWriter.file(directory, number)); number++) {
        MappedFile file = disk.map(ChunkFileWriter.file(directory, number));
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

  /** The bytes of all files. */
  long size() {
    long sum = 0;
    for (MappedFile file : files) {
      sum += file.size();
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
    if (number < 0 || number >= files.length) {
      throw new BlockException(
          "chunks " + directory + ": segment index " + number + " out of range");
    }
    MappedFile file = files[number];
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
    for (MappedFile file : files) {
      file.close();
    }
  }
}
