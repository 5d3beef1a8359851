package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.storage.SeriesSet;
import org.jspecify.annotations.Nullable;

/**
 * The newest sample of each series at each step, unless it is a stale marker or as old as the
 * lookback.
 */
public final class InstantSelector implements Operator {

  /** What of the sample it yields. */
  public enum Yield {
    VALUE,
    /** The sample's time in seconds. */
    TIMESTAMP,
    /** The sample's start timestamp in seconds; nothing where start timestamps do not count. */
    START_TIMESTAMP
  }

  /** So many samples of one series are not worth counting. */
  private static final int FREE_SAMPLES = 4096;

  private final QueryScope scope;
  private final Grid grid;
  private final Selection selection;
  private final Yield yield;
  private final boolean detectsResets;

  /**
   * @param offset resolved, in milliseconds
   * @param at resolved, or null
   * @param detectsResets whether histograms are given the hints that they lack
   */
  public InstantSelector(
      QueryScope scope,
      Grid grid,
      VectorSelector selector,
      long offset,
      @Nullable Long at,
      Yield yield,
      boolean detectsResets) {
    this.scope = scope;
    this.detectsResets = detectsResets;
    this.grid = grid;
    this.yield = yield;
    this.selection =
        Selection.of(
            scope, grid, selector.matchers(), offset, at, scope.lookbackMillis() - 1, 0, "");
  }

  @Override
  public Grid grid() {
    return grid;
  }

  @Override
  public int size() {
    return selection.series().size();
  }

  @Override
  public Labels labels(int series) {
    return selection.series().labels(series);
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return selection.labels(series, needed);
  }

  @Override
  public boolean nameDropped(int series) {
    return false;
  }

  @Override
  public boolean distinct() {
    return true;
  }

  @Override
  public boolean distinctWithoutName() {
    return selection.oneName();
  }

  @Override
  public Reader reader() {
    return new SampleReader();
  }

  private final class SampleReader implements Reader {
    private final SeriesSet.Reader reader =
        detectsResets
            ? ResetHints.detecting(selection.series().reader())
            : selection.series().reader();
    private final SampleBuffer buffer = new SampleBuffer();
    private int roomy = FREE_SAMPLES;

    @Override
    public void read(int series, Column into) {
      scope.context().check();
      long first = selection.reference(grid, 0);
      long last = selection.reference(grid, grid.count() - 1);
      long from = first - scope.lookbackMillis() + 1;
      if (first == last && !detectsResets) {
        reader.readNewest(series, from, last, buffer);
      } else {
        reader.read(series, from, last, buffer);
      }
      scope.context().holdBriefly(buffer.size());
      if (buffer.size() > roomy) {
        scope.context().take(16L * (buffer.size() - roomy));
        roomy = buffer.size();
      }
      if (buffer.hasHistograms() || yield != Yield.VALUE || selection.at() != null) {
        readAny(into);
      } else {
        readFloats(first, into);
      }
      count(into);
    }

    private void readFloats(long first, Column into) {
      into.clearHistograms();
      double[] out = into.values();
      long[] times = buffer.timestamps();
      double[] values = buffer.values();
      int size = buffer.size();
      long lookback = scope.lookbackMillis();
      long step = grid.step();
      int next = grid.count() == 1 ? size : 0; // all that was read is of the only step or before
      long reference = first;
      for (int i = 0; i < out.length; i++) {
        while (next < size && times[next] <= reference) {
          next++;
        }
        // A stale marker is the very value that stands for no value.
        out[i] =
            next > 0 && times[next - 1] > reference - lookback ? values[next - 1] : Column.ABSENT;
        reference += step;
      }
    }

    private void readAny(Column into) {
      into.clear();
      long[] times = buffer.timestamps();
      int next = 0;
      for (int i = 0; i < into.steps(); i++) {
        long reference = selection.reference(grid, i);
        while (next < buffer.size() && times[next] <= reference) {
          next++;
        }
        int sample = next - 1;
        if (sample < 0 || times[sample] <= reference - scope.lookbackMillis()) {
          continue;
        }
        FloatHistogram histogram = buffer.histogram(sample);
        double value = histogram == null ? buffer.values()[sample] : histogram.sum();
        if (StaleMarker.is(value)) {
          continue;
        }
        switch (yield) {
          case VALUE -> {
            if (histogram == null) {
              into.set(i, value);
            } else {
              into.set(i, histogram);
            }
          }
          case TIMESTAMP -> into.set(i, times[sample] / 1000.0);
          case START_TIMESTAMP -> {
            if (scope.startTimestamps()) {
              into.set(i, buffer.startTimestamp(sample) / 1000.0);
            }
          }
        }
      }
    }

    private void count(Column into) {
      long looked = into.count();
      if (into.hasHistograms()) {
        for (int i = 0; i < into.steps(); i++) {
          FloatHistogram histogram = into.histogram(i);
          looked += histogram == null ? 0 : SampleCounter.size(histogram) - 1;
        }
      }
      scope.counter().add(looked, looked);
      if (scope.counter().perStep()) {
        for (int i = 0; i < into.steps(); i++) {
          long seen = size(into, i);
          scope.counter().at(i, seen, seen);
        }
      }
    }

    private static long size(Column column, int step) {
      FloatHistogram histogram = column.histogram(step);
      if (histogram != null) {
        return SampleCounter.size(histogram);
      }
      return column.present(step) ? 1 : 0;
    }
  }
}
