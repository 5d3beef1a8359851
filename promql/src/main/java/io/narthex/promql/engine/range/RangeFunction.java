package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import java.util.function.Supplier;

/**
 * A window function applied to every series of a range. This is where most of the time of most
 * range queries goes: a read decodes a series into arrays, finds its windows and computes all
 * steps, and keeps nothing.
 */
public final class RangeFunction implements Operator {

  /** So many samples of one series are not worth counting. */
  private static final int FREE_SAMPLES = 4096;

  private final QueryScope scope;
  private final RangeSource source;
  private final Supplier<WindowFunction> function;
  private final boolean dropsName;
  private final Position argument;

  /**
   * @param function makes one function for each reader
   * @param dropsName whether the result is no longer the metric
   * @param argument where the range stands in the query
   */
  RangeFunction(
      QueryScope scope,
      RangeSource source,
      Supplier<WindowFunction> function,
      boolean dropsName,
      Position argument) {
    this.scope = scope;
    this.source = source;
    this.function = function;
    this.dropsName = dropsName;
    this.argument = argument;
  }

  @Override
  public Grid grid() {
    return source.shape().grid();
  }

  @Override
  public int size() {
    return source.size();
  }

  @Override
  public Labels labels(int series) {
    Labels labels = source.labels(series);
    return dropsName && !scope.delayedNames() ? Metadata.drop(labels) : labels;
  }

  @Override
  public boolean nameDropped(int series) {
    return dropsName ? scope.delayedNames() : source.nameDropped(series);
  }

  @Override
  public boolean distinct() {
    return (dropsName && !scope.delayedNames()) ? source.distinctWithoutName() : source.distinct();
  }

  @Override
  public boolean distinctWithoutName() {
    return source.distinctWithoutName();
  }

  @Override
  public Reader reader() {
    return new WindowReader();
  }

  private final class WindowReader implements Reader {
    private final RangeSource.Reader reader = source.reader();
    private final SampleBuffer buffer = new SampleBuffer();
    private int roomy = FREE_SAMPLES;
    private final Window window = new Window(source.shape());
    private final WindowFunction computation = function.get();
    private final SeriesRemarks remarks = new SeriesRemarks(scope.annotations(), source, argument);

    @Override
    public void read(int series, Column into) {
      scope.context().check();
      reader.read(series, buffer);
      window.fill(buffer);
      scope.context().holdBriefly(window.size());
      if (buffer.size() > roomy) {
        // The samples, and the window's copy of them.
        scope.context().take(32L * (buffer.size() - roomy));
        roomy = buffer.size();
      }
      scope.context().looked(window.looked(), window.different());
      if (scope.context().countsPerStep()) {
        for (int i = 0; i < into.steps(); i++) {
          scope.context().lookedAt(i, window.to()[i] - window.from()[i]);
        }
      }
      remarks.on(series);
      computation.apply(window, remarks, into);
    }
  }
}
