package io.narthex.tsdb.head;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.wal.WalBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The samples of a batch in parallel arrays, and its records. Producers are many but few have a
 * batch open at a time, so batches are shared: {@link Pool} keeps a few.
 *
 * <p>Histograms and start timestamps lie in arrays beside the others, which are there only once
 * there was one.
 */
final class Batch {

  long[] handles = new long[256];
  long[] refs = new long[256];
  long[] times = new long[256];
  double[] values = new double[256];
  int size;
  final WalBatch records = new WalBatch();
  final Extras extras = new Extras();

  /** How many of the samples are histograms. */
  int histogramCount;

  private static final int MOST_SPARE_BUCKETS = 1 << 17;
  private static final @Nullable SpanHistogram[] NO_HISTOGRAMS = {};
  private static final long[] NO_STARTS = {};

  private @Nullable SpanHistogram[] histograms = NO_HISTOGRAMS;
  private long[] starts = NO_STARTS;
  private boolean hasStarts;
  private final List<SpanHistogram> spare = new ArrayList<>();

  void add(long handle, long ref, long time, double value) {
    int at = size;
    if (at == handles.length) {
      int length = at * 2;
      handles = Arrays.copyOf(handles, length);
      refs = Arrays.copyOf(refs, length);
      times = Arrays.copyOf(times, length);
      values = Arrays.copyOf(values, length);
    }
    handles[at] = handle;
    refs[at] = ref;
    times[at] = time;
    values[at] = value;
    size = at + 1;
  }

  /** Adds a histogram, of which it keeps a copy. */
  void add(long handle, long ref, long time, SpanHistogram histogram) {
    add(handle, ref, time, 0);
    toHistogram(size - 1).copyFrom(histogram);
  }

  /** Sets the start timestamp of the sample that was added last. */
  void startedAt(long start) {
    if (start != 0) {
      starts()[size - 1] = start;
      hasStarts = true;
    }
  }

  /** Whether a sample has a start timestamp. */
  boolean hasStarts() {
    return hasStarts;
  }

  /** The start timestamp of a sample; 0 if it has none. */
  long start(int sample) {
    return hasStarts && sample < starts.length ? starts[sample] : 0;
  }

  /** The start timestamps, 0 for those without one. */
  long[] starts() {
    if (starts.length < handles.length) {
      starts = Arrays.copyOf(starts, handles.length);
    }
    return starts;
  }

  /** The histogram of a sample; null if it is a float. */
  @Nullable SpanHistogram histogram(int sample) {
    return sample < histograms.length ? histograms[sample] : null;
  }

  /** Makes a sample a histogram, of any content as yet. */
  SpanHistogram toHistogram(int sample) {
    if (sample >= histograms.length) {
      histograms = Arrays.copyOf(histograms, handles.length);
    }
    SpanHistogram histogram = histograms[sample];
    if (histogram == null) {
      histogram = spare.isEmpty() ? new SpanHistogram() : spare.removeLast();
      histograms[sample] = histogram;
      histogramCount++;
    }
    return histogram;
  }

  /** Makes a histogram a float. */
  void toFloat(int sample, double value) {
    histograms[sample] = null;
    histogramCount--;
    values[sample] = value;
  }

  /** Empties the batch; keeps some of its histograms for the next. */
  void clear() {
    if (histogramCount > 0) {
      int buckets = 0;
      for (int i = 0; i < Math.min(size, histograms.length); i++) {
        SpanHistogram histogram = histograms[i];
        if (histogram != null) {
          buckets += 32 + histogram.positive().buckets() + histogram.negative().buckets();
          if (buckets <= MOST_SPARE_BUCKETS) {
            spare.add(histogram);
          }
          histograms[i] = null;
        }
      }
      histogramCount = 0;
    }
    if (hasStarts) {
      Arrays.fill(starts, 0, Math.min(size, starts.length), 0);
      hasStarts = false;
    }
    size = 0;
  }

  /** The batches that nobody uses, the last one that came back on top. */
  static final class Pool {
    private static final int MOST = 8;

    private final Batch[] batches = new Batch[MOST];
    private int count;

    synchronized Batch take() {
      return count > 0 ? batches[--count] : new Batch();
    }

    synchronized void giveBack(Batch batch) {
      batch.clear();
      batch.extras.clear();
      if (count < MOST) {
        batches[count++] = batch;
      }
    }
  }
}
