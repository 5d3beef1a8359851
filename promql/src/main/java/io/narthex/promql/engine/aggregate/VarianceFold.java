package io.narthex.promql.engine.aggregate;

import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Column;
import org.jspecify.annotations.Nullable;

/** {@code stdvar} and {@code stddev} of the floats, by Welford's method. */
final class VarianceFold implements Fold {

  private static final class Group {
    final double[] count;
    final double[] mean;
    final double[] squares;

    Group(int steps) {
      count = new double[steps];
      mean = new double[steps];
      squares = new double[steps];
    }
  }

  private final boolean root;
  private final int steps;
  private final @Nullable Group[] groups;
  private final Annotations annotations;
  private final Position position;

  VarianceFold(boolean root, int groups, int steps, Annotations annotations, Position position) {
    this.root = root;
    this.steps = steps;
    this.groups = new @Nullable Group[groups];
    this.annotations = annotations;
    this.position = position;
  }

  @Override
  public void add(int number, int series, Column column) {
    Group group = groups[number];
    if (group == null) {
      group = new Group(steps);
      groups[number] = group;
    }
    double[] values = column.values();
    for (int i = 0; i < steps; i++) {
      double value = values[i];
      if (Column.isAbsent(value)) {
        continue;
      }
      group.count[i]++;
      if (group.count[i] == 1) {
        group.mean[i] = value;
        group.squares[i] = Double.isNaN(value) || Double.isInfinite(value) ? Double.NaN : 0;
        continue;
      }
      double delta = value - group.mean[i];
      group.mean[i] += delta / group.count[i];
      group.squares[i] += delta * (value - group.mean[i]);
    }
    if (column.hasHistograms()) {
      annotations.info(
          "ignored histogram in " + (root ? "stddev" : "stdvar") + " aggregation", position);
    }
  }

  @Override
  public Column finish(int number) {
    Column result = new Column(steps);
    Group group = groups[number];
    if (group != null) {
      double[] out = result.values();
      for (int i = 0; i < steps; i++) {
        if (group.count[i] > 0) {
          double variance = group.squares[i] / group.count[i];
          out[i] = root ? Math.sqrt(variance) : variance;
        }
      }
    }
    return result;
  }
}
