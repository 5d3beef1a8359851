package io.narthex.model.sample;

import io.narthex.model.histogram.FloatHistogram;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A run of samples of one series in parallel arrays, ascending in time. Reusable; it belongs to one
 * thread at a time. The arrays may be longer than the run and are replaced when they grow, so take
 * them anew after each fill.
 *
 * <p>A run of floats is two arrays. Histograms and start timestamps lie in two more, which are
 * there only where a run has any: float code never looks at them.
 */
public final class SampleBuffer {

  private long[] timestamps = new long[128];
  private double[] values = new double[128];
  private @Nullable FloatHistogram @Nullable [] histograms;
  private long @Nullable [] startTimestamps;
  private boolean hasHistograms;
  private boolean hasStartTimestamps;
  private int size;

  /** Empties the run. */
  public void clear() {
    if (hasHistograms && histograms != null) {
      Arrays.fill(histograms, null);
    }
    hasHistograms = false;
    if (hasStartTimestamps && startTimestamps != null) {
      Arrays.fill(startTimestamps, 0);
    }
    hasStartTimestamps = false;
    size = 0;
  }

  /** The number of samples. */
  public int size() {
    return size;
  }

  /** Milliseconds since the epoch, valid up to {@link #size}. */
  public long[] timestamps() {
    return timestamps;
  }

  /** The values, valid up to {@link #size}; stale markers are among them. */
  public double[] values() {
    return values;
  }

  /** Adds one sample. */
  public void add(long timestamp, double value) {
    if (size == timestamps.length) {
      reserve(size + 1);
    }
    timestamps[size] = timestamp;
    values[size] = value;
    size++;
  }

  /** Adds one histogram; it is kept, not copied. A stale one has the stale marker as its sum. */
  public void add(long timestamp, FloatHistogram histogram) {
    int at = size;
    add(timestamp, 0);
    if (histograms == null || histograms.length < timestamps.length) {
      histograms =
          histograms == null
              ? new @Nullable FloatHistogram[timestamps.length]
              : Arrays.copyOf(histograms, timestamps.length);
    }
    histograms[at] = histogram;
    hasHistograms = true;
  }

  /** Adds a sample of another run, with all that belongs to it. */
  public void add(SampleBuffer source, int sample) {
    FloatHistogram histogram = source.histogram(sample);
    if (histogram == null) {
      add(source.timestamps[sample], source.values[sample]);
    } else {
      add(source.timestamps[sample], histogram);
    }
    startedAt(source.startTimestamp(sample));
  }

  /** Adds all samples of another run. */
  public void addAll(SampleBuffer source) {
    if (source.hasHistograms || source.hasStartTimestamps || hasHistograms || hasStartTimestamps) {
      for (int i = 0; i < source.size; i++) {
        add(source, i);
      }
      return;
    }
    reserve(size + source.size);
    System.arraycopy(source.timestamps, 0, timestamps, size, source.size);
    System.arraycopy(source.values, 0, values, size, source.size);
    size += source.size;
  }

  /**
   * Adds two other runs as one; of two samples of one time the first run's stays. A histogram that
   * comes to stand behind one of the other run no longer says whether there was a reset.
   */
  public void addMerged(SampleBuffer first, SampleBuffer second) {
    int a = 0;
    int b = 0;
    SampleBuffer last = null;
    while (a < first.size || b < second.size) {
      boolean takeFirst =
          b == second.size || (a < first.size && first.timestamps[a] <= second.timestamps[b]);
      SampleBuffer from = takeFirst ? first : second;
      if (takeFirst && b < second.size && first.timestamps[a] == second.timestamps[b]) {
        b++;
      }
      add(from, takeFirst ? a++ : b++);
      FloatHistogram histogram = histogram(size - 1);
      if (histogram != null && from != last && size > 1) {
        replace(size - 1, histogram.withoutResetHint());
      }
      last = from;
    }
  }

  /** Puts a sample in the place of an earlier one. */
  public void move(int from, int to) {
    timestamps[to] = timestamps[from];
    values[to] = values[from];
    if (hasHistograms && histograms != null && to < histograms.length) {
      histograms[to] = histogram(from);
    }
    if (hasStartTimestamps && startTimestamps != null && to < startTimestamps.length) {
      startTimestamps[to] = startTimestamp(from);
    }
  }

  /** Drops samples from the end, until this many are left. */
  public void truncate(int samples) {
    if (hasHistograms && histograms != null && samples < histograms.length) {
      Arrays.fill(histograms, samples, Math.min(size, histograms.length), null);
    }
    if (hasStartTimestamps && startTimestamps != null && samples < startTimestamps.length) {
      Arrays.fill(startTimestamps, samples, Math.min(size, startTimestamps.length), 0);
    }
    size = samples;
  }

  /** Puts another histogram in the place of one. */
  public void replace(int sample, FloatHistogram histogram) {
    if (histogram(sample) == null || histograms == null) {
      throw new IllegalArgumentException("no histogram at " + sample);
    }
    histograms[sample] = histogram;
  }

  /** Says when the counting began that led to the sample added last; 0 for unknown. */
  public void startedAt(long start) {
    if (start == 0 && !hasStartTimestamps) {
      return;
    }
    if (startTimestamps == null || startTimestamps.length < timestamps.length) {
      startTimestamps =
          startTimestamps == null
              ? new long[timestamps.length]
              : Arrays.copyOf(startTimestamps, timestamps.length);
    }
    startTimestamps[size - 1] = start;
    hasStartTimestamps = true;
  }

  /** Whether any sample of the run is a histogram. */
  public boolean hasHistograms() {
    return hasHistograms;
  }

  /** The histogram of a sample, or null if it is a float. */
  public @Nullable FloatHistogram histogram(int sample) {
    return hasHistograms && histograms != null && sample < histograms.length
        ? histograms[sample]
        : null;
  }

  /** Whether any sample of the run has a start timestamp. */
  public boolean hasStartTimestamps() {
    return hasStartTimestamps;
  }

  /** When the counting began that led to a sample, milliseconds since the epoch; 0 for unknown. */
  public long startTimestamp(int sample) {
    return hasStartTimestamps && startTimestamps != null && sample < startTimestamps.length
        ? startTimestamps[sample]
        : 0;
  }

  /** Makes room for this many samples in all. */
  public void reserve(int samples) {
    if (samples > timestamps.length) {
      int length = Math.max(samples, timestamps.length * 2);
      timestamps = Arrays.copyOf(timestamps, length);
      values = Arrays.copyOf(values, length);
    }
  }

  /** Says how many samples there are after a decoder wrote some into the arrays themselves. */
  public void size(int samples) {
    size = samples;
  }
}
