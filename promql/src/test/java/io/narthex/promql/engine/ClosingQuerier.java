package io.narthex.promql.engine;

import io.narthex.model.labels.Matcher;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** A querier that counts down when it is closed. */
record ClosingQuerier(Querier inner, AtomicInteger open) implements Querier {

  @Override
  public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
    return inner.select(sorted, hints, matchers);
  }

  @Override
  public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
    return inner.labelValues(name, matchers, limit);
  }

  @Override
  public List<String> labelNames(List<Matcher> matchers, int limit) {
    return inner.labelNames(matchers, limit);
  }

  @Override
  public void close() {
    inner.close();
    open.decrementAndGet();
  }
}
