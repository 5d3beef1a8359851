package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.promql.engine.core.Column;

/** {@code irate} and {@code idelta}: the difference between the last two samples of a window. */
final class InstantRate implements WindowFunction {

  private final boolean counter;
  private final boolean useStarts;

  InstantRate(boolean counter, boolean useStarts) {
    this.counter = counter;
    this.useStarts = useStarts;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clear();
    double[] out = into.values();
    boolean any = window.hasHistograms();
    for (int i = 0; i < out.length; i++) {
      int from = window.from()[i];
      int to = window.to()[i];
      if (any && window.histogramTo(i) > window.histogramFrom(i)) {
        applyAny(window, i, remarks, into);
      } else if (to - from >= 2) {
        long distance = window.times()[to - 1] - window.times()[to - 2];
        if (distance != 0) {
          out[i] = floats(window, to - 2, to - 1, distance);
        }
      }
    }
  }

  private double floats(Window window, int previous, int last, long distance) {
    double a = window.values()[previous];
    double b = window.values()[last];
    boolean reset =
        counter && (b < a || (useStarts && window.hasStarts() && Rate.Starts.reset(window, last)));
    double result = reset ? b : b - a;
    return counter ? result / (distance / 1000.0) : result;
  }

  private void applyAny(Window window, int step, SeriesRemarks remarks, Column into) {
    int lastFloat = window.to()[step] - 1;
    int floats = window.to()[step] - window.from()[step];
    int lastHistogram = window.histogramTo(step) - 1;
    int histograms = window.histogramTo(step) - window.histogramFrom(step);
    if (floats + histograms < 2) {
      return;
    }
    // Both of the last two are histograms, both are floats, or there is one of each.
    boolean bothHistograms =
        histograms >= 2
            && (floats == 0 || window.histogramTime(lastHistogram - 1) > window.times()[lastFloat]);
    boolean bothFloats =
        floats >= 2 && window.times()[lastFloat - 1] > window.histogramTime(lastHistogram);
    if (bothFloats) {
      long distance = window.times()[lastFloat] - window.times()[lastFloat - 1];
      into.set(step, floats(window, lastFloat - 1, lastFloat, distance));
    } else if (bothHistograms) {
      histograms(window, lastHistogram, step, remarks, into);
    } else {
      remarks.mixed();
    }
  }

  private void histograms(Window window, int number, int step, SeriesRemarks remarks, Column into) {
    FloatHistogram last = window.histogram(number);
    FloatHistogram previous = window.histogram(number - 1);
    long distance = window.histogramTime(number) - window.histogramTime(number - 1);
    boolean bothGauges = last.hint() == ResetHint.GAUGE && previous.hint() == ResetHint.GAUGE;
    if (counter && (last.hint() == ResetHint.GAUGE || previous.hint() == ResetHint.GAUGE)) {
      remarks.notCounter();
    }
    if (!counter && !bothGauges) {
      remarks.notGauge();
    }
    FloatHistogram result = last.copy();
    boolean reset =
        counter
            && ((useStarts && window.hasStarts() && Rate.Starts.histogramReset(window, number))
                || last.isResetAfter(previous));
    if (!reset && !HistogramRate.combine(result, previous, false, remarks)) {
      return;
    }
    result.hint(ResetHint.GAUGE).compact();
    into.set(step, counter ? result.divide(distance / 1000.0) : result);
  }
}
