package io.narthex.tsdb;

import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.DatabaseAdmin.NamedCount;
import io.narthex.tsdb.head.Head;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of series that the head's limit kept out: one line for each round of maintenance in which
 * there were some, with the label and the metric that most of the head's series come from. The
 * cardinality view (status/tsdb of the HTTP API) has the rest.
 */
final class SeriesLimit {

  private static final Logger LOG = LoggerFactory.getLogger(SeriesLimit.class);

  private final Head head;
  private final int limit;
  private long told;

  /**
   * @param limit the most series that the head takes, 0 for any number
   */
  SeriesLimit(Head head, int limit) {
    this.head = head;
    this.limit = limit;
  }

  void report() {
    String line = line();
    if (line != null) {
      LOG.warn(line);
    }
  }

  /** What there is to say since the last time, or null. */
  @Nullable String line() {
    long refused = head.counters().seriesRefused.sum();
    if (limit == 0 || refused == told) {
      return null;
    }
    DatabaseAdmin.Cardinality cardinality = head.cardinality(1);
    String line =
        "the head has "
            + head.series()
            + " series, its limit is "
            + limit
            + "; new ones were refused "
            + (refused - told)
            + " times since the last round. The label with the most values is "
            + first(cardinality.labelValueCountByLabelName())
            + ", the metric with the most series "
            + first(cardinality.seriesCountByMetricName());
    told = refused;
    return line;
  }

  private static String first(List<NamedCount> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.getFirst().name() + " (" + counts.getFirst().count() + ")";
  }
}
