package io.narthex.promql.engine.aggregate;

import io.narthex.promql.engine.core.Column;

/** {@code count} and {@code group}: how many series there are, and that there are any. */
final class CountFold implements Fold {

  private final boolean group;
  private final Column[] columns;

  CountFold(boolean group, int groups, int steps) {
    this.group = group;
    this.columns = new Column[groups];
    for (int i = 0; i < groups; i++) {
      columns[i] = new Column(steps);
    }
  }

  @Override
  public void add(int number, int series, Column column) {
    double[] counts = columns[number].values();
    for (int i = 0; i < counts.length; i++) {
      if (column.present(i)) {
        counts[i] = group || Column.isAbsent(counts[i]) ? 1 : counts[i] + 1;
      }
    }
  }

  @Override
  public Column finish(int number) {
    return columns[number];
  }
}
