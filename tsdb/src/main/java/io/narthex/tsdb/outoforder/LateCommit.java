package io.narthex.tsdb.outoforder;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.tsdb.wal.WalBatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The late samples of one commit on their way into memory and log. Reusable; the caller holds the
 * locks of the series' groups from {@link #begin} until the commit is visible.
 *
 * <p>The log holds a series' samples in the order in which they came, and a marker where a chunk
 * was made of those before it: {@code samples, marker, samples}. So samples are gathered, behind
 * all markers, until a marker has to stand behind a sample of its own series; which is rare: most
 * commits are a record of markers, one of floats and one of each kind of histograms. A write that
 * is torn then leaves all floats of a commit or none, and so of the histograms.
 */
public final class LateCommit {

  private final OutOfOrder store;
  private final WalBatch records = new WalBatch();
  private final List<LateSeries> touched = new ArrayList<>();
  private @Nullable Visibility commit;

  private long[] refs = new long[64];
  private long[] times = new long[64];
  private double[] values = new double[64];
  private long[] starts = new long[64];
  private int gathered;
  private long[] histogramRefs = new long[8];
  private long[] histogramTimes = new long[8];
  private long[] histogramStarts = new long[8];
  private final List<SpanHistogram> gatheredHistograms = new ArrayList<>();
  // What is gathered together; its series know it.
  private Object round = new Object();
  private int floats;
  private int histograms;
  private long minTime;
  private long maxTime;

  public LateCommit(OutOfOrder store) {
    this.store = store;
  }

  /** Begins; what was not written is forgotten. */
  public void begin(Visibility theCommit) {
    commit = theCommit;
    records.clear();
    touched.clear();
    forgetGathered();
    floats = 0;
    histograms = 0;
    minTime = Long.MAX_VALUE;
    maxTime = Long.MIN_VALUE;
  }

  /**
   * Takes a float; nobody sees it before {@link #write} and the end of the commit.
   *
   * @param start its start timestamp, 0 for unknown
   * @return false if the series has a late sample of that time already, which stays
   */
  public boolean insert(int slot, long ref, long start, long time, double value) {
    if (!insert(slot, ref, start, time, value, null)) {
      return false;
    }
    floats++;
    if (gathered == refs.length) {
      refs = Arrays.copyOf(refs, gathered * 2);
      times = Arrays.copyOf(times, gathered * 2);
      values = Arrays.copyOf(values, gathered * 2);
      starts = Arrays.copyOf(starts, gathered * 2);
    }
    refs[gathered] = ref;
    times[gathered] = time;
    starts[gathered] = start;
    values[gathered++] = value;
    return true;
  }

  /**
   * Takes a histogram; the rest is as for floats.
   *
   * @param histogram copied
   */
  public boolean insert(int slot, long ref, long start, long time, SpanHistogram histogram) {
    SpanHistogram copy = new SpanHistogram();
    copy.copyFrom(histogram);
    if (!insert(slot, ref, start, time, 0, copy)) {
      return false;
    }
    histograms++;
    int at = gatheredHistograms.size();
    if (at == histogramRefs.length) {
      histogramRefs = Arrays.copyOf(histogramRefs, at * 2);
      histogramTimes = Arrays.copyOf(histogramTimes, at * 2);
      histogramStarts = Arrays.copyOf(histogramStarts, at * 2);
    }
    histogramRefs[at] = ref;
    histogramTimes[at] = time;
    histogramStarts[at] = start;
    gatheredHistograms.add(copy);
    return true;
  }

  private boolean insert(
      int slot, long ref, long start, long time, double value, @Nullable SpanHistogram histogram) {
    LateSeries series = store.open(slot);
    if (series.size() >= OutOfOrder.CAPACITY) {
      long place = store.seal(series, ref);
      if (place != 0) {
        if (series.isGathered(round)) {
          flush();
        }
        records.mmapMarker(ref, place);
      }
    }
    boolean first = series.size() == 0;
    if (!series.insert(start, time, value, histogram, commit)) {
      return false;
    }
    if (first) {
      store.chunkBegun();
    }
    if (touched.isEmpty() || touched.getLast() != series) {
      touched.add(series);
    }
    series.gathered(round);
    minTime = Math.min(minTime, time);
    maxTime = Math.max(maxTime, time);
    return true;
  }

  private void flush() {
    boolean withStarts = store.forms().starts();
    if (withStarts) {
      records.samplesWithStarts(refs, starts, times, values, 0, gathered);
    } else {
      records.samples(refs, times, values, 0, gathered);
    }
    for (int i = 0; i < gatheredHistograms.size(); i++) {
      SpanHistogram histogram = gatheredHistograms.get(i);
      if (withStarts) {
        records.histogramWithStart(
            histogramRefs[i], histogramStarts[i], histogramTimes[i], histogram);
      } else {
        records.histogram(histogramRefs[i], histogramTimes[i], histogram);
      }
    }
    forgetGathered();
  }

  private void forgetGathered() {
    gathered = 0;
    gatheredHistograms.clear();
    round = new Object();
  }

  /**
   * Writes the log. What is inserted afterwards needs another call.
   *
   * @throws RuntimeException if it cannot be written; then nothing is there of what was inserted
   *     since {@link #begin}, or the last call
   */
  public void write() {
    flush();
    if (records.isEmpty()) {
      return;
    }
    Consumer<WalBatch> log = store.log();
    try {
      if (log != null) {
        log.accept(records);
      }
    } catch (RuntimeException e) {
      Visibility mine = commit;
      if (mine != null) {
        touched.forEach(series -> series.abort(mine));
      }
      throw e;
    }
    if (minTime <= maxTime) {
      store.widen(minTime, maxTime);
    }
    store.counters().floatsAppended.add(floats);
    store.counters().histogramsAppended.add(histograms);
    Visibility mine = commit;
    if (mine != null) {
      begin(mine);
    }
  }
}
