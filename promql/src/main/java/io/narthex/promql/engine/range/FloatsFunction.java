package io.narthex.promql.engine.range;

import io.narthex.promql.engine.core.Column;

/**
 * A function that looks at the floats of a window only: it yields nothing where there are too few,
 * and says so in a remark where there are histograms beside them.
 */
abstract class FloatsFunction implements WindowFunction {

  /** The fewest floats that it can do with. */
  int least() {
    return 1;
  }

  /** Called before the steps of a series. */
  void begin(Window window, SeriesRemarks remarks) {}

  /**
   * Computes one step.
   *
   * @param from the first float of the window
   * @param to the one behind the last
   */
  abstract double at(Window window, int step, int from, int to);

  @Override
  public final void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clearHistograms();
    begin(window, remarks);
    double[] out = into.values();
    int[] from = window.from();
    int[] to = window.to();
    int least = least();
    boolean histograms = window.hasHistograms();
    for (int i = 0; i < out.length; i++) {
      int floats = to[i] - from[i];
      window.look(floats);
      out[i] = floats < least ? Column.ABSENT : at(window, i, from[i], to[i]);
      if (histograms && floats > 0 && window.histogramTo(i) > window.histogramFrom(i)) {
        remarks.ignoredHistograms();
      }
    }
  }
}
