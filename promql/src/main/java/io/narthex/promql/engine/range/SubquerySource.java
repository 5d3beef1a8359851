package io.narthex.promql.engine.range;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Operator;
import io.narthex.storage.StopSignal;

/**
 * What an expression yields on a grid of its own, as samples.
 *
 * @param inner the expression on the grid that all windows together need
 */
public record SubquerySource(Operator inner, WindowShape shape) implements RangeSource {

  @Override
  public int size() {
    return inner.size();
  }

  @Override
  public Labels labels(int series) {
    return inner.labels(series);
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return inner.labels(series, needed);
  }

  @Override
  public boolean nameDropped(int series) {
    return inner.nameDropped(series);
  }

  @Override
  public boolean distinctWithoutName() {
    return false;
  }

  @Override
  public boolean distinct() {
    return inner.distinct();
  }

  @Override
  public Reader reader() {
    Operator.Reader reader = inner.reader();
    Column column = new Column(inner.grid().count());
    return (series, into) -> {
      reader.read(series, column);
      into.clear();
      double[] values = column.values();
      for (int i = 0; i < values.length; i++) {
        StopSignal.every(i);
        if (!Column.isAbsent(values[i])) {
          into.add(inner.grid().time(i), values[i]);
        } else {
          FloatHistogram histogram = column.histogram(i);
          if (histogram != null) {
            // A hint speaks of the sample before it, which a subquery may not return.
            into.add(inner.grid().time(i), histogram.withoutResetHint());
          }
        }
      }
    };
  }
}
