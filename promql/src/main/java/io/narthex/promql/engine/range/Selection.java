package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The series of one selector and when it looks at them.
 *
 * @param series what the storage found
 * @param matchers what was asked for
 * @param offset how far back it looks, in milliseconds; negative looks forward
 * @param at the fixed time of {@code @}, or null
 */
public record Selection(SeriesSet series, List<Matcher> matchers, long offset, @Nullable Long at) {

  /** Selects from the storage what a grid needs. */
  static Selection of(
      QueryScope scope,
      Grid grid,
      List<Matcher> matchers,
      long offset,
      @Nullable Long at,
      long before,
      long after,
      String function) {
    long start = (at == null ? grid.start() : at) - offset - before;
    long end = (at == null ? grid.end() : at) - offset + after;
    SelectHints hints =
        new SelectHints(
            start, end, grid.count() > 1 ? grid.step() : 0, before, function, List.of(), false);
    try {
      return new Selection(scope.querier().select(false, hints, matchers), matchers, offset, at);
    } catch (StorageException e) {
      throw new QueryException(
          QueryException.Kind.EXECUTION, "expanding series: " + e.getMessage(), e);
    }
  }

  /** What a consumer needs of the labels of a series; the storage makes no others if it can. */
  Labels labels(int number, LabelProjection needed) {
    return needed.apply(
        needed.keeps() ? series.labels(number, needed.names()) : series.labels(number));
  }

  /** The moment that a step looks at. */
  long reference(Grid grid, int step) {
    return (at == null ? grid.time(step) : at) - offset;
  }

  /** Whether all series have the same metric name, so that dropping it makes none of them equal. */
  boolean oneName() {
    for (Matcher m : matchers) {
      if (m.type() == Matcher.Type.EQUAL
          && m.name().equals(Labels.METRIC_NAME)
          && !m.value().isEmpty()) {
        return true;
      }
    }
    return false;
  }
}
