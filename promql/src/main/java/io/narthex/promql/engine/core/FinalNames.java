package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import io.narthex.storage.StopSignal;

/** Drops the metric names that were to be dropped in the end. */
public final class FinalNames implements Operator {

  private final Operator input;

  private FinalNames(Operator input) {
    this.input = input;
  }

  /** The input without those names. */
  public static Operator of(Operator input) {
    for (int i = 0; i < input.size(); i++) {
      StopSignal.every(i);
      if (input.nameDropped(i)) {
        return Merged.of(new FinalNames(input), false);
      }
    }
    return input;
  }

  @Override
  public Grid grid() {
    return input.grid();
  }

  @Override
  public int size() {
    return input.size();
  }

  @Override
  public Labels labels(int series) {
    Labels labels = input.labels(series);
    return input.nameDropped(series) ? Metadata.drop(labels) : labels;
  }

  @Override
  public boolean nameDropped(int series) {
    return false;
  }

  @Override
  public boolean distinct() {
    return input.distinctWithoutName();
  }

  @Override
  public Reader reader() {
    return input.reader();
  }
}
