package io.narthex.tsdb.head;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.outoforder.LateCommit;
import io.narthex.tsdb.outoforder.OutOfOrder;
import io.narthex.tsdb.outoforder.Visibility;
import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The late ones among the samples that were logged while the head was being filled. When they came
 * nobody could tell; now that their rows are known they go where late samples go, and into the log
 * of these. Belongs to the replay's thread.
 */
final class LateArrivals {

  private static final Logger LOG = LoggerFactory.getLogger(LateArrivals.class);

  private static final @Nullable SpanHistogram[] NO_HISTOGRAMS = {};
  private static final long[] NO_STARTS = {};

  /** Samples in parallel arrays. */
  static final class Samples {
    private int[] slots = new int[16];
    private long[] times = new long[16];
    private long[] bits = new long[16];
    // Longer than nothing once there was one; null where the sample is a float.
    private @Nullable SpanHistogram[] histograms = NO_HISTOGRAMS;
    // Longer than nothing once there was one.
    private long[] starts = NO_STARTS;
    private int size;
    private long buckets;

    void add(int slot, long start, long time, long valueBits) {
      if (size == slots.length) {
        slots = Arrays.copyOf(slots, size * 2);
        times = Arrays.copyOf(times, size * 2);
        bits = Arrays.copyOf(bits, size * 2);
      }
      slots[size] = slot;
      times[size] = time;
      bits[size++] = valueBits;
      if (start != 0 || size <= starts.length) {
        if (size > starts.length) {
          starts = Arrays.copyOf(starts, times.length);
        }
        starts[size - 1] = start;
      }
    }

    /** Adds a histogram, which it keeps. */
    void add(int slot, long start, long time, SpanHistogram histogram) {
      add(slot, start, time, 0);
      if (size > histograms.length) {
        histograms = Arrays.copyOf(histograms, times.length);
      }
      histograms[size - 1] = histogram;
      buckets += histogram.positive().buckets() + histogram.negative().buckets();
    }

    @Nullable SpanHistogram histogram(int sample) {
      return sample < histograms.length ? histograms[sample] : null;
    }

    long start(int sample) {
      return sample < starts.length ? starts[sample] : 0;
    }

    int size() {
      return size;
    }

    void clear() {
      size = 0;
      starts = NO_STARTS;
      histograms = NO_HISTOGRAMS;
      buckets = 0;
    }
  }

  /** What is written together: everybody sees it, unless the log does not take it. */
  private static final class Together implements Visibility {
    volatile boolean failed;

    @Override
    public boolean visibleTo(long reader) {
      return !failed;
    }
  }

  private final Head head;
  private final SeriesIndex index;
  private final OutOfOrder store;
  private final LateCommit commit;
  private final Samples samples = new Samples();
  private long taken;
  private long unknown;

  LateArrivals(Head head, SeriesIndex index) {
    this.head = head;
    this.index = index;
    this.store = head.outOfOrder;
    this.commit = new LateCommit(store);
  }

  void add(int slot, long start, long time, long valueBits) {
    samples.add(slot, start, time, valueBits);
  }

  /** Adds a histogram, of which it keeps a copy. */
  void add(int slot, long start, long time, SpanHistogram histogram) {
    SpanHistogram copy = new SpanHistogram();
    copy.copyFrom(histogram);
    samples.add(slot, start, time, copy);
  }

  /** Adds floats. */
  void addAll(Samples more) {
    for (int i = 0; i < more.size; i++) {
      samples.add(more.slots[i], more.start(i), more.times[i], more.bits[i]);
    }
  }

  /** How many wait to be taken. */
  int size() {
    return samples.size;
  }

  /** The buckets of the histograms among them. */
  long buckets() {
    return samples.buckets;
  }

  /** How many were taken. */
  long taken() {
    return taken;
  }

  /** How many were of series that the log has lost. */
  long unknown() {
    return unknown;
  }

  /**
   * Takes those that are within the out-of-order window.
   *
   * @param newest the time of the head's newest sample before the start: what was in the window
   *     when it came must not be too old now; the least number to take all
   * @param appendableFrom what is older could not have been appended anyhow
   */
  void take(long newest, long appendableFrom) {
    if (samples.size == 0) {
      return;
    }
    long window = store.windowMillis();
    Together together = new Together();
    commit.begin(together);
    int floats = 0;
    int histograms = 0;
    for (int i = 0; i < samples.size; i++) {
      int slot = samples.slots[i];
      long time = samples.times[i];
      if (!index.isNamed(slot)) {
        unknown++; // the log has lost whose it is
        continue;
      }
      if (newest > time) {
        store.counters().lateSeconds.observe((newest - time) / 1e3);
      }
      SpanHistogram histogram = samples.histogram(i);
      if (window == 0 || (newest != Long.MIN_VALUE && time < newest - window)) {
        refused(window == 0, time < appendableFrom, histogram != null).increment();
        continue;
      }
      long ref = Rows.ref(index.rows.address(slot));
      if (histogram != null) {
        histograms += commit.insert(slot, ref, samples.start(i), time, histogram) ? 1 : 0;
      } else {
        double value = Double.longBitsToDouble(samples.bits[i]);
        floats += commit.insert(slot, ref, samples.start(i), time, value) ? 1 : 0;
      }
    }
    samples.clear();
    try {
      commit.write();
      taken += floats + histograms;
    } catch (RuntimeException e) {
      together.failed = true;
      head.counters.outOfOrderSamples.add(floats);
      head.counters.outOfOrderHistograms.add(histograms);
      LOG.error("{} late samples are left out: {}", floats + histograms, e.getMessage());
    }
  }

  /** What counts a sample that is not taken. */
  private LongAdder refused(boolean noWindow, boolean outOfBounds, boolean histogram) {
    HeadCounters counters = head.counters;
    if (!noWindow) {
      return histogram ? store.counters().histogramsTooOld : store.counters().floatsTooOld;
    }
    if (outOfBounds) {
      return histogram ? counters.outOfBoundHistograms : counters.outOfBoundSamples;
    }
    return histogram ? counters.outOfOrderHistograms : counters.outOfOrderSamples;
  }
}
