package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Appendable;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.exemplar.ExemplarStorage;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateCut;
import io.narthex.tsdb.outoforder.OutOfOrder;
import io.narthex.tsdb.snapshot.SnapshotWriter;
import java.lang.invoke.VarHandle;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * The head: all series that have samples younger than the last block, and these samples.
 *
 * <p><b>Shape.</b> A series is a slot; its state is a {@link Rows row} off the heap, its labels are
 * numbers of {@link LabelPairs pairs}, its open chunk grows in 64-byte blocks, its full chunks wait
 * in memory until {@link #storeChunks} moves them to files. The heap holds bitmaps of the common
 * pairs, the young chunks of {@link Histograms histograms}, and little else, however many series
 * there are.
 *
 * <p><b>Threads.</b> Writers belong to {@link Group groups} and take their group's lock once for
 * each commit. Readers take no lock to read samples: they copy a row and its bytes, and copy again
 * if the row's stamp has moved. What a reader may see is {@link Isolation}'s matter. Finding series
 * takes the {@link SeriesIndex index}' lock. Locks are taken in this order: index, groups by
 * number, isolation, allocator.
 *
 * <p>Thread-safe.
 */
public final class Head implements Appendable, Queryable, AutoCloseable {

  private static final long CLOSE_MILLIS = 10_000;

  final HeadOptions options;
  final HeadCounters counters = new HeadCounters();
  final SlabAllocator allocator;
  final Isolation isolation = new Isolation();
  final SeriesIndex index;
  final Histograms histograms;
  final CommitLog log;
  final Batch.Pool batches = new Batch.Pool();
  final ExemplarStorage exemplars = new ExemplarStorage(0);
  final SeriesMetadata metadata = new SeriesMetadata();
  final OutOfOrder outOfOrder;
  private volatile @Nullable HeadChunks files;

  private final Groups groups = new Groups();

  private final AtomicLong minTime = new AtomicLong(Long.MAX_VALUE);
  private final AtomicLong maxTime = new AtomicLong(Long.MIN_VALUE);
  private volatile long minValidTime = Long.MIN_VALUE;
  private volatile Tombstones deleted = Tombstones.NONE;
  private volatile @Nullable StartUp startUp;
  private volatile long filledUpTo = Long.MAX_VALUE;
  private volatile boolean closed;

  /**
   * An empty head.
   *
   * @param log where commits go first
   * @param files where full chunks go; they stay in memory if it is null
   */
  public Head(HeadOptions options, CommitLog log, @Nullable HeadChunks files) {
    this.options = options;
    this.log = log;
    this.files = files;
    histograms = new Histograms(options.forms());
    allocator = new SlabAllocator(options.checking());
    outOfOrder =
        new OutOfOrder(
            allocator,
            isolation::seenByAll,
            counters.chunks,
            counters.chunksCreated,
            counters.chunksRemoved);
    outOfOrder.forms(options.forms());
    if (files != null) {
      outOfOrder.files(files);
    }
    index = new SeriesIndex(allocator, isolation, counters, options.maxSeries(), groups::free);
  }

  /**
   * Begins to fill the head from disk; the caller hands the replay to whoever reads files and log.
   *
   * @param minValidTime samples before this time are in blocks already, milliseconds
   */
  public HeadReplay replay(long minValidTime) {
    return new HeadReplay(this, minValidTime);
  }

  /** Lets writers wait for a replay that is to come. To be called before there are any. */
  public void awaitReplay() {
    startUp = new StartUp();
  }

  /** Sends those away who wait for the replay: it has failed, or will not come. */
  public void abandonReplay() {
    StartUp start = startUp;
    if (start != null) {
      start.giveUp();
    }
  }

  /** What is to come before commits write rows, or null. */
  @Nullable StartUp startUp() {
    return startUp;
  }

  void seriesKnown() {
    StartUp start = startUp;
    if (start != null) {
      start.seriesKnown();
    }
  }

  /** Ends the replay with its last work. */
  void replayed(Runnable last) {
    StartUp start = startUp;
    if (start == null) {
      last.run();
    } else {
      start.finish(last);
      startUp = null;
    }
  }

  /** Sets the files for full chunks, which a replay has to read before. */
  public void files(HeadChunks chunks) {
    files = chunks;
    outOfOrder.files(chunks);
  }

  /** The samples that came too late to be appended in order. */
  public OutOfOrder outOfOrder() {
    return outOfOrder;
  }

  /** Makes chunks of all late samples, for blocks; what comes later is not among them. */
  public LateCut cutOutOfOrder() {
    return new HeadLate(this).cut(files);
  }

  /** Hands out the late samples of a range of time, as a block holds them; both ends inclusive. */
  public void exportOutOfOrder(LateCut cut, long from, long to, ChunkSink sink) {
    ensureOpen();
    new HeadLate(this).export(cut, files, from, to, sink);
  }

  /** Drops late samples that are in blocks; no reader is left that was opened before. */
  public void dropOutOfOrder(LateCut cut) {
    new HeadLate(this).drop(cut);
  }

  @Override
  public AppendGroup group() {
    ensureOpen();
    return new HeadAppender(this, newGroup());
  }

  Group newGroup() {
    return groups.create(index);
  }

  void closeGroup(Group group) {
    groups.close(group, index);
  }

  /** All groups. */
  List<Group> groups() {
    return groups.all();
  }

  Group group(int number) {
    return groups.get(number);
  }

  /** The group that has a number, or null if it is gone. */
  @Nullable Group findGroup(int number) {
    return groups.find(number);
  }

  /** The group of a row; a moment later it may be of another, which has adopted its series. */
  Group ownerOf(long row) {
    while (true) {
      Group owner = groups.find(Rows.group(row));
      if (owner != null) {
        return owner;
      }
      Thread.onSpinWait(); // gone, as the row has been adopted since
    }
  }

  /**
   * Lets go of the groups of producers that are gone whose series others have taken over, such as
   * those of all targets of a job that a reload has changed.
   */
  public void dropEmptyGroups() {
    groups.dropEmpty(index);
  }

  @Override
  public Querier querier(long minTime, long maxTime) {
    ensureOpen();
    HeadChunks chunks = files;
    return new HeadQuerier(
        this, isolation.reader(), chunks == null ? null : chunks.view(), minTime, maxTime, null);
  }

  /**
   * A view of what is there while the head is being filled: what has come into rows so far, each
   * series up to another time, without late samples; and what this process has written, each commit
   * whole or not at all. Deletions are known. Blocks the replay no more than other queriers block
   * writers.
   *
   * @param log hands out what this process has written
   */
  public Querier earlyQuerier(long minTime, long maxTime, StartLog log) {
    ensureOpen();
    HeadChunks chunks = files;
    return new HeadQuerier(
        this,
        isolation.earlyReader(() -> filledUpTo),
        chunks == null ? null : chunks.view(),
        minTime,
        maxTime,
        log);
  }

  /** Notes that what comes into rows now was written by this process, behind all that was there. */
  void filledUpTo(long time) {
    filledUpTo = time;
  }

  void ensureOpen() {
    if (closed) {
      throw new StorageException("the database is closed");
    }
  }

  /**
   * Sets the encoding of the chunks of floats that are begun from now on.
   *
   * @param xor2 whether it is XOR2 rather than XOR
   * @throws IllegalArgumentException if the head keeps start timestamps, which XOR cannot hold
   */
  public void floatChunks(boolean xor2) {
    SampleForms old = options.forms();
    SampleForms forms = new SampleForms(old.starts(), xor2, old.histogramStarts());
    histograms.xor2 = xor2;
    outOfOrder.forms(forms);
  }

  /** How samples are written now. */
  public SampleForms forms() {
    return outOfOrder.forms();
  }

  /** What the head has counted. */
  public HeadCounters counters() {
    return counters;
  }

  /** The exemplars of the series; at first there is no room for any. */
  public ExemplarStorage exemplars() {
    return exemplars;
  }

  /** The number of series. */
  public int series() {
    return index.series();
  }

  /**
   * Drops the chunks that end before a time and the series that have none left; from now on older
   * samples are refused. One call at a time.
   *
   * @param time milliseconds since the epoch
   * @return the references of the series that are gone
   */
  public long[] truncate(long time) {
    long[] gone = new HeadCollector(this).truncate(time);
    if (!deleted.isEmpty()) {
      deleted = deleted.from(time, gone);
    }
    if (gone.length > 0) {
      metadata.keep(refs());
    }
    return gone;
  }

  /**
   * Deletes samples that are there now. One call at a time, and not while {@link #truncate} or
   * {@link #export} is at work.
   *
   * @param from the first millisecond
   * @param to the last millisecond, inclusive
   * @param matchers which series; at least one
   * @throws StorageException if the log cannot be written; then nothing is deleted
   */
  public void delete(long from, long to, List<Matcher> matchers) {
    ensureOpen();
    Tombstones next = new HeadDeletion(this, from, to).run(matchers, deleted);
    if (next != null) {
      deleted = next;
    }
  }

  /** What is deleted, by the references of series. */
  Tombstones deleted() {
    return deleted;
  }

  /** Sets what is deleted, after a replay. */
  void deleted(Tombstones all) {
    deleted = all;
  }

  /**
   * Hands out what the head holds in a range of time, as a block holds it.
   *
   * @param from the first millisecond
   * @param to the last millisecond, inclusive
   */
  public void export(long from, long to, ChunkSink sink) {
    export(from, to, null, sink);
  }

  /** The same for some series; {@code wanted} has their slots. */
  void export(long from, long to, @Nullable BitSet wanted, ChunkSink sink) {
    ensureOpen();
    HeadChunks chunks = files;
    try (Isolation.Reader visible = isolation.reader();
        HeadChunks.View view = chunks == null ? null : chunks.view()) {
      HeadReader reader = new HeadReader(this, visible, view, new int[0]);
      new HeadExport(this, reader, from, to, wanted).run(sink);
    }
  }

  /** The series that have ended by now. */
  public EndedSeries endedSeries() {
    ensureOpen();
    return new EndedSeries(this);
  }

  /** Removes the series without samples; returns their references. */
  long[] collectEmpty() {
    long[] gone = new HeadCollector(this).collect();
    if (gone.length > 0) {
      metadata.keep(refs());
      if (!deleted.isEmpty()) {
        deleted = deleted.from(Long.MIN_VALUE, gone);
      }
    }
    return gone;
  }

  /**
   * Waits until all batches that are open now have ended.
   *
   * @return false if one will not
   */
  public boolean awaitBatches() {
    return new HeadCollector(this).awaitBatches();
  }

  /** A mark for {@link #noReaderBefore}. */
  public long mark() {
    return isolation.removal();
  }

  /** Whether all queriers are closed that were opened before a mark was made. */
  public boolean noReaderBefore(long mark) {
    return isolation.isFree(mark);
  }

  /** Whether the head spans so much time that its oldest range may become a block. */
  public boolean isCompactable() {
    return !isEmpty()
        && minTime() != Long.MAX_VALUE
        && maxTime() - minTime() > options.chunkRangeMillis() / 2 * 3;
  }

  /** The end of the range in which the oldest sample lies, exclusive. */
  public long blockMaxTime() {
    return SeriesWriter.rangeEnd(minTime(), options.chunkRangeMillis());
  }

  /**
   * Where the series come from; each list has at most {@code limit} entries.
   *
   * @throws StorageException if the head is closed
   */
  public DatabaseAdmin.Cardinality cardinality(int limit) {
    try (Isolation.Reader held = hold()) {
      if (held == null) {
        throw new StorageException("the database is closed");
      }
      return countCardinality(limit);
    }
  }

  private DatabaseAdmin.Cardinality countCardinality(int limit) {
    long stamp = index.readLock();
    try {
      return new HeadStatistics(index.pairs, limit).count();
    } finally {
      index.lock.unlockRead(stamp);
    }
  }

  /** What only a walk over all rows can tell; nothing when it is closed. */
  public RowFigures rowFigures() {
    try (Isolation.Reader held = hold()) {
      return held == null ? RowFigures.NONE : new RowStatistics(this).count(held, files);
    }
  }

  /** Keeps the memory from being freed while somebody looks at it; null when it is closed. */
  private Isolation.@Nullable Reader hold() {
    Isolation.Reader reader = isolation.reader();
    if (closed) {
      reader.close();
      return null;
    }
    return reader;
  }

  /** The number of the last commit. */
  public long lastCommit() {
    return isolation.last();
  }

  /** Commits up to this number are visible to every reader. */
  public long commitSeenByAll() {
    return isolation.seenByAll();
  }

  /** The number of label pairs. */
  public int labelPairs() {
    return index.pairs.living();
  }

  /** The references of all series, ascending. */
  public long[] refs() {
    long stamp = index.readLock();
    try {
      long[] refs = new long[index.series()];
      int[] slots = index.all.toArray();
      Arrays.setAll(refs, i -> Rows.ref(index.rows.address(slots[i])));
      Arrays.sort(refs);
      return refs;
    } finally {
      index.lock.unlockRead(stamp);
    }
  }

  /** Is told of series. */
  public interface SeriesVisitor {
    void series(long ref, Labels labels);
  }

  /** Tells of all series; no series is made or removed meanwhile. */
  public void forEachSeries(SeriesVisitor visitor) {
    long stamp = index.readLock();
    try {
      for (int slot : index.all.toArray()) {
        long row = index.rows.address(slot);
        visitor.series(Rows.ref(row), index.pairs.labels(row));
      }
    } finally {
      index.lock.unlockRead(stamp);
    }
  }

  /** The bytes of off-heap memory that the system has given us. */
  public long reservedBytes() {
    return allocator.reservedBytes();
  }

  /** The bytes of off-heap memory in use. */
  public long usedBytes() {
    return allocator.usedBytes();
  }

  /** Whether no sample was ever appended. */
  boolean isEmpty() {
    return maxTime.get() == Long.MIN_VALUE;
  }

  /** The time of the oldest sample, in milliseconds; the greatest number if there is none. */
  public long minTime() {
    return minTime.get();
  }

  /** The time of the newest sample, in milliseconds; the least number if there is none. */
  public long maxTime() {
    return maxTime.get();
  }

  /** Samples before this time are refused. */
  public void minValidTime(long time) {
    minValidTime = time;
  }

  /** The oldest time that may be appended now. */
  long appendableFrom() {
    return isEmpty() ? minValidTime : Math.max(minValidTime, halfRangeBefore(maxTime()));
  }

  long halfRangeBefore(long time) {
    return time - options.chunkRangeMillis() / 2;
  }

  /** Sets the time of the oldest sample, after older ones were dropped. */
  void minTime(long time) {
    minTime.set(time);
  }

  /** Notes the times of new samples. */
  void widen(long from, long to) {
    if (to > maxTime.get()) {
      maxTime.accumulateAndGet(to, Math::max);
    }
    if (from < minTime.get()) {
      minTime.accumulateAndGet(from, Math::min);
    }
  }

  /**
   * Moves the full chunks that lie in memory to the files. Holds each group's lock for a short
   * while at a time.
   */
  public void storeChunks() {
    HeadChunks to = files;
    if (to != null) {
      new FullChunks(this, to).store();
    }
  }

  /**
   * Refuses new batches, and waits a while for those that are open.
   *
   * @return whether all have ended
   */
  public boolean stopWriting() {
    closed = true;
    VarHandle.fullFence(); // the other half of the one in HeadAppender.appender
    return groups.awaitNoBatches(CLOSE_MILLIS);
  }

  /**
   * Writes an image of the head while others write to it: what it has of its series in no file. To
   * be called by maintenance, and the place in the log that it is good for be taken before.
   *
   * @throws StorageException if the head has no files, or its chunks cannot be copied
   */
  public void image(SnapshotWriter out) {
    HeadChunks to = files;
    if (to == null) {
      throw new StorageException("a head without files has no image");
    }
    to.sync(); // the image builds on them
    new HeadImage(this).write(out, to.place());
  }

  /**
   * Brings the lists up to date in which series are searched; behind a replay, whose end they do
   * not hold up. Who searches before does it first.
   */
  public void listSeries() {
    index.listAll();
  }

  /** The slots of all series. */
  int[] slots() {
    long stamp = index.readLock();
    try {
      return index.all.toArray();
    } finally {
      index.lock.unlockRead(stamp);
    }
  }

  /**
   * Writes what lies in memory alone; to be called when nobody writes any more and {@link
   * #storeChunks} has been called.
   *
   * @throws StorageException if something does not fit into a snapshot
   */
  public void snapshot(SnapshotWriter out) {
    new HeadSnapshot(this).write(out);
  }

  /**
   * Closes the head and frees its memory. Waits a while for open queriers; if some stay open, the
   * memory is kept, since a reader of freed memory would end the process.
   *
   * @return whether all memory was freed
   */
  public boolean closeNow() {
    try {
      if (!stopWriting() || !isolation.awaitNoReaders(CLOSE_MILLIS)) {
        return false;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
    allocator.close();
    return true;
  }

  @Override
  public void close() {
    closeNow();
  }

  /** A row's stamp, for readers. */
  static int stamp(long row) {
    return OffHeap.getIntAcquire(row + Rows.STAMP);
  }
}
