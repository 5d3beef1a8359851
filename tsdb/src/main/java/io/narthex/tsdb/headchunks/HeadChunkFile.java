package io.narthex.tsdb.headchunks;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.MappedFile;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * One file of chunks, for reading. A file that is still being written is mapped piece by piece as
 * readers ask for what was flushed since; a piece begins and ends between two chunks.
 */
final class HeadChunkFile {

  static final int MAGIC = 0x0130BC91;
  static final int VERSION = 1;
  static final int HEADER = 8;

  /** Bytes before the length of a chunk's data. */
  static final int CHUNK_HEADER = 25;

  static final int OUT_OF_ORDER = 0x80;
  static final int CHECKSUM = 4;
  private static final int MAX_LENGTH_BYTES = 5;

  private record Piece(long from, MappedFile map) {}

  private final Disk disk;
  private final Path path;
  private final int number;
  private volatile Piece[] pieces = new Piece[0];
  private volatile long flushed;
  private volatile long maxTime = Long.MIN_VALUE;
  private volatile boolean deleted;
  private boolean closed;

  HeadChunkFile(Disk disk, Path path, int number, long flushed) {
    this.disk = disk;
    this.path = path;
    this.number = number;
    this.flushed = flushed;
  }

  Path path() {
    return path;
  }

  int number() {
    return number;
  }

  long maxTime() {
    return maxTime;
  }

  /** Only one thread at a time calls this. */
  void sawTime(long time) {
    if (time > maxTime) {
      maxTime = time;
    }
  }

  /** Whether the file has no name any more, and lives only as long as its readers. */
  boolean deleted() {
    return deleted;
  }

  void markDeleted() {
    deleted = true;
  }

  /** The bytes that readers may see. */
  long flushed() {
    return flushed;
  }

  void flushed(long length) {
    flushed = length;
  }

  /**
   * Copies a chunk out of the file and checks it.
   *
   * @return the offset behind the chunk
   * @throws HeadChunkException if there is no sound chunk
   */
  long read(long offset, ChunkBytes into, CRC32C crc) {
    if (offset < HEADER || offset + CHUNK_HEADER + 1 + CHECKSUM > flushed) {
      throw broken(offset, "no chunk begins there");
    }
    Piece piece = piece(offset);
    MappedFile map = piece.map;
    long at = offset - piece.from;
    long left = map.size() - at;
    // The length of the data: an unsigned varint of at most five bytes.
    long length = 0;
    int lengthBytes = 0;
    int b;
    do {
      if (lengthBytes == MAX_LENGTH_BYTES || CHUNK_HEADER + lengthBytes >= left) {
        throw broken(offset, "the length of its data cannot be read");
      }
      b = map.u8(at + CHUNK_HEADER + lengthBytes);
      length |= (long) (b & 0x7f) << (7 * lengthBytes);
      lengthBytes++;
    } while (b >= 0x80);
    long data = CHUNK_HEADER + (long) lengthBytes;
    if (data + length + CHECKSUM > left) {
      throw broken(
          offset,
          "the file doesn't include enough bytes to read the chunk - required:"
              + (offset + data + length + CHECKSUM)
              + ", available:"
              + flushed);
    }
    int checked = (int) (data + length);
    byte[] bytes = into.reserve(checked);
    map.copy(at, bytes, 0, checked);
    crc.reset();
    crc.update(bytes, 0, checked);
    int expected = map.i32(at + checked);
    int actual = (int) crc.getValue();
    if (actual != expected) {
      throw broken(
          offset,
          "checksum mismatch expected:"
              + Integer.toHexString(expected)
              + ", actual:"
              + Integer.toHexString(actual));
    }
    into.set((int) data, (int) length, bytes[CHUNK_HEADER - 1]);
    return offset + checked + CHECKSUM;
  }

  /** Copies bytes from an offset on, as many as the array takes. */
  void copy(long offset, byte[] into) {
    Piece piece = piece(offset);
    piece.map.copy(offset - piece.from, into, 0, into.length);
  }

  /** Whether nothing but zeros follows, which ends a file whose space was reserved. */
  boolean endsAt(long offset) {
    Piece piece = piece(offset);
    long at = offset - piece.from;
    long end = Math.min(piece.map.size(), at + CHUNK_HEADER - 1);
    while (at < end) {
      if (piece.map.u8(at) != 0) {
        return false;
      }
      at++;
    }
    return true;
  }

  HeadChunkException broken(long offset, String reason) {
    return new HeadChunkException("head chunk file " + path + " at " + offset + ": " + reason);
  }

  /** The piece that holds an offset below {@link #flushed}. */
  private Piece piece(long offset) {
    Piece[] all = pieces;
    int low = 0;
    int high = all.length - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      Piece piece = all[middle];
      if (offset < piece.from) {
        high = middle - 1;
      } else if (offset >= piece.from + piece.map.size()) {
        low = middle + 1;
      } else {
        return piece;
      }
    }
    return mapRest(offset);
  }

  /** Maps what is not mapped yet: once the name is gone nobody can. */
  void mapAll() {
    if (flushed > 0) {
      piece(flushed - 1);
    }
  }

  private synchronized Piece mapRest(long offset) {
    if (closed) {
      throw broken(offset, "the file is closed");
    }
    Piece[] all = pieces;
    long mapped = all.length == 0 ? 0 : all[all.length - 1].from + all[all.length - 1].map.size();
    if (offset < mapped) {
      return piece(offset); // Another thread was faster.
    }
    try {
      Piece piece = new Piece(mapped, disk.map(path, mapped, flushed - mapped));
      Piece[] more = Arrays.copyOf(all, all.length + 1);
      more[all.length] = piece;
      pieces = more;
      return piece;
    } catch (DiskException e) {
      throw new HeadChunkException("head chunks: " + e.getMessage(), e);
    }
  }

  /** Unmaps everything; nobody reads any more. */
  synchronized void close() {
    closed = true;
    for (Piece piece : pieces) {
      piece.map.close();
    }
    pieces = new Piece[0];
  }
}
