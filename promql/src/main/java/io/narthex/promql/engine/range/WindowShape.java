package io.narthex.promql.engine.range;

import io.narthex.promql.ast.VectorSelector.Extension;
import io.narthex.promql.engine.core.Grid;
import org.jspecify.annotations.Nullable;

/**
 * How the windows of the steps lie in time: each is open on the left and closed on the right.
 *
 * @param grid the steps
 * @param range the width of a window in milliseconds
 * @param offset how far back it ends
 * @param at the fixed time that all windows end at, before the offset; or null
 * @param extension whether the window shows samples beyond its edges too
 * @param lookback how far beyond them, in milliseconds
 */
public record WindowShape(
    Grid grid, long range, long offset, @Nullable Long at, Extension extension, long lookback) {

  /** The last moment of a step's window. */
  public long end(int step) {
    return (at == null ? grid.time(step) : at) - offset;
  }

  /** The moment before the first one of a step's window. */
  public long start(int step) {
    return end(step) - range;
  }

  /** How far before its start a window shows samples. */
  public long before() {
    return switch (extension) {
      case NONE -> 0;
      case ANCHORED, SMOOTHED -> lookback;
    };
  }

  /** How far behind its end a window shows samples. */
  public long after() {
    return switch (extension) {
      case NONE, ANCHORED -> 0;
      case SMOOTHED -> lookback;
    };
  }
}
