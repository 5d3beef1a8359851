package io.narthex.storage;

import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import java.util.List;

/**
 * The series that a selection found, numbered from 0. Valid until its querier is closed.
 *
 * <p>It is random access so that a reader can share the work among threads by ranges of numbers,
 * ask for labels only where it needs them, and count without reading at all. Implementations over a
 * stream buffer what they need for that.
 *
 * <p>Thread-safe, but a {@link Reader} belongs to one thread.
 */
public interface SeriesSet {

  /** The set without series. */
  SeriesSet EMPTY = new EmptySeriesSet();

  /** The number of series. */
  int size();

  /**
   * The labels of a series; made anew at each call where the storage holds them in another form.
   */
  Labels labels(int series);

  /**
   * The labels of a series as far as they have one of some names, for a caller who needs no others:
   * a storage that makes labels anew can leave the others out. Others may be among them.
   *
   * @param names the same list for all series that a caller asks about
   */
  default Labels labels(int series, List<String> names) {
    return labels(series);
  }

  /** A reader for the calling thread. */
  Reader reader();

  /** Reads samples of the series of one set. Not thread-safe. */
  interface Reader {

    /**
     * Replaces what the buffer holds by the samples of a series in a range of time, ascending, each
     * timestamp once, stale markers among them.
     *
     * @param series the number of the series in the set
     * @param minTime the first millisecond
     * @param maxTime the last millisecond, inclusive
     * @throws StorageException if the samples cannot be read (a broken chunk); it names the place
     */
    void read(int series, long minTime, long maxTime, SampleBuffer into);

    /**
     * Like {@link #read}, for a reader who wants the newest sample of the range alone: that one is
     * last in the buffer, and older ones may be missing.
     */
    default void readNewest(int series, long minTime, long maxTime, SampleBuffer into) {
      read(series, minTime, maxTime, into);
    }
  }
}
