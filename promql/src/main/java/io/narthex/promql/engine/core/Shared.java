package io.narthex.promql.engine.core;

import io.narthex.model.labels.Labels;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * A part that stands in a query more than once. Each column is computed when it is first read and
 * kept for the next reader, as long as all that is kept stays small; what does not fit is computed
 * again. So sharing never evaluates what nobody asks for, and never needs much memory.
 *
 * <p>Samples count for each reader, as they would without sharing: that is how Prometheus counts.
 */
public final class Shared implements Operator {

  /** The most bytes that one of them keeps. */
  private static final long MOST_BYTES = 64 << 20;

  private final Operator input;
  private final QueryContext context;
  private final AtomicReferenceArray<Kept> kept;

  /** A column that nobody changes any more, and the samples that were looked at for it. */
  private record Kept(Column column, long looked) {}

  /** Shares what an operator yields. */
  public Shared(Operator input, QueryContext context) {
    this.input = input;
    this.context = context;
    long column = Column.bytes(input.grid().count());
    int most = (int) Math.min(input.size(), MOST_BYTES / column);
    this.kept = new AtomicReferenceArray<>(most);
    context.tallies();
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
    return input.labels(series);
  }

  @Override
  public Labels labels(int series, LabelProjection needed) {
    return input.labels(series, needed);
  }

  @Override
  public boolean nameDropped(int series) {
    return input.nameDropped(series);
  }

  @Override
  public boolean distinct() {
    return input.distinct();
  }

  @Override
  public boolean distinctWithoutName() {
    return input.distinctWithoutName();
  }

  @Override
  public Reader reader() {
    Operator.Reader reader = input.reader();
    return (series, into) -> {
      if (series >= kept.length()) {
        reader.read(series, into);
        return;
      }
      Kept before = kept.getAcquire(series);
      if (before != null) {
        into.copyFrom(before.column);
        context.looked(before.looked, 0);
        return;
      }
      long tally = context.tally();
      reader.read(series, into);
      if (context.offer(into.bytes())) {
        Column column = new Column(into.steps());
        column.copyFrom(into);
        kept.setRelease(series, new Kept(column, context.tally() - tally));
      }
    };
  }
}
