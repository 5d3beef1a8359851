package io.narthex.storage;

import io.narthex.model.labels.Matcher;
import java.util.List;

/**
 * A consistent view of a storage over a range of time. It sees each commit whole or not at all, and
 * none that came after it was opened. It holds resources (mapped files, epochs) until closed, and
 * outlives none of the sets it handed out. Thread-safe.
 */
public interface Querier extends AutoCloseable {

  /**
   * The series that satisfy all matchers and may have samples in the querier's range.
   *
   * @param sorted whether the set must be sorted by labels; otherwise its order is the storage's
   *     own, and stable
   * @param hints what the reader is going to do; an implementation may ignore them
   * @param matchers at least one
   */
  SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers);

  /**
   * The values of a label over the series that satisfy all matchers, sorted, without the empty one.
   *
   * @param limit the most values to return, 0 for all
   */
  List<String> labelValues(String name, List<Matcher> matchers, int limit);

  /**
   * The label names of the series that satisfy all matchers, sorted.
   *
   * @param limit the most names to return, 0 for all
   */
  List<String> labelNames(List<Matcher> matchers, int limit);

  @Override
  void close();
}
