package io.narthex.promql.engine.range;

import io.narthex.promql.engine.core.Column;

/** Functions that look at all samples of a window alike: the first, the last, their number. */
final class Picking implements WindowFunction {

  enum What {
    FIRST,
    LAST,
    COUNT,
    PRESENT,
    TIME_OF_FIRST,
    TIME_OF_LAST
  }

  private final What what;

  Picking(What what) {
    this.what = what;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clearHistograms();
    double[] out = into.values();
    double[] values = window.values();
    int[] from = window.from();
    int[] to = window.to();
    for (int i = 0; i < out.length; i++) {
      if (to[i] == from[i]) {
        out[i] = Column.ABSENT;
        continue;
      }
      out[i] =
          switch (what) {
            case FIRST -> values[from[i]];
            case LAST -> values[to[i] - 1];
            case COUNT -> to[i] - from[i];
            case PRESENT -> 1;
            case TIME_OF_FIRST -> window.times()[from[i]] / 1000.0;
            case TIME_OF_LAST -> window.times()[to[i] - 1] / 1000.0;
          };
    }
    if (window.hasHistograms()) {
      for (int i = 0; i < out.length; i++) {
        if (window.histogramTo(i) > window.histogramFrom(i)) {
          mixed(window, i, into);
        }
      }
    }
  }

  private void mixed(Window window, int step, Column into) {
    int from = window.from()[step];
    int to = window.to()[step];
    int first = window.histogramFrom(step);
    int last = window.histogramTo(step) - 1;
    boolean floats = to > from;
    boolean floatFirst = floats && window.times()[from] < window.histogramTime(first);
    boolean floatLast = floats && window.times()[to - 1] > window.histogramTime(last);
    switch (what) {
      case FIRST -> {
        if (!floatFirst) {
          into.set(step, window.histogram(first));
        }
      }
      case LAST -> {
        if (!floatLast) {
          into.set(step, window.histogram(last));
        }
      }
      case COUNT -> into.set(step, to - from + last - first + 1.0);
      case PRESENT -> into.set(step, 1.0);
      case TIME_OF_FIRST -> {
        if (!floatFirst) {
          into.set(step, window.histogramTime(first) / 1000.0);
        }
      }
      case TIME_OF_LAST -> {
        if (!floatLast) {
          into.set(step, window.histogramTime(last) / 1000.0);
        }
      }
    }
  }
}
