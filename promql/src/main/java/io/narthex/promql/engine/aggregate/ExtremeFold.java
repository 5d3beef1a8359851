package io.narthex.promql.engine.aggregate;

import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;

/** {@code min} and {@code max} of the floats; NaN only where there is nothing else. */
final class ExtremeFold implements Fold {

  private final boolean max;
  private final Column[] columns;
  private final Annotations annotations;
  private final Position position;

  ExtremeFold(boolean max, int groups, int steps, Annotations annotations, Position position) {
    this.max = max;
    this.annotations = annotations;
    this.position = position;
    this.columns = new Column[groups];
    for (int i = 0; i < groups; i++) {
      columns[i] = new Column(steps);
    }
  }

  @Override
  public void add(int number, int series, Column column) {
    double[] best = columns[number].values();
    double[] values = column.values();
    for (int i = 0; i < best.length; i++) {
      double value = values[i];
      if (Column.isAbsent(value)) {
        continue;
      }
      // The absent value is a NaN, so it gives way to the first.
      double known = best[i];
      if (Double.isNaN(known) || (max ? known < value : known > value)) {
        best[i] = value;
      }
    }
    if (column.hasHistograms()) {
      annotations.info("ignored histogram in " + (max ? "max" : "min") + " aggregation", position);
    }
  }

  @Override
  public Column finish(int number) {
    return columns[number];
  }
}
