package io.narthex.promql.engine.range;

import io.narthex.promql.engine.core.Column;

/**
 * A function over the windows of a range, such as {@code rate}. It computes all steps of one series
 * in one call. An instance belongs to one reader and may keep buffers; it is not thread-safe.
 */
interface WindowFunction {

  /**
   * Computes every step.
   *
   * @param window the samples; empty windows among them
   * @param remarks where remarks on this series go
   * @param into replaced as a whole
   */
  void apply(Window window, SeriesRemarks remarks, Column into);
}
