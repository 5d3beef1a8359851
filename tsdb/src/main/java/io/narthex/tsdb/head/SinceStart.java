package io.narthex.tsdb.head;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalHandler;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What the log has of some series since the process began, for a querier that does not wait until
 * the head is filled: rows get it at the end of the replay only. Filled by one thread, then read by
 * any.
 */
final class SinceStart implements WalHandler {

  private static final int NONE = -1;

  private final RefMap numbers = new RefMap();
  private final long minTime;
  private final long maxTime;

  // Of each series its first and last sample, or NONE.
  private final int[] first;
  private final int[] last;

  // Of each sample the next one of its series, or NONE.
  private int[] next = new int[64];
  private long[] times = new long[64];
  private double[] values = new double[64];
  private long @Nullable [] starts;
  private @Nullable FloatHistogram @Nullable [] histograms;
  private int size;

  private SinceStart(long[] refs, long minTime, long maxTime) {
    this.minTime = minTime;
    this.maxTime = maxTime;
    first = new int[refs.length];
    last = new int[refs.length];
    Arrays.fill(first, NONE);
    for (int i = 0; i < refs.length; i++) {
      numbers.put(refs[i], i);
    }
  }

  /**
   * Reads the log.
   *
   * @param slots of the series
   * @param minTime the first millisecond that is asked for
   * @param maxTime the last one, inclusive
   */
  static SinceStart read(StartLog log, Head head, int[] slots, long minTime, long maxTime) {
    long[] refs = new long[slots.length];
    Arrays.setAll(refs, i -> Rows.ref(head.index.rows.address(slots[i])));
    SinceStart found = new SinceStart(refs, minTime, maxTime);
    log.read(found);
    return found;
  }

  @Override
  public boolean wants(int type) {
    return type == RecordType.SAMPLES
        || type == RecordType.SAMPLES_V2
        || RecordType.isHistogram(type);
  }

  @Override
  public void series(long ref, byte[] bytes, int from, int length) {
    throw new IllegalStateException("series were not asked for");
  }

  @Override
  public void tombstone(long ref, long from, long to) {
    throw new IllegalStateException("deletions were not asked for");
  }

  @Override
  public void samples(long[] refs, long[] timestamps, double[] all, int n) {
    for (int i = 0; i < n; i++) {
      add(refs[i], timestamps[i], all[i]);
    }
  }

  @Override
  public void samplesWithStarts(
      long[] refs, long[] startTimestamps, long[] timestamps, double[] all, int n) {
    for (int i = 0; i < n; i++) {
      if (add(refs[i], timestamps[i], all[i])) {
        startedAt(startTimestamps[i]);
      }
    }
  }

  @Override
  public void histogram(long ref, long start, long timestamp, SpanHistogram histogram) {
    if (!add(ref, timestamp, 0)) {
      return;
    }
    @Nullable FloatHistogram[] all = histograms;
    if (all == null || all.length < size) {
      all =
          all == null
              ? new @Nullable FloatHistogram[times.length]
              : Arrays.copyOf(all, times.length);
      histograms = all;
    }
    // What stands before it in the answer may be another than the one that it was compared with.
    all[size - 1] = histogram.toFloat().withoutResetHint();
    startedAt(start);
  }

  /** Adds a sample unless nobody asked for it, or its series has one as young. */
  private boolean add(long ref, long time, double value) {
    int number = numbers.get(ref);
    if (number == RefMap.ABSENT || time < minTime || time > maxTime) {
      return false;
    }
    boolean any = first[number] != NONE;
    if (any && times[last[number]] >= time) {
      return false;
    }
    if (size == times.length) {
      next = Arrays.copyOf(next, size * 2);
      times = Arrays.copyOf(times, size * 2);
      values = Arrays.copyOf(values, size * 2);
    }
    next[size] = NONE;
    times[size] = time;
    values[size] = value;
    if (any) {
      next[last[number]] = size;
    } else {
      first[number] = size;
    }
    last[number] = size++;
    return true;
  }

  private void startedAt(long start) {
    if (start == 0) {
      return;
    }
    long[] all = starts;
    if (all == null || all.length < size) {
      all = all == null ? new long[times.length] : Arrays.copyOf(all, times.length);
      starts = all;
    }
    all[size - 1] = start;
  }

  /** Whether there is anything of a series. */
  boolean has(long ref) {
    int number = numbers.get(ref);
    return number != RefMap.ABSENT && first[number] != NONE;
  }

  /** Adds what is younger than what a buffer has, both ends of the range inclusive. */
  void addTo(long ref, long from, long to, SampleBuffer into) {
    if (!has(ref)) {
      return;
    }
    long newest = into.size() == 0 ? Long.MIN_VALUE : into.timestamps()[into.size() - 1];
    for (int i = first[numbers.get(ref)]; i != NONE; i = next[i]) {
      if (times[i] < from || times[i] > to || times[i] <= newest) {
        continue;
      }
      FloatHistogram histogram = histograms == null ? null : at(histograms, i);
      if (histogram == null) {
        into.add(times[i], values[i]);
      } else {
        into.add(times[i], histogram);
      }
      if (starts != null && i < starts.length && starts[i] != 0) {
        into.startedAt(starts[i]);
      }
    }
  }

  private static @Nullable FloatHistogram at(@Nullable FloatHistogram[] all, int sample) {
    return sample < all.length ? all[sample] : null;
  }
}
