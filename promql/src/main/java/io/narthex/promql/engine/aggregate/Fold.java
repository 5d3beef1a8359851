package io.narthex.promql.engine.aggregate;

import io.narthex.promql.engine.core.Column;

/**
 * Folds columns into one column per group. Columns come in the order of the series, which is the
 * order that floats are added in. Not thread-safe.
 */
interface Fold {

  /**
   * Takes in the next column of a group.
   *
   * @param series its number, for remarks
   */
  void add(int group, int series, Column column);

  /** The group's column; empty if nothing came of it. Called once for each group. */
  Column finish(int group);
}
