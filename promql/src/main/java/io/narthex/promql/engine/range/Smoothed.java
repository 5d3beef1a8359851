package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;

/**
 * A smoothed instant selector: the value between the samples around each step, or that of the
 * newest one where none follows within the lookback.
 */
public final class Smoothed implements WindowFunction {

  private Smoothed() {}

  /**
   * The selector's operator.
   *
   * @param source the series, with windows of no width
   */
  public static Operator create(QueryScope scope, RangeSource source, Position position) {
    return new RangeFunction(scope, source, Smoothed::new, false, position);
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clear();
    for (int i = 0; i < into.steps(); i++) {
      long time = window.shape().end(i);
      int from = window.from()[i];
      int to = window.to()[i];
      if (to > from) {
        int next = from;
        while (next < to && window.times()[next] < time) {
          next++;
        }
        if (next < to && window.times()[next] == time) {
          into.set(i, window.values()[next]);
        } else if (next > from) {
          into.set(
              i,
              next == to
                  ? window.values()[next - 1]
                  : EdgeRate.interpolate(window.times(), window.values(), next - 1, time, false));
        }
      } else if (window.histogramTo(i) > window.histogramFrom(i)) {
        histogram(window, i, time, remarks, into);
      }
    }
  }

  private static void histogram(
      Window window, int step, long time, SeriesRemarks remarks, Column into) {
    int from = window.histogramFrom(step);
    int to = window.histogramTo(step);
    int next = from;
    while (next < to && window.histogramTime(next) < time) {
      next++;
    }
    if (next < to && window.histogramTime(next) == time) {
      into.set(step, window.histogram(next));
    } else if (next > from) {
      FloatHistogram histogram =
          next == to
              ? window.histogram(next - 1)
              : EdgeRate.between(window, next - 1, time, remarks);
      if (histogram != null) {
        into.set(step, histogram);
      }
    }
  }
}
