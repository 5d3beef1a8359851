package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.storage.StopSignal;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The samples of one series, stale markers gone, and which of them each step's window shows. Floats
 * and histograms are apart, as every function treats them apart. Reused from series to series; not
 * thread-safe.
 *
 * <p>Series that were scraped together have the same timestamps, and then the windows are those of
 * the series before: comparing the timestamps is far cheaper than finding the windows, and what a
 * function derives from timestamps alone (the factors of an extrapolation) can be kept too, see
 * {@link #moved}.
 */
public final class Window {

  /** What a function does between two looks at the clock: some hundred microseconds. */
  private static final int CHECK_SAMPLES = 1 << 16;

  private final WindowShape shape;
  private final int[] from;
  private final int[] to;
  private long[] times = new long[0];
  private double[] values = new double[0];
  private int size;
  private long[] located = new long[0];
  private int locatedSize = -1;
  private long looked;
  private long read;
  private long moved;

  // Where there are histograms or start timestamps.
  private boolean hasHistograms;
  private boolean hasStarts;
  private long[] floatTimes = new long[0];
  private double[] floatValues = new double[0];
  private long[] starts = new long[0];
  private final int[] histogramFrom;
  private final int[] histogramTo;
  private long[] histogramTimes = new long[0];
  private FloatHistogram[] histograms = new FloatHistogram[0];
  private long[] histogramStarts = new long[0];
  private int histogramCount;
  private int lookedAt;

  Window(WindowShape shape) {
    this.shape = shape;
    int steps = shape.grid().count();
    from = new int[steps];
    to = new int[steps];
    histogramFrom = new int[steps];
    histogramTo = new int[steps];
  }

  /** Takes over the samples of a series; the buffer's arrays are used and may be changed. */
  void fill(SampleBuffer buffer) {
    hasHistograms = false;
    histogramCount = 0;
    hasStarts = buffer.hasStartTimestamps();
    times = buffer.timestamps();
    values = buffer.values();
    size = buffer.size();
    if (buffer.hasHistograms() || hasStarts) {
      split(buffer);
    } else {
      dropStale();
    }
    locate();
  }

  private void dropStale() {
    int kept = 0;
    while (kept < size && !StaleMarker.is(values[kept])) {
      kept++;
    }
    for (int i = kept + 1; i < size; i++) {
      if (!StaleMarker.is(values[i])) {
        times[kept] = times[i];
        values[kept] = values[i];
        kept++;
      }
    }
    size = Math.min(size, kept);
  }

  private void split(SampleBuffer buffer) {
    if (floatTimes.length < size) {
      int length = times.length;
      floatTimes = new long[length];
      floatValues = new double[length];
      starts = new long[length];
      histogramTimes = new long[length];
      histograms = new FloatHistogram[length];
      histogramStarts = new long[length];
    }
    int floats = 0;
    for (int i = 0; i < size; i++) {
      FloatHistogram histogram = buffer.histogram(i);
      if (StaleMarker.is(histogram == null ? values[i] : histogram.sum())) {
        continue;
      }
      if (histogram == null) {
        floatTimes[floats] = times[i];
        floatValues[floats] = values[i];
        starts[floats] = buffer.startTimestamp(i);
        floats++;
      } else {
        histogramTimes[histogramCount] = times[i];
        histograms[histogramCount] = histogram;
        histogramStarts[histogramCount] = buffer.startTimestamp(i);
        histogramCount++;
      }
    }
    times = floatTimes;
    values = floatValues;
    size = floats;
    hasHistograms = histogramCount > 0;
    if (hasHistograms) {
      locate(histogramTimes, histogramCount, histogramFrom, histogramTo);
    }
  }

  private void locate() {
    if (size == locatedSize && Arrays.equals(times, 0, size, located, 0, size)) {
      return;
    }
    if (located.length < size) {
      located = new long[times.length];
    }
    System.arraycopy(times, 0, located, 0, size);
    locatedSize = size;
    moved++;
    looked = locate(times, size, from, to);
    read = 0;
    for (int i = 0; i < from.length; i++) {
      read += fresh(i, from, to);
    }
  }

  /** How many samples of a step's window lie in none before. */
  private static int fresh(int step, int[] from, int[] to) {
    return to[step] - (step == 0 ? from[0] : Math.max(from[step], to[step - 1]));
  }

  /** Counts the samples that the windows show. */
  void count(SampleCounter counter) {
    if (!hasHistograms && !counter.perStep()) {
      counter.add(looked, read);
      return;
    }
    long allLooked = 0;
    long allRead = 0;
    for (int i = 0; i < from.length; i++) {
      long stepLooked = to[i] - from[i];
      long stepRead = fresh(i, from, to);
      if (hasHistograms) {
        int old = i == 0 ? 0 : histogramTo[i - 1];
        for (int h = histogramFrom[i]; h < histogramTo[i]; h++) {
          long size = SampleCounter.size(histograms[h]);
          stepLooked += size;
          stepRead += h >= old ? size : 0;
        }
      }
      allLooked += stepLooked;
      allRead += stepRead;
      if (counter.perStep()) {
        counter.at(i, stepLooked, stepRead);
      }
    }
    counter.add(allLooked, allRead);
  }

  private long locate(long[] times, int size, int[] from, int[] to) {
    long before = shape.before();
    long after = shape.after();
    long total = 0;
    int low = 0;
    int high = 0;
    for (int i = 0; i < from.length; i++) {
      long end = shape.end(i);
      long start = end - shape.range() - before;
      while (low < size && times[low] <= start) {
        low++;
      }
      high = Math.max(high, low);
      while (high < size && times[high] <= end + after) {
        high++;
      }
      from[i] = low;
      to[i] = high;
      total += high - low;
    }
    return total;
  }

  /**
   * Says that a function is about to look at so many samples, one after the other: every now and
   * then it is asked whether anybody still wants to know.
   */
  void look(int samples) {
    lookedAt += samples;
    if (lookedAt >= CHECK_SAMPLES) {
      lookedAt = 0;
      StopSignal.check();
    }
  }

  /** How the windows lie. */
  public WindowShape shape() {
    return shape;
  }

  /** The number of steps. */
  public int steps() {
    return from.length;
  }

  /** Changes whenever the windows or the times of floats are no longer what they were. */
  public long moved() {
    return moved;
  }

  /**
   * The times of the floats, milliseconds since the epoch, ascending; valid up to {@link #size}.
   */
  public long[] times() {
    return times;
  }

  /** The floats. */
  public double[] values() {
    return values;
  }

  /** The number of floats. */
  public int size() {
    return size;
  }

  /** By step, the first float that its window shows. */
  public int[] from() {
    return from;
  }

  /** By step, the float behind the last that its window shows. */
  public int[] to() {
    return to;
  }

  /** Whether any sample has a start timestamp. */
  public boolean hasStarts() {
    return hasStarts;
  }

  /** The start timestamp of a float, 0 for unknown. */
  public long start(int sample) {
    return hasStarts ? starts[sample] : 0;
  }

  /** Whether there are any histograms. */
  public boolean hasHistograms() {
    return hasHistograms;
  }

  /** The first histogram that a step's window shows. */
  public int histogramFrom(int step) {
    return hasHistograms ? histogramFrom[step] : 0;
  }

  /** The histogram behind the last that a step's window shows. */
  public int histogramTo(int step) {
    return hasHistograms ? histogramTo[step] : 0;
  }

  /** A histogram. */
  public FloatHistogram histogram(int sample) {
    return histograms[sample];
  }

  /** The time of a histogram. */
  public long histogramTime(int sample) {
    return histogramTimes[sample];
  }

  /** The start timestamp of a histogram, 0 for unknown. */
  public long histogramStart(int sample) {
    return hasStarts ? histogramStarts[sample] : 0;
  }

  /** The first of a step's histograms, or null. */
  @Nullable FloatHistogram firstHistogram(int step) {
    return histogramFrom(step) < histogramTo(step) ? histograms[histogramFrom[step]] : null;
  }
}
