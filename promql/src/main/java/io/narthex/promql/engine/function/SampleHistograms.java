package io.narthex.promql.engine.function;

import io.narthex.model.histogram.BucketCursor;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Kahan;
import io.narthex.promql.engine.core.Mapped;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import java.util.function.ToDoubleFunction;

/** Functions from a native histogram to a float. */
final class SampleHistograms {

  private SampleHistograms() {}

  static Operator count(QueryScope scope, Operator input) {
    return map(scope, input, FloatHistogram::count);
  }

  static Operator sum(QueryScope scope, Operator input) {
    return map(scope, input, FloatHistogram::sum);
  }

  static Operator average(QueryScope scope, Operator input) {
    return map(scope, input, h -> h.sum() / h.count());
  }

  static Operator variance(QueryScope scope, Operator input, boolean root) {
    return map(
        scope,
        input,
        h -> {
          double variance = variance(h);
          return root ? Math.sqrt(variance) : variance;
        });
  }

  /** Observations count as if they lay in the middle of their bucket. */
  private static double variance(FloatHistogram histogram) {
    double mean = histogram.sum() / histogram.count();
    Kahan squares = new Kahan();
    BucketCursor bucket = histogram.ascending();
    while (bucket.next()) {
      if (bucket.count() == 0) {
        continue;
      }
      double lower = bucket.lower();
      double upper = bucket.upper();
      double middle;
      if (histogram.usesCustomBuckets()) {
        middle = (upper + lower) / 2;
      } else if (lower <= 0 && upper >= 0) {
        middle = 0;
      } else {
        middle = Math.sqrt(upper * lower);
        if (upper < 0) {
          middle = -middle;
        }
      }
      double delta = middle - mean;
      squares.add(bucket.count() * delta * delta);
    }
    return squares.total() / histogram.count();
  }

  private static Operator map(
      QueryScope scope, Operator input, ToDoubleFunction<FloatHistogram> function) {
    return Mapped.droppingName(
        scope,
        input,
        column -> {
          for (int i = 0; i < column.steps(); i++) {
            FloatHistogram histogram = column.histogram(i);
            column.set(i, histogram == null ? Column.ABSENT : function.applyAsDouble(histogram));
          }
          column.clearHistograms();
        });
  }
}
