package io.narthex.tsdb.wal;

import io.narthex.base.compress.Snappy;
import io.narthex.base.compress.Zstd;
import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import io.narthex.base.time.Clock;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Writes a write-ahead log in Prometheus' format. Thread-safe: a batch is written whole, behind the
 * batches before it.
 *
 * <p><b>What it promises.</b> When {@link #append(WalBatch)} returns, the records have been handed
 * to the operating system: they survive the death of the process. A segment is made durable when it
 * is full, and when the log is closed; {@link #sync} does it at once. It is Prometheus' promise, no
 * more.
 *
 * <p><b>Errors.</b> When a write fails (a full disk), the segment is cut back to where the batch
 * began, so that no torn record stands before a sound one; the next batch may succeed. Were a torn
 * record left there, a restart would cut the log at it and lose what came after.
 *
 * <p><b>Segments.</b> Opening begins a new one, numbered behind the last: nothing is ever appended
 * to what another process wrote. A record does not cross segments. Full segments are made durable
 * by a thread of their own, for which no writer waits.
 */
public final class Wal implements AutoCloseable {

  /** Bytes of a page: fragments do not cross pages. */
  static final int PAGE = 32 * 1024;

  /** Bytes before each fragment: type, length, checksum. */
  static final int HEADER = 7;

  static final int FULL = 1;
  static final int FIRST = 2;
  static final int MIDDLE = 3;
  static final int LAST = 4;

  /** Prometheus' size of a segment. */
  public static final int SEGMENT_BYTES = 128 << 20;

  private static final int WRITE_BYTES = 1 << 20;

  private final Disk disk;
  private final Clock clock;
  private final Path directory;
  private final int segmentBytes;
  private final WalCompression compression;
  private final Snappy snappy = new Snappy();
  private final Zstd zstd = new Zstd();

  private OutputFile file;
  private int segment;
  private boolean closed;

  private final Frames pending = new Frames();
  private byte[] compressed = new byte[PAGE];
  // The segment's length when the batch began, and whether it must be cut back to it.
  private long soundLength;
  private boolean tornTail;

  private final List<FullSegment> syncing = new ArrayList<>();
  private long records;
  private long recordBytes;
  private long writtenBytes;
  private long savedBytes;
  private long fsyncs;
  private long fsyncNanos;
  private long pageFlushes;
  private long truncations;
  private long failedTruncations;
  private long failedWrites;
  private @Nullable DiskException syncFailure;
  private LongConsumer fsyncListener = nanos -> {};

  private Wal(
      Disk disk,
      Clock clock,
      Path directory,
      int segmentBytes,
      WalCompression compression,
      int firstSegment) {
    this.disk = disk;
    this.clock = clock;
    this.directory = directory;
    this.segmentBytes = segmentBytes;
    this.compression = compression;
    this.segment = firstSegment;
    this.file = create(firstSegment);
  }

  /** Opens a log with segments of Prometheus' size. */
  public static Wal open(Disk disk, Clock clock, Path directory, WalCompression compression) {
    return open(disk, clock, directory, SEGMENT_BYTES, compression);
  }

  /**
   * Opens a log and begins a new segment.
   *
   * @param clock times the calls of fsync
   * @param segmentBytes the size of a segment, a multiple of 32 KiB
   */
  public static Wal open(
      Disk disk, Clock clock, Path directory, int segmentBytes, WalCompression compression) {
    if (segmentBytes <= 0 || segmentBytes % PAGE != 0) {
      throw new IllegalArgumentException("invalid segment size " + segmentBytes);
    }
    disk.createDirectories(directory);
    WalDirectory files = new WalDirectory(disk, directory);
    List<WalDirectory.Segment> there = files.segments();
    WalDirectory.CheckpointEntry checkpoint = files.lastCheckpoint();
    int first = there.isEmpty() ? 0 : there.getLast().number() + 1;
    if (checkpoint != null) {
      // A segment that a checkpoint stands for would not be replayed.
      first = Math.max(first, checkpoint.number() + 1);
    }
    return new Wal(disk, clock, directory, segmentBytes, compression, first);
  }

  /** What lies in the log's directory. */
  public WalDirectory files() {
    return new WalDirectory(disk, directory);
  }

  Disk disk() {
    return disk;
  }

  Clock clock() {
    return clock;
  }

  int segmentBytes() {
    return segmentBytes;
  }

  WalCompression compression() {
    return compression;
  }

  /** How records are compressed. */
  public WalCompression recordCompression() {
    return compression;
  }

  /**
   * How records are compressed, in Prometheus' words: {@code none}, {@code snappy}, {@code zstd}.
   */
  public String compressionName() {
    return compression.name().toLowerCase(Locale.ROOT);
  }

  /**
   * Where the next record goes.
   *
   * @param offset in the segment; everything before it has been written
   */
  public record Place(int segment, long offset) implements Comparable<Place> {

    @Override
    public int compareTo(Place other) {
      int order = Integer.compare(segment, other.segment);
      return order != 0 ? order : Long.compare(offset, other.offset);
    }
  }

  /** Where the next record goes, unless it begins a new segment. */
  public synchronized Place place() {
    return new Place(segment, file.position());
  }

  /** The number of the segment that is being written. */
  public synchronized int segment() {
    return segment;
  }

  /**
   * Appends one record.
   *
   * @throws WalException if it could not be written; then nothing of it stays
   */
  public synchronized void append(byte[] record, int from, int length) {
    start();
    frame(record, from, length);
    flush();
  }

  /**
   * Appends the records of a batch in one write.
   *
   * @throws WalException if they could not be written; then nothing of them stays in the segment
   *     that is being written (those of a batch that had filled one stay there)
   */
  public synchronized void append(WalBatch batch) {
    start();
    for (int i = 0; i < batch.records(); i++) {
      int from = batch.start(i);
      frame(batch.bytes(), from, batch.end(i) - from);
    }
    flush();
  }

  /**
   * Ends the segment and begins the next one.
   *
   * @return the new segment's number
   */
  public synchronized int cut() {
    start();
    nextSegment();
    return segment;
  }

  /**
   * Makes everything durable that was appended before, of full segments too. Others may append
   * meanwhile.
   */
  public void sync() {
    while (true) {
      List<FullSegment> full;
      OutputFile last;
      synchronized (this) {
        ensureOpen();
        full = List.copyOf(syncing);
        last = file;
      }
      try {
        full.forEach(FullSegment::sync);
        syncLast(last);
        return;
      } catch (DiskException e) {
        synchronized (this) {
          if (last == file) {
            throw new WalException("write-ahead log: " + e.getMessage(), e);
          }
          // It became full meanwhile, and was closed: once again.
        }
      }
    }
  }

  /** Deletes the segments below a number; those must be covered by a checkpoint. */
  public synchronized void truncate(int below) {
    truncations++;
    syncing.removeIf(full -> full.number() < below && !full.thread().isAlive());
    try {
      for (WalDirectory.Segment s : WalDirectory.segments(disk, directory)) {
        if (s.number() < below && s.number() < segment) {
          disk.delete(s.file());
          // One by one, or a power cut might bring some back, and leave a gap behind them.
          disk.syncDirectory(directory);
        }
      }
    } catch (DiskException e) {
      failedTruncations++;
      throw new WalException("truncate the write-ahead log: " + e.getMessage(), e);
    }
  }

  /** Makes the log durable and closes it; closing twice does nothing. */
  @Override
  public void close() {
    List<Thread> waiting;
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      waiting = syncing.stream().map(FullSegment::thread).toList();
      try {
        cutTornTail();
        sync(file);
      } finally {
        file.close();
      }
    }
    boolean interrupted = false;
    for (Thread thread : waiting) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    synchronized (this) {
      reportSyncFailure();
    }
  }

  /** Records appended. */
  public synchronized long records() {
    return records;
  }

  /** Bytes of records appended, before compression. */
  public synchronized long recordBytes() {
    return recordBytes;
  }

  /** Bytes written to segments. */
  public synchronized long writtenBytes() {
    return writtenBytes;
  }

  /** Bytes that compression saved. */
  public synchronized long savedBytes() {
    return savedBytes;
  }

  /** Parts of records that were made: a record is one, or one for each page it is in. */
  public synchronized long parts() {
    return pending.parts();
  }

  /** The bytes of the parts, with their headers. */
  public synchronized long partBytes() {
    return pending.partBytes();
  }

  /** Calls of fsync. */
  public synchronized long fsyncs() {
    return fsyncs;
  }

  /** Nanoseconds spent in fsync. */
  public synchronized long fsyncNanos() {
    return fsyncNanos;
  }

  /** From now on a listener is told how many nanoseconds each fsync took; it must be quick. */
  public synchronized void onFsync(LongConsumer listener) {
    fsyncListener = listener;
  }

  /** Writes to the current page or pages. */
  public synchronized long pageFlushes() {
    return pageFlushes;
  }

  /** Pages filled. */
  public synchronized long completedPages() {
    return pending.completedPages();
  }

  /** Attempts to delete segments. */
  public synchronized long truncations() {
    return truncations;
  }

  /** Attempts to delete segments that failed. */
  public synchronized long failedTruncations() {
    return failedTruncations;
  }

  /** Appends that failed. */
  public synchronized long failedWrites() {
    return failedWrites;
  }

  private void start() {
    ensureOpen();
    failedWrites += syncFailure == null ? 0 : 1;
    reportSyncFailure();
    if (tornTail) {
      try {
        cutTornTail();
      } catch (DiskException e) {
        failedWrites++;
        throw new WalException("write-ahead log: " + e.getMessage(), e);
      }
    }
    pending.begin(file.position());
    soundLength = file.position();
  }

  private void ensureOpen() {
    if (closed) {
      throw new WalException("the write-ahead log is closed");
    }
  }

  private void reportSyncFailure() {
    DiskException failure = syncFailure;
    if (failure != null) {
      syncFailure = null;
      throw new WalException("write-ahead log: " + failure.getMessage(), failure);
    }
  }

  /** Turns a record into fragments behind what is pending. */
  private void frame(byte[] record, int from, int length) {
    if (length > WalReader.MAX_RECORD) {
      throw refused(length);
    }
    byte[] data = record;
    int at = from;
    int left = length;
    int flag = 0;
    if (compression != WalCompression.NONE && length > 0) {
      int n = compress(record, from, length);
      if (n < length) {
        data = compressed;
        at = 0;
        left = n;
        flag = compression.flag();
        savedBytes += length - n;
      }
    }
    if (left > pending.room(segmentBytes) && pending.position() > 0) {
      nextSegment();
    }
    records++;
    recordBytes += length;
    pending.add(data, at, left, flag);
    if (pending.length() >= WRITE_BYTES) {
      flush();
    }
  }

  /** Forgets the batch; the next one, or closing, takes back what of it is in the segment. */
  private WalException refused(int length) {
    failedWrites++;
    pending.begin(soundLength);
    tornTail = true;
    return new WalException("write-ahead log: a record of " + length + " bytes is too long");
  }

  private int compress(byte[] record, int from, int length) {
    return switch (compression) {
      case NONE -> length;
      case SNAPPY -> {
        reserveCompressed(snappy.maxCompressedLength(length));
        yield snappy.compress(record, from, length, compressed, 0);
      }
      case ZSTD -> {
        reserveCompressed(zstd.maxCompressedLength(length));
        yield zstd.compress(record, from, length, compressed, 0);
      }
    };
  }

  private void reserveCompressed(int bytes) {
    if (bytes > compressed.length) {
      compressed = new byte[Math.max(bytes, 2 * compressed.length)];
    }
  }

  private void nextSegment() {
    pending.endPage();
    flush();
    OutputFile next;
    try {
      next = create(segment + 1);
    } catch (DiskException e) {
      throw failed(e);
    }
    // One that could not be made durable is remembered until a checkpoint has what is in it.
    syncing.removeIf(FullSegment::isDurable);
    long start = clock.nanos();
    syncing.add(new FullSegment(segment, file, failure -> synced(start, failure)));
    file = next;
    segment++;
    soundLength = 0;
    pending.begin(0);
  }

  private OutputFile create(int number) {
    OutputFile created = disk.create(directory.resolve(WalDirectory.segmentName(number)));
    boolean done = false;
    try {
      disk.syncDirectory(directory);
      done = true;
      return created;
    } finally {
      if (!done) {
        created.close();
      }
    }
  }

  private synchronized void synced(long start, @Nullable DiskException failure) {
    countFsync(clock.nanos() - start);
    if (failure != null) {
      syncFailure = failure;
    }
  }

  private void syncLast(OutputFile last) {
    long start = clock.nanos();
    try {
      last.sync();
    } finally {
      synchronized (this) {
        countFsync(clock.nanos() - start);
      }
    }
  }

  private void sync(OutputFile what) {
    long start = clock.nanos();
    try {
      what.sync();
    } catch (DiskException e) {
      throw new WalException("write-ahead log: " + e.getMessage(), e);
    } finally {
      countFsync(clock.nanos() - start);
    }
  }

  private void countFsync(long nanos) {
    fsyncs++;
    fsyncNanos += nanos;
    fsyncListener.accept(nanos);
  }

  private void flush() {
    if (pending.length() == 0) {
      return;
    }
    try {
      file.write(pending.bytes(), 0, pending.length());
    } catch (DiskException e) {
      throw failed(e);
    }
    writtenBytes += pending.length();
    pageFlushes++;
    pending.begin(file.position());
  }

  /** Takes back what of the batch is in the segment; if that fails too, the next batch tries. */
  private WalException failed(DiskException e) {
    failedWrites++;
    tornTail = true;
    try {
      cutTornTail();
    } catch (DiskException again) {
      e.addSuppressed(again);
    }
    return new WalException("write-ahead log: " + e.getMessage(), e);
  }

  private void cutTornTail() {
    if (tornTail) {
      file.truncate(soundLength);
      tornTail = false;
    }
  }
}
