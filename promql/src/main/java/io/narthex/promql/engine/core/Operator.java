package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;

/**
 * What an expression yields on a grid: numbered series, each with its labels and one {@link
 * Column}.
 *
 * <p>It is random access, like the storage's series set below it: labels cost nothing until they
 * are asked for, columns are computed when they are read and not kept, and ranges of series can be
 * read by several threads at once. So {@code sum(rate(x))} holds one column per group and thread,
 * however many series there are. An operator whose consumer reads columns more than once, or in
 * another order, is wrapped in {@link Materialized}.
 *
 * <p>A series whose column is empty counts as not there. Two series may have equal labels only
 * where {@link #distinct} says so, and then never hold values at the same step of one result:
 * {@link Merged} sees to that.
 *
 * <p>Labels, sizes and names are thread-safe; a reader belongs to one thread. A scalar is one
 * series without labels that is present at every step.
 */
public interface Operator {

  /** The moments it is evaluated at. */
  Grid grid();

  /** The number of series, empty ones included. */
  int size();

  /** The labels of a series; with the metric's name even where it is going to be dropped. */
  Labels labels(int series);

  /**
   * What a consumer needs of the labels of a series: the same as cutting {@link #labels(int)} down,
   * but cheaper where the storage need not make the others.
   */
  default Labels labels(int series, LabelProjection needed) {
    return needed.apply(labels(series));
  }

  /**
   * Whether the metric's name must be dropped when the query is done. Only with delayed removal of
   * names; otherwise names are gone from the labels at once.
   */
  boolean nameDropped(int series);

  /** Whether the labels of its series are known to differ from each other. */
  boolean distinct();

  /** Whether they are known to differ even when the metric's name is dropped. */
  default boolean distinctWithoutName() {
    return false;
  }

  /** A reader for the calling thread. */
  Reader reader();

  /** Computes columns. Not thread-safe. */
  interface Reader {

    /**
     * Replaces what the column holds by what a series yields.
     *
     * @throws QueryException if the query fails, is cancelled or times out
     */
    void read(int series, Column into);
  }
}
