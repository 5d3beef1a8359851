package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import java.util.ArrayList;
import java.util.List;

/**
 * Series whose columns lie in memory: for consumers that need them more than once or all at once,
 * and for operators that compute all of theirs together. Empty series are left out.
 */
public final class Materialized implements Operator {

  /** What a series takes in the lists; its labels are mostly the storage's. */
  private static final long SERIES_BYTES = 64;

  private final Grid grid;
  private final boolean distinct;
  private final List<Labels> labels = new ArrayList<>();
  private final List<Boolean> dropped = new ArrayList<>();
  private final List<Column> columns = new ArrayList<>();

  /**
   * No series yet.
   *
   * @param distinct whether the labels that will be added differ from each other
   */
  public Materialized(Grid grid, boolean distinct) {
    this.grid = grid;
    this.distinct = distinct;
  }

  /** Reads an operator once and keeps what it yields. */
  public static Materialized of(Operator input, QueryContext context) {
    if (input instanceof Materialized known) {
      return known;
    }
    Materialized result = new Materialized(input.grid(), input.distinct());
    ColumnScan.run(
        input,
        context,
        (series, column) -> {
          int count = column.count();
          if (count > 0) {
            context.hold(count);
            context.take(column.bytes() + SERIES_BYTES);
            Column kept = new Column(column.steps());
            kept.copyFrom(column);
            result.add(input.labels(series), input.nameDropped(series), kept);
          }
        });
    return result;
  }

  /** Adds a series; the column is kept, not copied. */
  public void add(Labels labels, boolean nameDropped, Column column) {
    this.labels.add(labels);
    this.dropped.add(nameDropped);
    this.columns.add(column);
  }

  /** The column of a series: read only, or the caller's own to change. */
  public Column column(int series) {
    return columns.get(series);
  }

  @Override
  public Grid grid() {
    return grid;
  }

  @Override
  public int size() {
    return columns.size();
  }

  @Override
  public Labels labels(int series) {
    return labels.get(series);
  }

  @Override
  public boolean nameDropped(int series) {
    return dropped.get(series);
  }

  @Override
  public boolean distinct() {
    return distinct;
  }

  @Override
  public Reader reader() {
    return (series, into) -> into.copyFrom(columns.get(series));
  }
}
