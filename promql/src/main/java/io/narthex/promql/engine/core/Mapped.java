package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;

/**
 * Changes each column of its input, and drops the metric's name: for whatever computes a value from
 * a value.
 */
public final class Mapped implements Operator {

  private final QueryScope scope;
  private final Operator input;
  private final boolean dropsName;
  private final Change change;

  /** Changes a column in place. */
  public interface Change {
    void apply(Column column);
  }

  private Mapped(QueryScope scope, Operator input, boolean dropsName, Change change) {
    this.scope = scope;
    this.input = input;
    this.dropsName = dropsName;
    this.change = change;
  }

  /** A change after which a value is no longer the metric's. */
  public static Operator droppingName(QueryScope scope, Operator input, Change change) {
    Operator mapped = new Mapped(scope, input, true, change);
    return scope.delayedNames() ? mapped : Merged.of(mapped, false);
  }

  /** A change that keeps names, as a filter does. */
  public static Operator keepingName(QueryScope scope, Operator input, Change change) {
    return new Mapped(scope, input, false, change);
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
    return dropsName && !scope.delayedNames() ? Metadata.drop(labels) : labels;
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return needed.dropsMetadata() ? input.labels(series, needed) : needed.apply(labels(series));
  }

  @Override
  public boolean nameDropped(int series) {
    return (dropsName && scope.delayedNames()) || input.nameDropped(series);
  }

  @Override
  public boolean distinct() {
    return (dropsName && !scope.delayedNames()) ? input.distinctWithoutName() : input.distinct();
  }

  @Override
  public boolean distinctWithoutName() {
    return input.distinctWithoutName();
  }

  @Override
  public Reader reader() {
    Operator.Reader reader = input.reader();
    return (series, into) -> {
      reader.read(series, into);
      change.apply(into);
    };
  }
}
