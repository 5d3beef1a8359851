package io.narthex.promql.engine.range;

import io.narthex.promql.engine.core.Column;

/**
 * {@code max_over_time} and {@code min_over_time}. The candidates of a window are kept in a queue
 * in which each is worse than the one before it, so that a sample is looked at twice however many
 * windows show it. NaN is only an answer where there is nothing else.
 */
final class Extreme implements WindowFunction {

  private final boolean max;
  private int[] queue = new int[64];

  Extreme(boolean max) {
    this.max = max;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clearHistograms();
    double[] out = into.values();
    double[] values = window.values();
    int[] from = window.from();
    int[] to = window.to();
    if (queue.length < window.size()) {
      queue = new int[Math.max(window.size(), queue.length * 2)];
    }
    int head = 0;
    int tail = 0;
    int next = 0;
    for (int i = 0; i < out.length; i++) {
      if (from[i] >= to[i]) {
        out[i] = Column.ABSENT;
        continue;
      }
      if (next < from[i]) {
        next = from[i];
        head = 0;
        tail = 0;
      }
      while (next < to[i]) {
        double value = values[next];
        if (!Double.isNaN(value)) {
          while (tail > head && !better(values[queue[tail - 1]], value)) {
            tail--;
          }
          queue[tail++] = next;
        }
        next++;
      }
      while (head < tail && queue[head] < from[i]) {
        head++;
      }
      out[i] = head < tail ? values[queue[head]] : Double.NaN;
    }
    if (window.hasHistograms()) {
      for (int i = 0; i < out.length; i++) {
        if (from[i] < to[i] && window.histogramTo(i) > window.histogramFrom(i)) {
          remarks.ignoredHistograms();
        }
      }
    }
  }

  private boolean better(double a, double b) {
    return max ? a > b : a < b;
  }
}
