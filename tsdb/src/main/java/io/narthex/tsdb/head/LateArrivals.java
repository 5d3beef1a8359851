package io.narthex.tsdb.head;

import io.narthex.tsdb.outoforder.LateCommit;
import io.narthex.tsdb.outoforder.OutOfOrder;
import io.narthex.tsdb.outoforder.Visibility;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The late ones among the samples that were logged while the head was being filled. When they came
 * nobody could tell; now that their rows are known they go where late samples go, and into the log
 * of these. Belongs to the replay's thread.
 */
final class LateArrivals {

  private static final Logger LOG = LoggerFactory.getLogger(LateArrivals.class);

  /** Samples in parallel arrays. */
  static final class Samples {
    private int[] slots = new int[16];
    private long[] times = new long[16];
    private long[] bits = new long[16];
    private int size;

    void add(int slot, long time, long valueBits) {
      if (size == slots.length) {
        slots = Arrays.copyOf(slots, size * 2);
        times = Arrays.copyOf(times, size * 2);
        bits = Arrays.copyOf(bits, size * 2);
      }
      slots[size] = slot;
      times[size] = time;
      bits[size++] = valueBits;
    }

    int size() {
      return size;
    }

    void clear() {
      size = 0;
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

  void add(int slot, long time, long valueBits) {
    samples.add(slot, time, valueBits);
  }

  void addAll(Samples more) {
    for (int i = 0; i < more.size; i++) {
      samples.add(more.slots[i], more.times[i], more.bits[i]);
    }
  }

  /** How many wait to be taken. */
  int size() {
    return samples.size;
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
   * @param newest the time of the head's newest sample before the start: what was in the window when
   *     it came must not be too old now
   * @param appendableFrom what is older could not have been appended anyhow
   */
  void take(long newest, long appendableFrom) {
    if (samples.size == 0) {
      return;
    }
    long window = store.windowMillis();
    Together together = new Together();
    commit.begin(together);
    int inserted = 0;
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
      if (window == 0) {
        (time < appendableFrom ? head.counters.outOfBoundSamples : head.counters.outOfOrderSamples)
            .increment();
      } else if (time < newest - window) {
        store.counters().floatsTooOld.increment();
      } else {
        long ref = Rows.ref(index.rows.address(slot));
        inserted +=
            commit.insert(slot, ref, time, Double.longBitsToDouble(samples.bits[i])) ? 1 : 0;
      }
    }
    samples.clear();
    try {
      commit.write();
      taken += inserted;
    } catch (RuntimeException e) {
      together.failed = true;
      head.counters.outOfOrderSamples.add(inserted);
      LOG.error("{} late samples are left out: {}", inserted, e.getMessage());
    }
  }
}
