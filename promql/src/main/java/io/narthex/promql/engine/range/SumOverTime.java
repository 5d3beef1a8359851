package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.IncompatibleHistogramsException;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.HistogramAccumulator;
import io.narthex.promql.engine.core.Kahan;
import io.narthex.promql.engine.core.Remarks;

/** {@code sum_over_time} and {@code avg_over_time}, of floats or of histograms. */
final class SumOverTime implements WindowFunction {

  /** What adding a histogram costs, in floats. */
  private static final int HISTOGRAM = 64;

  private final boolean average;

  SumOverTime(boolean average) {
    this.average = average;
  }

  @Override
  public void apply(Window window, SeriesRemarks remarks, Column into) {
    into.clearHistograms();
    double[] out = into.values();
    for (int i = 0; i < out.length; i++) {
      int from = window.from()[i];
      int to = window.to()[i];
      int histogramFrom = window.histogramFrom(i);
      int histogramTo = window.histogramTo(i);
      window.look(to - from + HISTOGRAM * (histogramTo - histogramFrom));
      out[i] = Column.ABSENT;
      if (histogramTo > histogramFrom) {
        if (to > from) {
          remarks.mixed();
        } else {
          histograms(window, histogramFrom, histogramTo, i, remarks, into);
        }
      } else if (to > from) {
        out[i] = average ? mean(window.values(), from, to) : sum(window.values(), from, to);
      }
    }
  }

  /** The compensated sum of some floats. */
  static double sum(double[] values, int from, int to) {
    double sum = 0;
    double compensation = 0;
    for (int i = from; i < to; i++) {
      double value = values[i];
      double total = sum + value;
      compensation = Kahan.compensation(sum, value, total, compensation);
      sum = total;
    }
    return Double.isInfinite(sum) ? sum : sum + compensation;
  }

  /**
   * The mean of some floats: their compensated sum divided by their number, or the mean of the mean
   * before and the next one from where on the sum would be infinite.
   */
  static double mean(double[] values, int from, int to) {
    double sum = values[from];
    double compensation = 0;
    int i = from + 1;
    double count = 1;
    for (; i < to; i++) {
      double value = values[i];
      double total = sum + value;
      if (Double.isInfinite(total)) {
        break;
      }
      compensation = Kahan.compensation(sum, value, total, compensation);
      sum = total;
      count++;
    }
    if (i == to) {
      return sum / count + compensation / count;
    }
    double mean = sum / count;
    compensation /= count;
    for (; i < to; i++) {
      count++;
      double share = (count - 1) / count;
      double value = values[i] / count;
      double before = share * mean;
      double total = before + value;
      compensation = Kahan.compensation(before, value, total, share * compensation);
      mean = total;
    }
    return mean + compensation;
  }

  private void histograms(
      Window window, int from, int to, int step, SeriesRemarks remarks, Column into) {
    HistogramAccumulator sum = new HistogramAccumulator(average);
    try {
      for (int i = from; i < to; i++) {
        sum.add(window.histogram(i));
      }
    } catch (IncompatibleHistogramsException e) {
      remarks.mixedSchemas();
      return;
    }
    if (sum.resetCollision()) {
      remarks.annotations().warn(Remarks.resetCollision("aggregation"), remarks.argument());
    }
    if (sum.reconciled()) {
      remarks.reconciled("aggregation");
    }
    FloatHistogram result = sum.result();
    if (result != null) {
      into.set(step, result);
    }
  }
}
