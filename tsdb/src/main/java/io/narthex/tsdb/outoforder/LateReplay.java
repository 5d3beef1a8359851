package io.narthex.tsdb.outoforder;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalHandler;
import java.util.HashSet;
import java.util.Set;
import java.util.function.LongToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Takes the records of the log of late samples, when chunk files and the other log have been read:
 * samples go into the arrays, full arrays become chunks in memory, and a marker whose chunk is
 * there drops all that is in no file of its series. A marker whose chunk is not there (the file was
 * broken, or is newer than what survived) means nothing: the samples before it are all there is of
 * them.
 */
public final class LateReplay implements WalHandler {

  /**
   * Markers of this reference, which no series has, say that the chunks before a place are in
   * blocks, although files that hold in-order chunks as well still have them. Prometheus does not
   * know of such markers: it counts them as those of an unknown series, reads the chunks again, and
   * makes blocks of them again; so would we without them, and what was deleted would come back.
   */
  public static final long DROPPED = 0;

  private final OutOfOrder store;
  private final LongToIntFunction slotOf;
  private final Set<Long> unknown = new HashSet<>();
  private long samples;
  private long droppedBefore;

  /**
   * @param slotOf the slot of a reference's series, negative if there is none
   */
  public LateReplay(OutOfOrder store, LongToIntFunction slotOf) {
    this.store = store;
    this.slotOf = slotOf;
  }

  @Override
  public boolean wants(int type) {
    return type == RecordType.SAMPLES
        || type == RecordType.SAMPLES_V2
        || type == RecordType.MMAP_MARKERS
        || RecordType.isHistogram(type);
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    throw new IllegalStateException("a series in the log of late samples");
  }

  @Override
  public void tombstone(long ref, long minTime, long maxTime) {
    throw new IllegalStateException("a deletion in the log of late samples");
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
      int slot = slotOf.applyAsInt(refs[i]);
      if (slot < 0) {
        unknown.add(refs[i]);
        store.counters().unknownSamples.increment();
      } else {
        insert(store.open(slot), starts == null ? 0 : starts[i], timestamps[i], values[i], null);
      }
    }
  }

  @Override
  public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
    int slot = slotOf.applyAsInt(ref);
    if (slot < 0) {
      unknown.add(ref);
      store.counters().unknownHistograms.increment();
      return;
    }
    SpanHistogram copy = new SpanHistogram();
    copy.copyFrom(histogram);
    insert(store.open(slot), start, timestamp, 0, copy);
  }

  private void insert(
      LateSeries series, long start, long time, double value, @Nullable SpanHistogram histogram) {
    if (series.size() >= OutOfOrder.CAPACITY) {
      store.chunksSplit(series.encode(store.allocator, store.forms(), store.seenByAll.getAsLong()));
    }
    boolean first = series.size() == 0;
    if (series.insert(start, time, value, histogram, null)) {
      samples++;
      if (first) {
        store.chunkBegun();
      }
    }
  }

  @Override
  public void mmapMarker(long ref, long chunkRef) {
    if (ref == DROPPED) {
      droppedBefore = chunkRef;
      return;
    }
    if (chunkRef != 0 && chunkRef < droppedBefore) {
      // The files were lost, and another program has begun to count anew.
      droppedBefore = 0;
    }
    int slot = slotOf.applyAsInt(ref);
    if (slot < 0) {
      unknown.add(ref);
      store.counters().unknownMarkers.increment();
      return;
    }
    LateSeries series = store.of(slot);
    // Prometheus writes a marker of chunk 0 before a series' first sample.
    if (series != null && (chunkRef == 0 || series.hasStored(chunkRef))) {
      store.chunksDropped(series.forgetUnstored());
    }
  }

  /** Before which place the log says chunks are in blocks; 0 if it says nothing. */
  public long droppedBefore() {
    return droppedBefore;
  }

  /**
   * Ends the replay.
   *
   * @return how many samples were taken from the log, those among them that chunks have as well
   */
  public long finish() {
    store.counters().unknownSeries.add(unknown.size());
    if (droppedBefore > 0) {
      store.dropStored(droppedBefore);
    }
    store.restored();
    return samples;
  }
}
