package io.narthex.tsdb.head;

import io.narthex.base.bytes.Utf8;
import io.narthex.base.memory.OffHeap;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Tombstones;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.headchunks.HeadChunks;
import io.narthex.tsdb.outoforder.LateReplay;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalHandler;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fills an empty head from disk: first the chunks that lie in files, then the records of the log in
 * their order, then {@link #finish}. Belongs to one thread, and nobody writes to the head
 * meanwhile.
 *
 * <p>A chunk file knows a series by its reference alone. So a chunk of an unknown reference makes a
 * row without labels, which the log's series record completes; rows that no record claims are
 * dropped at the end. Samples that a file's chunk holds already are passed over. No list of chunks
 * or series is built beside the rows, so that a replay needs no more memory than the head itself.
 */
public final class HeadReplay implements HeadChunks.Visitor, WalHandler {

  private static final int FULL_CHUNKS_AT_ONCE = 1 << 16;
  private static final long FULL_BYTES_AT_ONCE = 16L << 20;

  private static final Logger LOG = LoggerFactory.getLogger(HeadReplay.class);

  private final Head head;
  private final SeriesIndex index;
  private final SeriesWriter writer;
  private final Group group;
  private final long minValidTime;
  private final RefMap slots = new RefMap();

  private int storeFrom = FULL_CHUNKS_AT_ONCE;
  private long chunks;
  private long skippedChunks;
  private long samples;
  private long knownSamples;
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
    this.writer = new SeriesWriter(head.allocator, head.counters, head.options, head.histograms);
    this.group = head.newGroup();
    this.minValidTime = minValidTime;
    head.minValidTime(minValidTime);
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

  /** Takes the log of late samples, when all of the other log has been read. */
  public LateReplay late() {
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
    Labels labels = Labels.ofPacked(Arrays.copyOfRange(bytes, from, from + length));
    int unnamed = slots.get(ref);
    int slot = index.restore(ref, labels, group, unnamed);
    if (slot != unnamed) {
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
    long lastRef = -1;
    long row = 0;
    int slot = 0;
    for (int i = 0; i < n; i++) {
      if (refs[i] != lastRef) {
        lastRef = refs[i];
        slot = slots.get(lastRef);
        row = slot == RefMap.ABSENT ? 0 : index.rows.address(slot);
        if (row == 0) {
          index.reserveRefs(lastRef);
        }
      }
      long time = timestamps[i];
      if (row == 0) {
        unknownRefs++;
      } else if (time < minValidTime || time <= XorAppender.lastTime(row)) {
        knownSamples++;
      } else {
        writer.append(row, slot, time, Double.doubleToRawLongBits(values[i]), group.full);
        samples++;
        minTime = Math.min(minTime, time);
        maxTime = Math.max(maxTime, time);
      }
    }
    if (group.full.size() >= storeFrom) {
      storeChunks();
    }
  }

  private void storeChunks() {
    try {
      head.storeChunks();
    } catch (StorageException e) {
      // On a full disk they stay in memory, and maintenance tries again.
      storeFrom = Math.max(storeFrom, group.full.size()) * 2;
      LOG.error("chunks stay in memory for now: {}", e.getMessage());
    }
  }

  @Override
  public boolean wants(int type) {
    return switch (type) {
      case RecordType.EXEMPLARS -> head.exemplars.isEnabled();
      case RecordType.METADATA -> true;
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
      unknownRefs++;
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
      unknownRefs++;
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
  public void histogram(long ref, long start, long time, SpanHistogram histogram) {
    int slot = slots.get(ref);
    if (slot == RefMap.ABSENT) {
      unknownRefs++;
      return;
    }
    long row = index.rows.address(slot);
    if (time < minValidTime || time <= XorAppender.lastTime(row)) {
      knownSamples++;
      return;
    }
    writer.append(row, slot, time, histogram, group.full);
    samples++;
    minTime = Math.min(minTime, time);
    maxTime = Math.max(maxTime, time);
    if (group.full.size() >= FULL_CHUNKS_AT_ONCE
        || head.histograms.sealedBytes() >= FULL_BYTES_AT_ONCE) {
      storeChunks();
    }
  }

  @Override
  public void tombstone(long ref, long from, long to) {
    if (to >= minValidTime) {
      tombstones++;
      index.reserveRefs(ref);
      deleted.computeIfAbsent(ref, key -> new ArrayList<>()).add(new long[] {from, to});
    }
  }

  /** Deletions by the references that the series have in the end. */
  private Tombstones deletions() {
    Tombstones.Builder all = new Tombstones.Builder();
    deleted.forEach((ref, ranges) -> {
      int slot = slots.get(ref);
      if (slot == RefMap.ABSENT || !index.isNamed(slot)) {
        head.counters.unknownTombstonesInLog.add(ranges.size());
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

  /** Ends the replay; the head may be written to from now on. */
  public Result finish() {
    Tombstones all = deletions();
    if (!all.isEmpty()) {
      head.deleted(all);
    }
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
      group.reveal(maxTime);
    }
    head.closeGroup(group);
    return new Result(
        index.series(),
        chunks,
        skippedChunks,
        samples,
        knownSamples,
        unknownRefs,
        tombstones,
        List.copyOf(aliases));
  }
}
