package io.narthex.tsdb.head;

import io.narthex.base.memory.OffHeap;
import io.narthex.model.labels.Labels;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.snapshot.SnapshotHandler;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Fills an empty head from disk: first the log's series ({@link #series()}), then the chunks that
 * lie in files, then all the records of the log in their order, then {@link #finish}. Belongs to one
 * thread; samples are put into rows by several others.
 *
 * <p>When all references are known ({@link #seriesKnown}), batches may begin. They make series and
 * write the log, and the reader of the log comes to what they wrote at last; rows are written by
 * the replay alone until it is over.
 *
 * <p>A chunk file knows a series by its reference alone. So a chunk of an unknown reference makes a
 * row without labels, which a series record may complete; rows that no record claims are
 * dropped at the end. Samples that a file's chunk holds already are passed over. No list of chunks
 * or series is built beside the rows, so that a replay needs no more memory than the head itself.
 */
public final class HeadReplay implements HeadChunks.Visitor, WalHandler, AutoCloseable {

  private static final int FULL_CHUNKS_AT_ONCE = 1 << 16;

  private final Head head;
  private final SeriesIndex index;
  private final SeriesWriter writer;
  private final Group group;
  private final long minValidTime;
  private final RefMap slots = new RefMap();
  private final SampleAppliers appliers;

  private boolean seriesAreKnown;
  private boolean refsUsedTwice;
  private long chunks;
  private long skippedChunks;
  private long oldSamples;
  private long unknownRefs;
  private long tombstones;
  private final Map<Long, List<long[]>> deleted = new HashMap<>();
  private final List<Long> aliases = new ArrayList<>();
  private long minTime = Long.MAX_VALUE;
  private long maxTime = Long.MIN_VALUE;

  /**
   * @param minValidTime samples and chunks before this time are in blocks already
   */
  HeadReplay(Head head, long minValidTime) {
    this.head = head;
    this.index = head.index;
    this.writer = new SeriesWriter(head.allocator, head.counters, head.options);
    this.group = head.newGroup();
    this.minValidTime = minValidTime;
    this.appliers = new SampleAppliers(head, Runtime.getRuntime().availableProcessors());
    head.minValidTime(minValidTime);
  }

  /** Takes the series of the log, which must be read for these alone before anything else. */
  public WalHandler series() {
    return new WalHandler() {
      @Override
      public boolean wants(int type) {
        return type == RecordType.SERIES;
      }

      @Override
      public void series(long ref, byte[] bytes, int from, int length) {
        HeadReplay.this.series(ref, bytes, from, length);
      }

      @Override
      public void samples(long[] refs, long[] timestamps, double[] values, int n) {
        throw new IllegalStateException("samples were not asked for");
      }

      @Override
      public void tombstone(long ref, long minTime, long maxTime) {
        throw new IllegalStateException("deletions were not asked for");
      }
    };
  }

  /**
   * Takes a chunk snapshot, after the files' chunks and before the log from the snapshot's place
   * on. If it cannot be read to its end, the whole log must follow.
   */
  public SnapshotHandler snapshot() {
    return new SnapshotReplay(this);
  }

  /** The slot of a reference of the log, or {@link RefMap#ABSENT}. */
  int slot(long ref) {
    return slots.get(ref);
  }

  /** Counts samples of a reference that the log does not know. */
  void unknown(int number) {
    unknownRefs += number;
  }

  /** Adds a sample to the row of a slot, unless it has one as young. */
  void sample(int slot, long time, double value) {
    if (time < minValidTime) {
      oldSamples++;
    } else {
      appliers.add(slot, time, Double.doubleToRawLongBits(value));
    }
  }

  /** Lets batches begin: all references that log and chunk files have are known. */
  public void seriesKnown() {
    seriesAreKnown = true;
    head.seriesKnown();
  }

  /** Reads records that were written since the start; their series are new ones. */
  public void behindStart() {
    seriesAreKnown = false;
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
    if (chunkMaxTime < minValidTime) {
      return;
    }
    if (encoding != XorAppender.ENCODING || outOfOrder) {
      skippedChunks++;
      return;
    }
    int slot = slots.get(seriesRef);
    if (slot == RefMap.ABSENT) {
      slot = index.createUnnamed(seriesRef, group);
      slots.put(seriesRef, slot);
    }
    addChunk(slot, chunkMinTime, chunkMaxTime, chunkRef);
  }

  private void addChunk(int slot, long chunkMinTime, long chunkMaxTime, long chunkRef) {
    long row = index.rows.address(slot);
    if (!writer.addStored(row, slot, chunkMinTime, chunkMaxTime, chunkRef, group.full)) {
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
    for (int i = 0; i < count; i++) {
      long entry = ChunkList.entry(row, i);
      addChunk(
          to,
          OffHeap.getLong(entry),
          OffHeap.getLong(entry + ChunkList.MAX_TIME),
          OffHeap.getLong(entry + ChunkList.PLACE));
    }
    writer.dropBefore(row, Long.MAX_VALUE);
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] values, int n) {
    for (int i = 0; i < n; i++) {
      int slot = slots.get(refs[i]);
      if (slot == RefMap.ABSENT) {
        unknownRefs++;
      } else {
        sample(slot, timestamps[i], values[i]);
      }
    }
    if (appliers.fullChunks() >= FULL_CHUNKS_AT_ONCE) {
      storeChunks();
    }
  }

  private void storeChunks() {
    appliers.drain();
    appliers.takeFull();
    head.storeChunks();
  }

  @Override
  public void tombstone(long ref, long from, long to) {
    if (to >= minValidTime) {
      tombstones++;
      deleted.computeIfAbsent(ref, key -> new ArrayList<>()).add(new long[] {from, to});
    }
  }

  /** Deletions by the references that the series have in the end. */
  private Tombstones deletions() {
    Tombstones.Builder all = new Tombstones.Builder();
    deleted.forEach((ref, ranges) -> {
      int slot = slots.get(ref);
      if (slot == RefMap.ABSENT || !index.isNamed(slot)) {
        unknownRefs += ranges.size();
        return;
      }
      long known = Rows.ref(index.rows.address(slot));
      ranges.forEach(range -> all.add(known, range[0], range[1]));
    });
    return all.build();
  }

  /**
   * What a replay found.
   *
   * @param knownSamples those that chunks in files, or blocks, have already
   * @param aliases references of series that have another one as well
   */
  public record Result(
      int series,
      long chunks,
      long skippedChunks,
      long samples,
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
    appliers.drain();
    appliers.takeFull();
    minTime = Math.min(minTime, appliers.minTime());
    maxTime = Math.max(maxTime, appliers.maxTime());
    Tombstones all = deletions();
    if (!all.isEmpty()) {
      head.deleted(all);
    }
    index.dropUnnamed(slot -> writer.dropBefore(index.rows.address(slot), Long.MAX_VALUE));
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
        appliers.samples(),
        appliers.known() + oldSamples,
        unknownRefs,
        tombstones,
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
