package io.narthex.promql.engine.explain;

import io.narthex.model.labels.Matcher;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.List;

/** A storage that holds nothing: over it, a query is planned and costs nothing. */
public final class NoStorage implements Queryable, Querier {

  /** The one there is. */
  public static final NoStorage INSTANCE = new NoStorage();

  private NoStorage() {}

  @Override
  public Querier querier(long minTime, long maxTime) {
    return this;
  }

  @Override
  public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
    return SeriesSet.EMPTY;
  }

  @Override
  public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
    return List.of();
  }

  @Override
  public List<String> labelNames(List<Matcher> matchers, int limit) {
    return List.of();
  }

  @Override
  public void close() {}
}
