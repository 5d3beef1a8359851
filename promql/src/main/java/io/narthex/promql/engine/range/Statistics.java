package io.narthex.promql.engine.range;

import io.narthex.base.bytes.GoFloat;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Kahan;
import io.narthex.promql.engine.core.Quantiles;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Remarks;

/** Functions of statistics over the floats of a window. */
final class Statistics {

  private Statistics() {}

  /** {@code stdvar_over_time} and {@code stddev_over_time}: Welford's method, compensated. */
  static final class Variance extends FloatsFunction {
    private final boolean root;

    Variance(boolean root) {
      this.root = root;
    }

    @Override
    double at(Window window, int step, int from, int to) {
      double[] values = window.values();
      double count = 0;
      double mean = 0;
      double meanError = 0;
      double squares = 0;
      double squaresError = 0;
      for (int i = from; i < to; i++) {
        count++;
        double delta = values[i] - (mean + meanError);
        double share = delta / count;
        double total = mean + share;
        meanError = Kahan.compensation(mean, share, total, meanError);
        mean = total;
        double square = delta * (values[i] - (mean + meanError));
        total = squares + square;
        squaresError = Kahan.compensation(squares, square, total, squaresError);
        squares = total;
      }
      double variance = (squares + squaresError) / count;
      return root ? Math.sqrt(variance) : variance;
    }
  }

  /** {@code quantile_over_time}. */
  static final class Quantile extends FloatsFunction {
    private final double[] quantiles;
    private final Position position;
    private double[] sorted = new double[64];

    /**
     * @param quantiles the parameter by step
     * @param position where the parameter stands
     */
    Quantile(double[] quantiles, Position position) {
      this.quantiles = quantiles;
      this.position = position;
    }

    @Override
    void begin(Window window, SeriesRemarks remarks) {
      for (int i = 0; i < quantiles.length; i++) {
        double q = quantiles[i];
        if ((Double.isNaN(q) || q < 0 || q > 1) && window.to()[i] > window.from()[i]) {
          remarks.annotations().warn(Remarks.quantile(q), position);
        }
      }
    }

    @Override
    double at(Window window, int step, int from, int to) {
      int size = to - from;
      if (sorted.length < size) {
        sorted = new double[Math.max(size, sorted.length * 2)];
      }
      System.arraycopy(window.values(), from, sorted, 0, size);
      return Quantiles.of(quantiles[step], sorted, size);
    }
  }

  /** {@code mad_over_time}: the median of the distances from the median. */
  static final class MedianDeviation extends FloatsFunction {
    private double[] sorted = new double[64];

    @Override
    double at(Window window, int step, int from, int to) {
      int size = to - from;
      if (sorted.length < size) {
        sorted = new double[Math.max(size, sorted.length * 2)];
      }
      for (int i = 0; i < size; i++) {
        sorted[i] = window.values()[from + i];
        if (Double.isNaN(sorted[i])) {
          return Double.NaN;
        }
      }
      double median = Quantiles.of(0.5, sorted, size);
      for (int i = 0; i < size; i++) {
        sorted[i] = Math.abs(sorted[i] - median);
      }
      return Quantiles.of(0.5, sorted, size);
    }
  }

  /** {@code ts_of_max_over_time} and {@code ts_of_min_over_time}: the last of several. */
  static final class TimeOfExtreme extends FloatsFunction {
    private final boolean max;

    TimeOfExtreme(boolean max) {
      this.max = max;
    }

    @Override
    double at(Window window, int step, int from, int to) {
      double[] values = window.values();
      int best = from;
      for (int i = from; i < to; i++) {
        double value = values[i];
        if ((max ? value >= values[best] : value <= values[best]) || Double.isNaN(values[best])) {
          best = i;
        }
      }
      return window.times()[best] / 1000.0;
    }
  }

  /** {@code deriv} and {@code predict_linear}: least squares, compensated. */
  static final class Regression extends FloatsFunction {
    private final double @org.jspecify.annotations.Nullable [] ahead;

    /**
     * @param ahead by step, how many seconds ahead to predict; null for the slope
     */
    Regression(double @org.jspecify.annotations.Nullable [] ahead) {
      this.ahead = ahead;
    }

    @Override
    int least() {
      return 2;
    }

    @Override
    double at(Window window, int step, int from, int to) {
      long[] times = window.times();
      double[] values = window.values();
      // The slope does not depend on where the times are counted from, but its rounding does.
      long origin = ahead == null ? times[from] : window.shape().grid().time(step);
      Kahan x = new Kahan();
      Kahan y = new Kahan();
      Kahan xy = new Kahan();
      Kahan xx = new Kahan();
      double n = to - from;
      boolean constant = true;
      for (int i = from; i < to; i++) {
        constant &= values[i] == values[from] || i == from;
        double seconds = (times[i] - origin) / 1e3;
        x.add(seconds);
        y.add(values[i]);
        xy.add(seconds * values[i]);
        xx.add(seconds * seconds);
      }
      double slope;
      double intercept;
      if (constant) {
        boolean infinite = Double.isInfinite(values[from]);
        slope = infinite ? Double.NaN : 0;
        intercept = infinite ? Double.NaN : values[from];
      } else {
        double covariance = xy.total() - x.total() * y.total() / n;
        double variance = xx.total() - x.total() * x.total() / n;
        slope = covariance / variance;
        intercept = y.total() / n - slope * x.total() / n;
      }
      return ahead == null ? slope : slope * ahead[step] + intercept;
    }
  }

  /** {@code double_exponential_smoothing}: Holt's method. */
  static final class Smoothing extends FloatsFunction {
    private final double[] smoothing;
    private final double[] trend;

    /** Both factors by step. */
    Smoothing(double[] smoothing, double[] trend) {
      this.smoothing = smoothing;
      this.trend = trend;
    }

    @Override
    int least() {
      return 2;
    }

    @Override
    void begin(Window window, SeriesRemarks remarks) {
      for (int i = 0; i < smoothing.length; i++) {
        boolean any =
            window.to()[i] > window.from()[i] || window.histogramTo(i) > window.histogramFrom(i);
        if (any && (smoothing[i] <= 0 || smoothing[i] >= 1)) {
          throw QueryException.execution(
              "invalid smoothing factor. Expected: 0 < sf < 1, got: "
                  + GoFloat.sixDigits(smoothing[i]));
        }
        if (any && (trend[i] <= 0 || trend[i] >= 1)) {
          throw QueryException.execution(
              "invalid trend factor. Expected: 0 < tf < 1, got: " + GoFloat.sixDigits(trend[i]));
        }
      }
    }

    @Override
    double at(Window window, int step, int from, int to) {
      double[] values = window.values();
      double sf = smoothing[step];
      double tf = trend[step];
      double before = 0;
      double smoothed = values[from];
      double slope = values[from + 1] - values[from];
      for (int i = from + 1; i < to; i++) {
        if (i > from + 1) {
          slope = tf * (smoothed - before) + (1 - tf) * slope;
        }
        double next = sf * values[i] + (1 - sf) * (smoothed + slope);
        before = smoothed;
        smoothed = next;
      }
      return smoothed;
    }
  }
}
