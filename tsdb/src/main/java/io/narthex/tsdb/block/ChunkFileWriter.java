package io.narthex.tsdb.block;

import io.narthex.base.file.BufferedOutput;
import io.narthex.base.file.Disk;
import io.narthex.base.file.FileNumber;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Writes the chunk files of a block. Not thread-safe. */
final class ChunkFileWriter implements AutoCloseable {

  static final int MAGIC = 0x85BD40DD;
  static final int VERSION = 1;
  static final int HEADER = 8;

  /** Prometheus' size of a file. */
  static final long FILE_BYTES = 512L << 20;

  private static final int MAX_LENGTH_BYTES = 5;

  private final Disk disk;
  private final Path directory;
  private final long fileBytes;
  private @Nullable BufferedOutput out;
  private int files;
  // As Prometheus reckons: the chunks of a series, each at its greatest possible size, from where
  // the file stood when the series began.
  private long reckonedFrom;
  private long reckoned;
  private long written;

  ChunkFileWriter(Disk disk, Path directory, long fileBytes) {
    this.disk = disk;
    this.directory = directory;
    this.fileBytes = fileBytes;
    disk.createDirectories(directory);
  }

  static Path file(Path directory, int number) {
    return directory.resolve(FileNumber.text(number, 6));
  }

  /** Says that the next chunks are of another series. */
  void beginSeries() {
    reckonedFrom = out == null ? HEADER : out.position();
    reckoned = 0;
  }

  /** Writes a chunk and answers its reference. */
  long write(int encoding, byte[] data, int from, int length) {
    long most = MAX_LENGTH_BYTES + 1 + length + 4;
    reckoned += most;
    BufferedOutput to = out;
    if (to == null) {
      to = nextFile();
    } else if (reckonedFrom + reckoned > fileBytes && to.position() > HEADER) {
      to = nextFile();
      reckonedFrom = HEADER;
      reckoned = most;
    }
    long ref = (long) (files - 1) << 32 | to.position();
    to.uvarint(length);
    to.beginChecksum();
    to.u8(encoding);
    to.bytes(data, from, length);
    to.endChecksum();
    return ref;
  }

  /** The bytes of all files so far. */
  long bytes() {
    return written + (out == null ? 0 : out.position());
  }

  /** Makes the last file durable, and the directory. */
  void finish() {
    endFile();
    disk.syncDirectory(directory);
  }

  private BufferedOutput nextFile() {
    endFile();
    files++;
    BufferedOutput next = new BufferedOutput(disk.create(file(directory, files)));
    out = next;
    next.u32(MAGIC);
    next.u8(VERSION);
    next.pad(HEADER);
    return next;
  }

  private void endFile() {
    BufferedOutput last = out;
    if (last != null) {
      last.sync();
      written += last.position();
      last.close();
      out = null;
    }
  }

  @Override
  public void close() {
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
