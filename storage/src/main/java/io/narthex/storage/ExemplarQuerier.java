package io.narthex.storage;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import java.util.List;

/** A place that exemplars can be read from. Thread-safe. */
@FunctionalInterface
public interface ExemplarQuerier {

  /**
   * The exemplars of one series.
   *
   * @param exemplars at least one, ascending in time
   */
  record SeriesExemplars(Labels series, List<Exemplar> exemplars) {

    public SeriesExemplars {
      exemplars = List.copyOf(exemplars);
    }
  }

  /**
   * What was committed before this call and is still kept; exemplars are kept by their number, not
   * by their age.
   *
   * @param minTime the first millisecond since the epoch
   * @param maxTime the last millisecond, inclusive
   * @param selectors a series is meant if it satisfies all matchers of one of them
   * @return the series that have some in the range, sorted by labels
   */
  List<SeriesExemplars> select(long minTime, long maxTime, List<List<Matcher>> selectors);
}
