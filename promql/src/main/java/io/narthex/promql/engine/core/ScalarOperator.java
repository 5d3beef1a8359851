package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import io.narthex.storage.StopSignal;
import java.util.function.IntToDoubleFunction;

/** One series without labels, present at every step: what a scalar is. */
public final class ScalarOperator implements Operator {

  private final Grid grid;
  private final IntToDoubleFunction values;

  /**
   * @param values the value of each step
   */
  public ScalarOperator(Grid grid, IntToDoubleFunction values) {
    this.grid = grid;
    this.values = values;
  }

  /** The same value at every step. */
  public static ScalarOperator constant(Grid grid, double value) {
    return new ScalarOperator(grid, step -> value);
  }

  /** The value of an operator that is a scalar, by step. */
  public static double[] values(Operator scalar) {
    Column column = new Column(scalar.grid().count());
    scalar.reader().read(0, column);
    return column.values();
  }

  @Override
  public Grid grid() {
    return grid;
  }

  @Override
  public int size() {
    return 1;
  }

  @Override
  public Labels labels(int series) {
    return Labels.EMPTY;
  }

  @Override
  public boolean nameDropped(int series) {
    return false;
  }

  @Override
  public boolean distinct() {
    return true;
  }

  @Override
  public Reader reader() {
    return (series, into) -> {
      into.clearHistograms();
      double[] out = into.values();
      for (int i = 0; i < out.length; i++) {
        StopSignal.every(i);
        out[i] = values.applyAsDouble(i);
      }
    };
  }
}
