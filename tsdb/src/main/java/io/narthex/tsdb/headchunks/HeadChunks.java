package io.narthex.tsdb.headchunks;

import io.narthex.base.bytes.Varint;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.FileNumber;
import io.narthex.base.file.OutputFile;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The full chunks of the head, on disk. Thread-safe.
 *
 * <p><b>Writing.</b> {@link #append} only fills a buffer and says where the chunk is going to be;
 * {@link #flush} writes all of them at once, and only then may their references be read. When a
 * flush fails, none of its chunks was written and their references mean nothing. Opening never
 * appends to a file that is there: the first chunk begins a new one.
 *
 * <p><b>Reading</b> goes through a {@link View}. Deleting a file takes its name away at once, but
 * it stays mapped until every view that was open then is closed, and {@link #reclaim} is called: no
 * reader waits for an unmapping, and none reads what is gone.
 *
 * <p><b>Errors.</b> Opening reads every chunk. At the first that is broken the file is cut, and the
 * files behind it are set aside, as are those behind a missing one; {@link #repair} says so. Their
 * samples come back from the write-ahead log, which holds whatever is not in a block.
 */
public final class HeadChunks implements AutoCloseable {

  /** Prometheus' size of a file. */
  public static final int FILE_BYTES = 128 << 20;

  /** The most bytes of a chunk's data. */
  public static final int MAX_DATA = 1 << 24;

  /** Is told of each chunk when the files are opened, in the order they were written. */
  public interface Visitor {

    /**
     * A chunk.
     *
     * @param chunkRef where it is, for {@link View#read}
     * @param minTime the time of its first sample, milliseconds since the epoch
     * @param maxTime the time of its last sample
     * @param encoding Prometheus' number
     * @param outOfOrder whether its samples came out of order
     * @param samples how many
     */
    void chunk(
        long chunkRef,
        long seriesRef,
        long minTime,
        long maxTime,
        int encoding,
        boolean outOfOrder,
        int samples);
  }

  /**
   * What opening could not use.
   *
   * @param message one line for the log
   * @param bytes the bytes that were set aside
   * @param files the whole files among them
   */
  public record Repair(String message, long bytes, int files) {}

  private final Disk disk;
  private final Path directory;
  private final int fileBytes;

  private final @Nullable Repair repair;
  private volatile HeadChunkFile[] files;

  // Writing, under the lock of this.
  private final CRC32C crc = new CRC32C();
  private @Nullable OutputFile out;
  private @Nullable HeadChunkFile current;
  private byte[] pending = new byte[1 << 16];
  private int pendingLength;
  private long pendingMaxTime = Long.MIN_VALUE;
  private boolean tornTail;
  private int lastNumber;
  private boolean closed;

  private final ReentrantLock turn = new ReentrantLock();

  // Views, under their own lock.
  private final TreeSet<Long> openViews = new TreeSet<>();
  private long nextView;
  private final List<Retired> retired = new ArrayList<>();

  private record Retired(HeadChunkFile file, long firstViewWithout) {}

  private HeadChunks(
      Disk disk, Path directory, int fileBytes, HeadChunkFile[] files, @Nullable Repair repair) {
    this.disk = disk;
    this.directory = directory;
    this.fileBytes = fileBytes;
    this.files = files;
    this.repair = repair;
    this.lastNumber = files.length == 0 ? 0 : files[files.length - 1].number();
  }

  /** Opens the files of a directory, created if it is missing, and reads every chunk once. */
  public static HeadChunks open(Disk disk, Path directory, Visitor visitor) {
    return open(disk, directory, FILE_BYTES, visitor);
  }

  /**
   * @param fileBytes the size from which a new file is begun
   */
  public static HeadChunks open(Disk disk, Path directory, int fileBytes, Visitor visitor) {
    disk.createDirectories(directory);
    HeadChunkLoader loader = new HeadChunkLoader(disk, directory, visitor);
    return new HeadChunks(disk, directory, fileBytes, loader.load(), loader.repair());
  }

  /**
   * Sets all files of a directory aside, whose first ones turned out to be missing, and opens it.
   */
  public static HeadChunks openWithoutFirst(Disk disk, Path directory) {
    HeadChunkLoader loader =
        new HeadChunkLoader(
            disk,
            directory,
            (ref, series, minTime, maxTime, encoding, outOfOrder, samples) -> {
              throw new IllegalStateException("a file was not set aside");
            });
    loader.setAllAside();
    return new HeadChunks(disk, directory, FILE_BYTES, loader.load(), loader.repair());
  }

  /**
   * The number of the first file of a directory, 0 if there is none or no directory; the very first
   * of all files is 1.
   */
  public static int firstNumber(Disk disk, Path directory) {
    return disk.exists(directory)
        ? HeadChunkLoader.numbers(disk.list(directory)).min().orElse(0)
        : 0;
  }

  /** What opening could not use, or null if all was sound. */
  public @Nullable Repair repair() {
    return repair;
  }

  /**
   * Adds a chunk to those that the next {@link #flush} writes.
   *
   * @param minTime the time of its first sample, milliseconds since the epoch
   * @param maxTime the time of its last sample
   * @param encoding Prometheus' number, 1 to 127
   * @return the chunk's reference, to be read once it is flushed
   */
  public synchronized long append(
      long seriesRef,
      long minTime,
      long maxTime,
      int encoding,
      boolean outOfOrder,
      byte[] data,
      int from,
      int length) {
    if (length > MAX_DATA) {
      throw new IllegalArgumentException("a chunk of " + length + " bytes");
    }
    ensureOpen();
    int size =
        HeadChunkFile.CHUNK_HEADER + Varint.unsignedSize(length) + length + HeadChunkFile.CHECKSUM;
    HeadChunkFile file = current;
    if (file == null || file.flushed() + pendingLength + size > fileBytes) {
      flush();
      endFile();
      file = beginFile();
    }
    if (pendingLength + size > pending.length) {
      pending = Arrays.copyOf(pending, Math.max(pendingLength + size, 2 * pending.length));
    }
    long offset = file.flushed() + pendingLength;
    int start = pendingLength;
    int at = put64(start, seriesRef);
    at = put64(at, minTime);
    at = put64(at, maxTime);
    pending[at++] = (byte) (encoding | (outOfOrder ? HeadChunkFile.OUT_OF_ORDER : 0));
    at = Varint.putUnsigned(pending, at, length);
    System.arraycopy(data, from, pending, at, length);
    at += length;
    crc.reset();
    crc.update(pending, start, at - start);
    pendingLength = put32(at, (int) crc.getValue());
    pendingMaxTime = Math.max(pendingMaxTime, maxTime);
    return (long) file.number() << 32 | offset;
  }

  /**
   * Writes the chunks that were appended since the last flush, after which they can be read.
   *
   * @throws HeadChunkException if they could not be written; then none of them was
   */
  public synchronized void flush() {
    ensureOpen();
    HeadChunkFile file = current;
    OutputFile to = out;
    if (pendingLength == 0 || file == null || to == null) {
      return;
    }
    try {
      cutTornTail(to, file);
      to.write(pending, 0, pendingLength);
    } catch (DiskException e) {
      tornTail = true;
      try {
        cutTornTail(to, file);
      } catch (DiskException again) {
        e.addSuppressed(again);
      }
      pendingLength = 0;
      throw failed(e);
    }
    file.sawTime(pendingMaxTime);
    file.flushed(to.position());
    pendingLength = 0;
    pendingMaxTime = Long.MIN_VALUE;
  }

  /**
   * To be held from the first {@link #append} to its {@link #flush} where several threads write: a
   * flush that fails forgets all that was appended before it.
   */
  public ReentrantLock turn() {
    return turn;
  }

  /** A reference above those of all chunks so far, and not above those of all to come. */
  public synchronized long place() {
    HeadChunkFile file = current;
    return file == null
        ? (long) (lastNumber + 1) << 32
        : (long) file.number() << 32 | (file.flushed() + pendingLength);
  }

  /**
   * Whether the chunks are there that had been written when {@link #place} said this, but for those
   * of files that were deleted since, the oldest first.
   */
  public synchronized boolean reaches(long place) {
    int number = (int) (place >>> 32);
    int offset = (int) place;
    if (number > lastNumber) {
      return number == lastNumber + 1 && offset == 0;
    }
    for (HeadChunkFile file : files) {
      if (file.number() == number) {
        return file.flushed() >= offset;
      }
    }
    return files.length == 0 || number < files[0].number();
  }

  /** Writes what was appended, and makes it durable. */
  public synchronized void sync() {
    flush();
    OutputFile to = out;
    HeadChunkFile file = current;
    if (to == null || file == null) {
      return;
    }
    try {
      cutTornTail(to, file);
      to.sync();
    } catch (DiskException e) {
      throw failed(e);
    }
  }

  /** Ends the file that is being written; the next chunk begins another. */
  public synchronized void cut() {
    flush();
    endFile();
  }

  /**
   * Deletes the oldest files while all their chunks end before a time. The file that is being
   * written is ended, so that it can go next time.
   *
   * @param minTime milliseconds since the epoch
   * @return how many files were deleted
   */
  public int truncate(long minTime) {
    return truncate(minTime, Integer.MAX_VALUE);
  }

  /**
   * The same, but keeps the files from one on: out-of-order chunks are older than what is kept.
   *
   * @param keepFrom the number of a file
   */
  public int truncate(long minTime, int keepFrom) {
    List<HeadChunkFile> gone = new ArrayList<>();
    synchronized (this) {
      for (HeadChunkFile file : files) {
        if (file == current || file.maxTime() >= minTime || file.number() >= keepFrom) {
          break;
        }
        if (!file.deleted()) {
          gone.add(file);
        }
      }
      cut();
      try {
        for (HeadChunkFile file : gone) {
          file.mapAll();
          disk.delete(file.path());
          file.markDeleted();
          // One by one, or a power cut might bring some back, and leave a gap that Prometheus
          // does not start with.
          disk.syncDirectory(directory);
        }
      } catch (DiskException e) {
        gone.removeIf(file -> !file.deleted());
        throw failed(e);
      } finally {
        synchronized (openViews) {
          gone.forEach(file -> retired.add(new Retired(file, nextView)));
        }
      }
    }
    reclaim();
    return gone.size();
  }

  /** Unmaps deleted files that no view can be reading. Not for the path of a query. */
  public void reclaim() {
    List<HeadChunkFile> free = new ArrayList<>();
    synchronized (openViews) {
      long oldest = openViews.isEmpty() ? nextView : openViews.first();
      retired.removeIf(r -> {
        if (r.firstViewWithout <= oldest) {
          free.add(r.file);
          return true;
        }
        return false;
      });
    }
    if (!free.isEmpty()) {
      synchronized (this) {
        files = Arrays.stream(files).filter(f -> !free.contains(f)).toArray(HeadChunkFile[]::new);
      }
      free.forEach(HeadChunkFile::close);
    }
  }

  /** Opens a view, through which chunks are read. */
  public View view() {
    synchronized (openViews) {
      long id = nextView++;
      openViews.add(id);
      return new View(id);
    }
  }

  /** The bytes of all files that are not deleted. */
  public synchronized long size() {
    long sum = 0;
    for (HeadChunkFile file : files) {
      sum += file.deleted() ? 0 : file.flushed();
    }
    return sum;
  }

  /** Flushes, makes the files durable and closes them; closing twice does nothing. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    try {
      flush();
      endFile();
    } finally {
      closed = true;
      for (HeadChunkFile file : files) {
        file.close();
      }
      files = new HeadChunkFile[0];
    }
  }

  /**
   * A reader's hold on the files: what is deleted while it is open stays readable. Thread-safe;
   * cheap to open.
   */
  public final class View implements AutoCloseable {
    private final long id;

    private View(long id) {
      this.id = id;
    }

    /**
     * Copies a chunk.
     *
     * @param chunkRef from {@link HeadChunks#append} or {@link Visitor#chunk}
     * @throws HeadChunkException if there is no such chunk or it is broken; the message names the
     *     file
     */
    public void read(long chunkRef, ChunkBytes into, CRC32C scratch) {
      file((int) (chunkRef >>> 32), chunkRef).read(chunkRef & 0xffff_ffffL, into, scratch);
    }

    @Override
    public void close() {
      synchronized (openViews) {
        openViews.remove(id);
      }
    }
  }

  private HeadChunkFile file(int number, long chunkRef) {
    HeadChunkFile[] all = files;
    if (all.length > 0) {
      // Numbers rarely have gaps.
      int guess = number - all[0].number();
      if (guess >= 0 && guess < all.length && all[guess].number() == number) {
        return all[guess];
      }
      for (HeadChunkFile file : all) {
        if (file.number() == number) {
          return file;
        }
      }
    }
    throw new HeadChunkException(
        "no head chunk file of number " + number + " for chunk " + Long.toHexString(chunkRef));
  }

  private HeadChunkFile beginFile() {
    HeadChunkFile[] all = files;
    int number = lastNumber + 1;
    Path path = directory.resolve(FileNumber.text(number, 6));
    try {
      OutputFile created = disk.create(path);
      boolean done = false;
      try {
        byte[] header = {
          (byte) (HeadChunkFile.MAGIC >> 24),
          (byte) (HeadChunkFile.MAGIC >> 16),
          (byte) (HeadChunkFile.MAGIC >> 8),
          (byte) HeadChunkFile.MAGIC,
          HeadChunkFile.VERSION,
          0,
          0,
          0
        };
        created.write(header, 0, header.length);
        disk.syncDirectory(directory);
        done = true;
      } finally {
        if (!done) {
          created.close();
          disk.delete(path);
        }
      }
      HeadChunkFile file = new HeadChunkFile(disk, path, number, HeadChunkFile.HEADER);
      HeadChunkFile[] more = Arrays.copyOf(all, all.length + 1);
      more[all.length] = file;
      files = more;
      lastNumber = number;
      out = created;
      current = file;
      return file;
    } catch (DiskException e) {
      throw failed(e);
    }
  }

  /** Makes the current file durable and closes it for writing. */
  private void endFile() {
    OutputFile full = out;
    HeadChunkFile file = current;
    if (full == null || file == null) {
      return;
    }
    out = null;
    current = null;
    try (full) {
      cutTornTail(full, file);
      full.sync();
    } catch (DiskException e) {
      throw failed(e);
    }
  }

  private void cutTornTail(OutputFile to, HeadChunkFile file) {
    if (tornTail) {
      to.truncate(file.flushed());
      tornTail = false;
    }
  }

  private void ensureOpen() {
    if (closed) {
      throw new HeadChunkException("the head's chunk files are closed");
    }
  }

  private static HeadChunkException failed(DiskException e) {
    return new HeadChunkException("head chunks: " + e.getMessage(), e);
  }

  private int put32(int at, int value) {
    pending[at] = (byte) (value >> 24);
    pending[at + 1] = (byte) (value >> 16);
    pending[at + 2] = (byte) (value >> 8);
    pending[at + 3] = (byte) value;
    return at + 4;
  }

  private int put64(int at, long value) {
    return put32(put32(at, (int) (value >> 32)), (int) value);
  }
}
