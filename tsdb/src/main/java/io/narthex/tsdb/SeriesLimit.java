package io.narthex.tsdb;

import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.DatabaseAdmin.NamedCount;
import io.narthex.tsdb.head.Head;
import java.util.List;
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
    long refused = head.counters().seriesRefused.sum();
    if (limit == 0 || refused == told) {
      return;
    }
    DatabaseAdmin.Cardinality cardinality = head.cardinality(1);
    LOG.warn(
        "the head has {} series, its limit is {}; new ones were refused {} times since the last"
            + " round. The label with the most values is {}, the metric with the most series {}",
        head.series(),
        limit,
        refused - told,
        first(cardinality.labelValueCountByLabelName()),
        first(cardinality.seriesCountByMetricName()));
    told = refused;
  }

  private static String first(List<NamedCount> counts) {
    return counts.isEmpty()
        ? "none"
        : counts.getFirst().name() + " (" + counts.getFirst().count() + ")";
  }
}
