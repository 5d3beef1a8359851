package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.ast.VectorSelector.Extension;
import io.narthex.promql.engine.core.Column;
import org.jspecify.annotations.Nullable;

/**
 * {@code changes} and {@code resets}: how often a sample differs from the one before it, or falls
 * below it. An anchored range counts the newest sample before the window too.
 */
final class Changes implements WindowFunction {

  private final boolean resets;
  private final boolean useStarts;
  // By sample, how many of the samples up to and including it count.
  private int[] upTo = new int[64];

  Changes(boolean resets, boolean useStarts) {
    this.resets = resets;
    this.useStarts = useStarts;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clear();
    boolean anchored = window.shape().extension() == Extension.ANCHORED;
    if (window.hasHistograms()) {
      for (int i = 0; i < into.steps(); i++) {
        window.look(
            window.to()[i] - window.from()[i] + window.histogramTo(i) - window.histogramFrom(i));
        mixed(window, i, anchored, into);
      }
      return;
    }
    double[] values = window.values();
    int size = window.size();
    if (upTo.length < size) {
      upTo = new int[Math.max(size, upTo.length * 2)];
    }
    int count = 0;
    for (int i = 0; i < size; i++) {
      if (i > 0 && floats(window, i, values[i - 1], values[i])) {
        count++;
      }
      upTo[i] = count;
    }
    double[] out = into.values();
    for (int i = 0; i < out.length; i++) {
      int from = window.from()[i];
      int to = window.to()[i];
      if (anchored) {
        window.look(to - from);
        long start = window.shape().start(i);
        int inside = from;
        while (inside < to && window.times()[inside] <= start) {
          inside++;
        }
        if (inside == to) {
          continue;
        }
        from = Math.max(from, inside - 1);
      }
      if (to > from) {
        out[i] = upTo[to - 1] - upTo[from];
      }
    }
  }

  private boolean floats(Window window, int sample, double previous, double current) {
    if (resets) {
      return current < previous
          || (useStarts && window.hasStarts() && Rate.Starts.reset(window, sample));
    }
    return current != previous && !(Double.isNaN(current) && Double.isNaN(previous));
  }

  private void mixed(Window window, int step, boolean anchored, Column into) {
    int f = window.from()[step];
    int toFloat = window.to()[step];
    int h = window.histogramFrom(step);
    int toHistogram = window.histogramTo(step);
    if (anchored) {
      long start = window.shape().start(step);
      int insideFloat = f;
      while (insideFloat < toFloat && window.times()[insideFloat] <= start) {
        insideFloat++;
      }
      int insideHistogram = h;
      while (insideHistogram < toHistogram && window.histogramTime(insideHistogram) <= start) {
        insideHistogram++;
      }
      if (insideFloat == toFloat && insideHistogram == toHistogram) {
        return;
      }
      // The newest sample before the window counts, whatever it is.
      boolean floatBefore = insideFloat > f;
      boolean histogramBefore = insideHistogram > h;
      boolean floatIsNewer =
          floatBefore
              && (!histogramBefore
                  || window.times()[insideFloat - 1] >= window.histogramTime(insideHistogram - 1));
      f = floatIsNewer ? insideFloat - 1 : insideFloat;
      h = histogramBefore && !floatIsNewer ? insideHistogram - 1 : insideHistogram;
    }
    if (f == toFloat && h == toHistogram) {
      return;
    }
    int count = 0;
    boolean first = true;
    double previous = 0;
    FloatHistogram previousHistogram = null;
    while (f < toFloat || h < toHistogram) {
      boolean isFloat =
          h >= toHistogram || (f < toFloat && window.times()[f] < window.histogramTime(h));
      FloatHistogram histogram = isFloat ? null : window.histogram(h);
      double value = isFloat ? window.values()[f] : 0;
      if (!first && differs(window, f, h, previous, value, previousHistogram, histogram)) {
        count++;
      }
      first = false;
      previous = value;
      previousHistogram = histogram;
      if (isFloat) {
        f++;
      } else {
        h++;
      }
    }
    into.set(step, count);
  }

  private boolean differs(
      Window window,
      int f,
      int h,
      double previous,
      double value,
      @Nullable FloatHistogram previousHistogram,
      @Nullable FloatHistogram histogram) {
    if (histogram == null) {
      return previousHistogram != null || floats(window, f, previous, value);
    }
    if (previousHistogram == null) {
      return true;
    }
    if (!resets) {
      return !histogram.sameAs(previousHistogram);
    }
    return (useStarts && window.hasStarts() && Rate.Starts.histogramReset(window, h))
        || histogram.isResetAfter(previousHistogram);
  }
}
