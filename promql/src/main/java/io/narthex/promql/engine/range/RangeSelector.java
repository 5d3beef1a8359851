package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.VectorSelector;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.storage.SeriesSet;
import org.jspecify.annotations.Nullable;

/** The samples of stored series. */
public final class RangeSelector implements RangeSource {

  private final Selection selection;
  private final WindowShape shape;
  private final boolean detectsResets;

  /**
   * @param range resolved, in milliseconds
   * @param offset resolved, in milliseconds
   * @param at resolved, or null
   * @param function the function around it, for the storage
   * @param detectsResets whether histograms are given the hints that they lack
   */
  public RangeSelector(
      QueryScope scope,
      Grid grid,
      VectorSelector selector,
      long range,
      long offset,
      @Nullable Long at,
      String function,
      boolean detectsResets) {
    this.detectsResets = detectsResets;
    this.shape =
        new WindowShape(grid, range, offset, at, selector.extension(), scope.lookbackMillis());
    this.selection =
        Selection.of(
            scope,
            grid,
            selector.matchers(),
            offset,
            at,
            range + shape.before() - 1,
            shape.after(),
            function);
  }

  @Override
  public int size() {
    return selection.series().size();
  }

  @Override
  public Labels labels(int series) {
    return selection.series().labels(series);
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return selection.labels(series, needed);
  }

  @Override
  public boolean nameDropped(int series) {
    return false;
  }

  @Override
  public boolean distinctWithoutName() {
    return selection.oneName();
  }

  @Override
  public boolean distinct() {
    return true;
  }

  @Override
  public WindowShape shape() {
    return shape;
  }

  @Override
  public Reader reader() {
    SeriesSet.Reader reader =
        detectsResets
            ? ResetHints.detecting(selection.series().reader())
            : selection.series().reader();
    long first = shape.start(0) - shape.before() + 1;
    long last = shape.end(shape.grid().count() - 1) + shape.after();
    return (series, into) -> reader.read(series, first, last, into);
  }
}
