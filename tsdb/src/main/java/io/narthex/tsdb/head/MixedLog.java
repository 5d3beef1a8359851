package io.narthex.tsdb.head;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.value.StaleMarker;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.wal.WalBatch;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Writes the records of a batch with histograms, or for series that have some.
 *
 * <p>Within a stretch of the batch all floats make one record, histograms up to four, in the order
 * of {@link WalBatch}; who replays them meets the samples of a series in their order only if they
 * are of one kind, or if the floats come first. So a stretch ends where a series changes its kind
 * otherwise.
 *
 * <p>On the way stale markers get the kind of the sample that they end. The locks of all series'
 * groups are held.
 */
final class MixedLog {

  private static final int FLOAT = 0;
  private static final int WHOLE = 1;
  private static final int WHOLE_CUSTOM = 2;
  private static final int FLOATS = 3;
  private static final int FLOATS_CUSTOM = 4;

  // By slot, open addressing: slot + 1; the lane of the sample before, and in which stretch it is;
  // the kind of the newest sample, -1 without one, and its time: where samples are out of order it
  // is not the one before.
  private int[] slots = new int[64];
  private int[] lanes = new int[64];
  private int[] stretches = new int[64];
  private int[] newestKinds = new int[64];
  private long[] newestTimes = new long[64];
  private int size;

  private long[] refs = new long[64];
  private long[] times = new long[64];
  private double[] values = new double[64];
  private long[] starts = new long[0]; // grows only where start timestamps are kept
  private final boolean withStarts;

  /**
   * @param withStarts whether records have start timestamps
   */
  MixedLog(boolean withStarts) {
    this.withStarts = withStarts;
  }

  /**
   * @param rows null while the rows are being filled from disk, and so do not tell of what kind
   *     their newest sample is: a stale marker then has the kind of its batch's sample before it,
   *     or its own
   */
  void write(Batch batch, @Nullable Rows rows, WalBatch into) {
    findMixed(batch, rows);
    int from = 0;
    int stretch = 0;
    for (int i = 0; i < batch.size; i++) {
      int place = place((int) batch.handles[i]);
      if (slots[place] == 0) {
        continue; // a float of a series of floats
      }
      long time = batch.times[i];
      // What a late marker ends is not known; Prometheus looks at the newest sample too.
      end(batch, i, newestKinds[place]);
      if (time > newestTimes[place]) {
        newestTimes[place] = time;
        newestKinds[place] = kind(batch.histogram(i));
      }
      int lane = lane(batch.histogram(i));
      int before = lanes[place];
      if (stretches[place] == stretch && before != lane && before != FLOAT) {
        write(batch, from, i, into);
        from = i;
        stretch++;
      }
      lanes[place] = lane;
      stretches[place] = stretch;
    }
    write(batch, from, batch.size, into);
  }

  /** Notes the series that have histograms, in the batch or as their newest sample. */
  private void findMixed(Batch batch, @Nullable Rows rows) {
    Arrays.fill(slots, 0);
    size = 0;
    for (int i = 0; i < batch.size; i++) {
      int slot = (int) batch.handles[i];
      long row = rows == null ? 0 : rows.address(slot);
      boolean mixed = batch.histogram(i) != null || (row != 0 && Rows.kind(row) != 0);
      if (mixed && slots[place(slot)] == 0) {
        int place = add(slot);
        stretches[place] = -1;
        newestTimes[place] = row == 0 ? Long.MIN_VALUE : XorAppender.lastTime(row);
        newestKinds[place] = newestTimes[place] == Long.MIN_VALUE ? -1 : Rows.kind(row);
      }
    }
  }

  /** Gives a stale marker the kind of the newest sample; -1 if there is none. */
  private static void end(Batch batch, int i, int newest) {
    SpanHistogram histogram = batch.histogram(i);
    boolean stale = histogram == null ? StaleMarker.is(batch.values[i]) : histogram.isStale();
    if (!stale || newest < 0 || newest == kind(histogram)) {
      return;
    }
    if (newest == 0) {
      batch.toFloat(i, StaleMarker.VALUE);
    } else {
      batch.toHistogram(i).reset(newest == Rows.FLOAT_COUNTS).sum(StaleMarker.VALUE);
    }
  }

  private static int lane(@Nullable SpanHistogram histogram) {
    if (histogram == null) {
      return FLOAT;
    }
    boolean custom = histogram.usesCustomBuckets();
    return histogram.floats() ? custom ? FLOATS_CUSTOM : FLOATS : custom ? WHOLE_CUSTOM : WHOLE;
  }

  private static int kind(@Nullable SpanHistogram histogram) {
    return histogram == null ? 0 : Rows.kind(histogram);
  }

  private void write(Batch batch, int from, int to, WalBatch into) {
    int n = 0;
    for (int i = from; i < to; i++) {
      if (batch.histogram(i) == null) {
        if (n == refs.length) {
          refs = Arrays.copyOf(refs, 2 * n);
          times = Arrays.copyOf(times, 2 * n);
          values = Arrays.copyOf(values, 2 * n);
        }
        if (withStarts) {
          if (starts.length < refs.length) {
            starts = Arrays.copyOf(starts, refs.length);
          }
          starts[n] = batch.starts()[i];
        }
        refs[n] = batch.refs[i];
        times[n] = batch.times[i];
        values[n++] = batch.values[i];
      }
    }
    if (withStarts) {
      into.samplesWithStarts(refs, starts, times, values, 0, n);
    } else {
      into.samples(refs, times, values, 0, n);
    }
    for (int i = from; i < to; i++) {
      SpanHistogram histogram = batch.histogram(i);
      if (histogram != null && withStarts) {
        into.histogramWithStart(batch.refs[i], batch.starts()[i], batch.times[i], histogram);
      } else if (histogram != null) {
        into.histogram(batch.refs[i], batch.times[i], histogram);
      }
    }
    into.endRun();
  }

  private int place(int slot) {
    int mask = slots.length - 1;
    int at = ((slot * 0x9e3779b9) >>> 7) & mask;
    while (slots[at] != 0 && slots[at] != slot + 1) {
      at = (at + 1) & mask;
    }
    return at;
  }

  /** Adds a slot that is not there; returns its place. */
  private int add(int slot) {
    if (2 * size >= slots.length) {
      grow();
    }
    int at = place(slot);
    slots[at] = slot + 1;
    size++;
    return at;
  }

  private void grow() {
    int[] oldSlots = slots;
    int[] oldLanes = lanes;
    int[] oldStretches = stretches;
    int[] oldKinds = newestKinds;
    long[] oldTimes = newestTimes;
    slots = new int[2 * oldSlots.length];
    lanes = new int[slots.length];
    stretches = new int[slots.length];
    newestKinds = new int[slots.length];
    newestTimes = new long[slots.length];
    for (int i = 0; i < oldSlots.length; i++) {
      if (oldSlots[i] != 0) {
        int at = place(oldSlots[i] - 1);
        slots[at] = oldSlots[i];
        lanes[at] = oldLanes[i];
        stretches[at] = oldStretches[i];
        newestKinds[at] = oldKinds[i];
        newestTimes[at] = oldTimes[i];
      }
    }
  }
}
