package io.narthex.tsdb.head;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.memory.OffHeap;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateReplay;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongPredicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an empty head from disk: first the log's series ({@link #series()}), then the chunks that
 * lie in files, then all the records of the log in their order, then {@link #finish}. Belongs to
 * one thread; samples are put into rows by several others.
 *
 * <p>When all references are known ({@link #seriesKnown}), batches may begin. They make series and
 * write the log, and the reader of the log comes to what they wrote at last; rows are written by
 * the replay alone until it is over. Among what was written during a start, this one's or that of a
 * process that was killed in it, may be late samples, of which the rows tell now ({@link
 * #nextMayBeLate}).
 *
 * <p>A chunk file knows a series by its reference alone. So a chunk of an unknown reference makes a
 * row without labels, which a series record may complete; rows that no record claims are dropped at
 * the end. Samples that a file's chunk holds already are passed over. No list of chunks or series
 * is built beside the rows, so that a replay needs no more memory than the head itself.
 */
public final class HeadReplay implements HeadChunks.Visitor, WalHandler, AutoCloseable {

  private static final int FULL_CHUNKS_AT_ONCE = 1 << 16;
  private static final long FULL_BYTES_AT_ONCE = 16L << 20;
  private static final int LATE_AT_ONCE = 1 << 16;
  private static final long LATE_BUCKETS_AT_ONCE = 1 << 20;

  /** How far above the known references those of lost series may be. A power of two, for RefMap. */
  private static final int LOST_REFS = 1 << 20;

  private static final Logger LOG = LoggerFactory.getLogger(HeadReplay.class);

  private final Head head;
  private final SeriesIndex index;
  private final SeriesWriter writer;
  private final Group group;
  private final long minValidTime;
  private final RefMap slots = new RefMap();
  private @Nullable FirstSamples first;
  private final SampleAppliers appliers;

  private int storeFrom = FULL_CHUNKS_AT_ONCE;
  private long storeFromBytes = FULL_BYTES_AT_ONCE;
  private boolean seriesAreKnown;
  private boolean refsUsedTwice;
  private @Nullable LateArrivals late;
  private boolean judging; // what is read now was written by this process
  private long oldMaxTime = Long.MIN_VALUE; // of the head before the first that is judged
  private long appendableFrom;
  private long chunks;
  private long skippedChunks;
  private long oldSamples;
  private long histograms;
  private long unknownRefs;
  private final LogDeletions deletions = new LogDeletions();
  private final List<Long> aliases = new ArrayList<>();
  private long minTime = Long.MAX_VALUE;
  private long maxTime = Long.MIN_VALUE;

  /**
   * @param minValidTime samples and chunks before this time are in blocks already
   */
  HeadReplay(Head head, long minValidTime) {
    this.head = head;
    this.index = head.index;
    this.writer = new SeriesWriter(head.allocator, head.counters, head.options, head.histograms);
    this.group = head.newGroup();
    this.minValidTime = minValidTime;
    this.appendableFrom = minValidTime;
    this.appliers = new SampleAppliers(head, Runtime.getRuntime().availableProcessors());
    index.listLater();
    head.minValidTime(minValidTime);
  }

  /**
   * Takes the series, the deletions and the metadata of the log, which must be read for these alone
   * before anything else: who does not wait for the replay's end must not see what was deleted.
   */
  public WalHandler series() {
    return new SeriesPass(() -> {});
  }

  /**
   * As {@link #series}, and takes the first samples too, for {@link #firstChunksAreMissing}.
   *
   * @param enough is run when no more samples are wanted
   */
  public WalHandler seriesAndFirstSamples(Runnable enough) {
    first = new FirstSamples(minValidTime, slots);
    return new SeriesPass(enough);
  }

  private final class SeriesPass implements WalHandler {
    private final Runnable enough;

    SeriesPass(Runnable enough) {
      this.enough = enough;
    }

    @Override
    public boolean wants(int type) {
      return type == RecordType.SERIES
          || type == RecordType.TOMBSTONES
          || type == RecordType.METADATA
          || first != null && FirstSamples.wants(type);
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {
      HeadReplay.this.series(ref, bytes, from, length);
    }

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {
      FirstSamples to = first;
      if (to != null && !to.isFull()) {
        to.add(refs, timestamps, n);
        if (to.isFull()) {
          enough.run();
        }
      }
    }

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {
      HeadReplay.this.tombstone(ref, minTime, maxTime);
    }

    @Override
    public void metadata(
        long ref,
        int type,
        byte[] bytes,
        int unitFrom,
        int unitLength,
        int helpFrom,
        int helpLength) {
      HeadReplay.this.metadata(ref, type, bytes, unitFrom, unitLength, helpFrom, helpLength);
    }
  }

  /**
   * Whether the log has samples that files should have in chunks, from before all chunks that they
   * have; to be asked when the files' chunks were read, and nothing else.
   */
  public boolean firstChunksAreMissing() {
    FirstSamples samples = first;
    deletions.tell(head, slots);
    return samples != null && samples.areBeforeChunks(index.rows, head.deleted());
  }

  /** Forgets the chunks of the files, before anything else has been read. */
  public void forgetChunks() {
    for (int slot = 0; slot < index.slots(); slot++) {
      long row = index.rows.address(slot);
      writer.dropBefore(row, Long.MAX_VALUE);
      XorAppender.last(row, Long.MIN_VALUE, 0);
      OffHeap.putByte(row + Rows.KIND, 0);
      head.outOfOrder.forget(slot);
    }
    chunks = 0;
    skippedChunks = 0;
    minTime = Long.MAX_VALUE;
    maxTime = Long.MIN_VALUE;
  }

  /**
   * Takes a chunk snapshot or an image of a head, after the files' chunks and before the log from
   * its place on. If it cannot be read to its end, the whole log must follow.
   *
   * @param files whether the chunk files that an image builds on are there
   * @param read reads it
   */
  public void snapshot(LongPredicate files, Consumer<SnapshotHandler> read) {
    ImageRows rows = new ImageRows(head, slots, appliers, minValidTime);
    try {
      read.accept(new SnapshotReplay(this, rows, files));
    } finally {
      rows.await();
      oldSamples += rows.old();
      unknownRefs += rows.unknown();
    }
    rows.check();
  }

  /** The slot of a reference of the log, or {@link RefMap#ABSENT}. */
  int slot(long ref) {
    return slots.get(ref);
  }

  /** Counts samples and the like of a reference that the log does not know. */
  void unknown(long ref, int number) {
    unknownRefs += number;
    index.reserveRefs(ref);
  }

  /** What is older than this is not appended; of what nobody judged before, as in a full head. */
  private long appendableFrom(long time) {
    if (judging && oldMaxTime == Long.MIN_VALUE) {
      oldMaxTime = time; // the head's first sample
      appendableFrom = Math.max(minValidTime, head.halfRangeBefore(time));
    }
    return appendableFrom;
  }

  /** Adds a sample to the row of a slot, unless it has one as young. */
  void sample(int slot, long start, long time, double value) {
    long bits = Double.doubleToRawLongBits(value);
    LateArrivals arrivals = late;
    if (time >= appendableFrom(time)) {
      appliers.add(slot, start, time, bits);
    } else if (arrivals == null) {
      oldSamples++;
    } else {
      arrivals.add(slot, start, time, bits);
    }
  }

  /**
   * Lets batches begin: all references that log and chunk files have are known.
   *
   * @param somethingLost whether records of series may have been lost: samples that are still to be
   *     read may then be of references above all that are known, and no new series may get these
   */
  public void seriesKnown(boolean somethingLost) {
    if (somethingLost) {
      index.skipRefs(LOST_REFS);
    }
    seriesAreKnown = true;
    first = null;
    deletions.tell(head, slots);
    head.seriesKnown();
  }

  /**
   * Reads samples on which nobody has looked before whether they are late: they were written while
   * a head was being filled. The log of late samples must have been read. What an earlier process
   * has written is taken whatever its age: the head may be of chunk files that are younger, and who
   * sent it was told that it is kept.
   */
  public void nextMayBeLate() {
    appliers.drain();
    appliers.keepLate();
    late = new LateArrivals(head, index);
  }

  /**
   * Reads records that were written since the start; their series are new ones, and their samples
   * are taken or refused as a full head would.
   */
  public void behindStart() {
    seriesAreKnown = false;
    if (late != null) {
      takeLate(late);
    }
    // The time since the last sample may have ended every chunk. They need not be in files before
    // the head is there: as in a running one they wait for maintenance, where they are.
    storeFrom = Math.max(storeFrom, index.slots());
    judging = true;
    oldMaxTime = Math.max(maxTime, appliers.maxTime());
    head.filledUpTo(oldMaxTime);
    if (oldMaxTime != Long.MIN_VALUE) {
      appendableFrom = Math.max(minValidTime, head.halfRangeBefore(oldMaxTime));
    }
  }

  @Override
  public void chunk(
      long chunkRef,
      long seriesRef,
      long chunkMinTime,
      long chunkMaxTime,
      int encoding,
      boolean outOfOrder,
      int sampleCount) {
    index.reserveRefs(seriesRef); // also where the log has lost whose it is
    if (outOfOrder) {
      // Blocks up to some time say nothing of what came late.
      head.outOfOrder.restoreChunk(slotOf(seriesRef), chunkRef, chunkMinTime, chunkMaxTime);
      return;
    }
    if (chunkMaxTime < minValidTime) {
      return;
    }
    if (!ChunkEncoding.isKnown(encoding)) {
      skippedChunks++;
      return;
    }
    int kind = kind(ChunkEncoding.of(encoding));
    addChunk(slotOf(seriesRef), chunkMinTime, chunkMaxTime, kind, chunkRef);
  }

  /** The slot of a reference, made without labels if there is none yet. */
  private int slotOf(long seriesRef) {
    int slot = slots.get(seriesRef);
    if (slot == RefMap.ABSENT) {
      slot = index.createUnnamed(seriesRef, group);
      slots.put(seriesRef, slot);
    }
    return slot;
  }

  /**
   * Takes the log of late samples, when all of the other log has been read that was there before
   * them.
   */
  public LateReplay late() {
    appliers.drain();
    return new LateReplay(
        head.outOfOrder,
        ref -> {
          int slot = slots.get(ref);
          return slot == RefMap.ABSENT || !index.isNamed(slot) ? -1 : slot;
        });
  }

  private static int kind(ChunkEncoding encoding) {
    return encoding.floatCounts()
        ? Rows.FLOAT_COUNTS
        : encoding.histograms() ? Rows.WHOLE_COUNTS : 0;
  }

  private void addChunk(int slot, long chunkMinTime, long chunkMaxTime, int kind, long chunkRef) {
    long row = index.rows.address(slot);
    if (!writer.addStored(row, slot, chunkMinTime, chunkMaxTime, kind, chunkRef, group.full)) {
      skippedChunks++; // written twice, by a process that was killed before it could note that
      return;
    }
    chunks++;
    minTime = Math.min(minTime, chunkMinTime);
    maxTime = Math.max(maxTime, chunkMaxTime);
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    if (seriesAreKnown && !refsUsedTwice) {
      return;
    }
    Labels labels = Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length));
    int unnamed = slots.get(ref);
    int slot = index.restore(ref, labels, group, unnamed);
    if (slot != unnamed) {
      refsUsedTwice |= unnamed != RefMap.ABSENT && index.isNamed(unnamed);
      slots.put(ref, slot);
      long row = index.rows.address(slot);
      if (Rows.ref(row) != ref) {
        // The series died and came back: its newer reference is the one to go on with.
        aliases.add(Rows.ref(row));
        index.rename(slot, ref);
      }
      if (unnamed != RefMap.ABSENT && !index.isNamed(unnamed)) {
        takeChunks(unnamed, slot);
      }
    }
  }

  /** Two references of the same labels: their chunks become one list. */
  private void takeChunks(int from, int to) {
    appliers.drain();
    long row = index.rows.address(from);
    int count = OffHeap.getInt(row + Rows.LIST_COUNT);
    int kind = Rows.kind(row); // of the last one, which alone decides in the end
    for (int i = 0; i < count; i++) {
      long entry = ChunkList.entry(row, i);
      addChunk(
          to,
          OffHeap.getLong(entry),
          OffHeap.getLong(entry + ChunkList.MAX_TIME),
          kind,
          OffHeap.getLong(entry + ChunkList.PLACE));
    }
    writer.dropBefore(row, Long.MAX_VALUE);
    head.outOfOrder.move(from, to);
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {
    samples(refs, null, timestamps, values, n);
  }

  @Override
  public void samplesWithStarts(
      long[] refs, long[] starts, long[] timestamps, double[] values, int n) {
    samples(refs, starts, timestamps, values, n);
  }

  private void samples(
      long[] refs, long @Nullable [] starts, long[] timestamps, double[] values, int n) {
    for (int i = 0; i < n; i++) {
      int slot = slots.get(refs[i]);
      if (slot == RefMap.ABSENT) {
        unknown(refs[i], 1);
      } else {
        sample(slot, starts == null ? 0 : starts[i], timestamps[i], values[i]);
      }
    }
    if (appliers.fullChunks() >= storeFrom) {
      storeChunks();
    }
    LateArrivals arrivals = late;
    if (arrivals != null && appliers.lateCount() + arrivals.size() >= LATE_AT_ONCE) {
      takeLate(arrivals);
    }
  }

  @Override
  public void histogram(long ref, long start, long time, SpanHistogram histogram) {
    int slot = slots.get(ref);
    if (slot == RefMap.ABSENT) {
      unknown(ref, 1);
    } else {
      histogram(slot, start, time, histogram);
    }
  }

  /** Adds a histogram to the row of a slot, unless it has a sample as young. */
  void histogram(int slot, long start, long time, SpanHistogram histogram) {
    LateArrivals arrivals = late;
    if (time < appendableFrom(time)) {
      if (arrivals == null) {
        oldSamples++;
      } else {
        addLate(arrivals, slot, start, time, histogram);
      }
      return;
    }
    appliers.drain();
    long row = index.rows.address(slot);
    long last = XorAppender.lastTime(row);
    if (time <= last) {
      oldSamples++;
      if (arrivals != null && time < last) {
        appliers.takeLate(arrivals); // what came before it stays before it
        addLate(arrivals, slot, start, time, histogram);
      }
      return;
    }
    writer.append(row, slot, start, time, histogram, head.group(Rows.group(row)).full);
    histograms++;
    minTime = Math.min(minTime, time);
    maxTime = Math.max(maxTime, time);
    if (head.histograms.sealedBytes() >= storeFromBytes) {
      storeChunks();
    }
  }

  private void addLate(LateArrivals to, int slot, long start, long time, SpanHistogram histogram) {
    to.add(slot, start, time, histogram);
    if (to.size() >= LATE_AT_ONCE || to.buckets() >= LATE_BUCKETS_AT_ONCE) {
      takeLate(to);
    }
  }

  private void storeChunks() {
    appliers.drain();
    appliers.takeFull();
    try {
      head.storeChunks();
      storeFrom = FULL_CHUNKS_AT_ONCE;
      storeFromBytes = FULL_BYTES_AT_ONCE;
    } catch (StorageException e) {
      // On a full disk they stay in memory, and maintenance tries again.
      storeFrom = Math.min(storeFrom, Integer.MAX_VALUE / 2) * 2;
      storeFromBytes = Math.max(storeFromBytes, head.histograms.sealedBytes()) * 2;
      LOG.error("chunks stay in memory for now: {}", e.getMessage());
    }
  }

  /** Hands on what turned out to be late. */
  private void takeLate(LateArrivals arrivals) {
    appliers.drain();
    appliers.takeLate(arrivals);
    arrivals.take(oldMaxTime, appendableFrom);
  }

  @Override
  public boolean wants(int type) {
    return switch (type) {
      case RecordType.EXEMPLARS -> head.exemplars.isEnabled();
      case RecordType.METADATA -> !seriesAreKnown; // snapshots have none: it came with the series
      default -> RecordType.isHistogram(type) || WalHandler.super.wants(type);
    };
  }

  @Override
  public void exemplar(long ref, long timestamp, double value, byte[] bytes, int from, int length) {
    if (timestamp < minValidTime) {
      return;
    }
    long row = namedRow(ref);
    if (row == 0) {
      unknown(ref, 1);
      return;
    }
    // The log does not say whether a timestamp was the exemplar's own.
    head.exemplars.add(
        Rows.ref(row), () -> index.pairs.labels(row), timestamp, false, value, bytes, from, length);
  }

  @Override
  public void metadata(
      long ref,
      int type,
      byte[] bytes,
      int unitFrom,
      int unitLength,
      int helpFrom,
      int helpLength) {
    long row = namedRow(ref);
    if (row == 0) {
      unknown(ref, 1);
      return;
    }
    head.metadata.put(
        Rows.ref(row),
        new SeriesMetadata.Entry(
            WalDecoder.metricType(type),
            Utf8.text(bytes, unitFrom, unitLength),
            Utf8.text(bytes, helpFrom, helpLength)));
  }

  /** The row of a series that the log has named, or 0. */
  private long namedRow(long ref) {
    int slot = slots.get(ref);
    return slot == RefMap.ABSENT || !index.isNamed(slot) ? 0 : index.rows.address(slot);
  }

  @Override
  public void tombstone(long ref, long from, long to) {
    if (!seriesAreKnown) {
      deletion(ref, from, to);
    }
  }

  /** Takes a deletion, from the log's first pass or from a snapshot. */
  void deletion(long ref, long from, long to) {
    if (to >= minValidTime) {
      index.reserveRefs(ref);
      deletions.add(ref, from, to);
    }
  }

  /**
   * What a replay found.
   *
   * @param samples those that were read and put into rows
   * @param openedSamples those of open chunks that an image had
   * @param knownSamples those that chunks in files, or blocks, have already
   * @param aliases references of series that have another one as well
   */
  public record Result(
      int series,
      long chunks,
      long skippedChunks,
      long samples,
      long openedSamples,
      long knownSamples,
      long unknownRefs,
      long tombstones,
      List<Long> aliases) {}

  /**
   * Ends the replay; commits write to the head from now on.
   *
   * @param last reads what has been written to the log since it was read last; nobody writes
   *     meanwhile
   */
  public Result finish(Runnable last) {
    List<Result> result = new ArrayList<>(1);
    head.replayed(() -> {
      last.run();
      result.add(finish());
    });
    return result.getFirst();
  }

  private Result finish() {
    LateArrivals arrivals = late;
    if (arrivals != null) {
      takeLate(arrivals);
      unknownRefs += arrivals.unknown();
      if (arrivals.taken() > 0) {
        LOG.info("{} samples that came during the start were late", arrivals.taken());
      }
    }
    appliers.drain();
    appliers.takeFull();
    minTime = Math.min(minTime, appliers.minTime());
    maxTime = Math.max(maxTime, appliers.maxTime());
    head.counters.unknownTombstonesInLog.add(deletions.tell(head, slots));
    index.dropUnnamed(slot -> {
      long row = index.rows.address(slot);
      skippedChunks += OffHeap.getInt(row + Rows.LIST_COUNT);
      unknownRefs += XorAppender.count(row);
      writer.dropBefore(row, Long.MAX_VALUE);
      head.outOfOrder.forget(slot);
    });
    head.outOfOrder.restored();
    head.counters.unknownRefsInLog.add(unknownRefs);
    if (minTime <= maxTime) {
      head.widen(minTime, maxTime);
      reveal();
    }
    head.closeGroup(group);
    return new Result(
        index.series(),
        chunks,
        skippedChunks,
        appliers.samples() + histograms,
        appliers.opened(),
        appliers.known() + oldSamples,
        unknownRefs,
        deletions.count(),
        List.copyOf(aliases));
  }

  /** Lets readers see everything: that of the log's groups, and of those that wrote meanwhile. */
  private void reveal() {
    group.reveal(maxTime);
    Map<Integer, Long> others = new HashMap<>();
    int slotCount = index.slots();
    for (int slot = 0; slot < slotCount; slot++) {
      long row = index.rows.address(slot);
      if (Rows.group(row) != group.number && Rows.hasSamples(row)) {
        others.merge(Rows.group(row), XorAppender.lastTime(row), Math::max);
      }
    }
    others.forEach((number, newest) -> head.group(number).reveal(newest));
  }

  /** Ends the threads that put samples into rows; also to be called when the replay has failed. */
  @Override
  public void close() {
    appliers.close();
  }
}
