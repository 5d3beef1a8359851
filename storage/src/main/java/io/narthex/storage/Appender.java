package io.narthex.storage;

import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;

/**
 * A batch of samples that becomes visible as a whole, or not at all.
 *
 * <p><b>Handles.</b> {@link #series} finds or creates a series and returns its handle: a slot and a
 * generation in one long, never zero. A handle stays valid across batches and groups until the
 * series is garbage collected; {@link #append} checks it and answers {@link AppendResult#NO_SERIES}
 * for one that has died, upon which the caller asks for the series again. Handles mean nothing to
 * another storage or after a restart.
 *
 * <p><b>Errors.</b> What is wrong with one sample is an {@link AppendResult}, not an exception: the
 * sample is left out and the batch goes on. What is wrong with the storage (a full disk, a closed
 * database) is a {@link StorageException} from {@link #commit}, and then nothing of the batch was
 * stored.
 *
 * <p><b>Threads.</b> One thread at a time. Appending takes no lock and makes no garbage for a known
 * series; locks are taken once per commit.
 */
public interface Appender {

  /**
   * The handle of a series, created if it is new.
   *
   * @param labels a complete label set with a metric name; kept, not copied
   * @return the handle, or 0 if the storage refuses new series (a limit is reached)
   */
  long series(Labels labels);

  /**
   * Adds one float sample.
   *
   * @param handle from {@link #series}
   * @param timestamp milliseconds since the epoch
   * @param value any float; {@link io.narthex.model.value.StaleMarker} ends the series
   */
  AppendResult append(long handle, long timestamp, double value);

  /**
   * Adds one float sample that means nothing if it comes too late, as the marker that ends a series
   * which somebody else goes on with: a storage that takes late samples answers {@link
   * AppendResult#OUT_OF_ORDER} all the same.
   */
  default AppendResult appendInOrder(long handle, long timestamp, double value) {
    return append(handle, timestamp, value);
  }

  /**
   * Adds one native histogram. Its content is copied or encoded during the call, so the caller may
   * fill the same object anew for the next one.
   *
   * <p>A series may change between floats and histograms of all kinds. A histogram whose sum is the
   * stale marker ends its series, and nothing else of it is kept. A stale marker takes the kind of
   * the sample that it comes behind, stored or earlier in this batch: as a float it ends a series
   * of histograms too, and as a histogram one of floats.
   *
   * @param handle from {@link #series}
   * @param timestamp milliseconds since the epoch
   * @param histogram with its hint; one that breaks a rule of {@link
   *     io.narthex.model.histogram.HistogramRules} is answered with {@link
   *     AppendResult#INVALID_HISTOGRAM}
   */
  AppendResult append(long handle, long timestamp, SpanHistogram histogram);

  /** The same for a native histogram that means nothing if it comes too late. */
  default AppendResult appendInOrder(long handle, long timestamp, SpanHistogram histogram) {
    return append(handle, timestamp, histogram);
  }

  /**
   * Adds one float sample that says when the counting began which led to it. It is {@link
   * #append(long, long, double)} in all else, and a storage that keeps no start timestamps leaves
   * it at that.
   *
   * @param start milliseconds since the epoch, 0 for unknown; nobody compares it with the timestamp
   */
  default AppendResult appendStarted(long handle, long start, long timestamp, double value) {
    return append(handle, timestamp, value);
  }

  /** The same for a native histogram, see {@link #append(long, long, SpanHistogram)}. */
  default AppendResult appendStarted(
      long handle, long start, long timestamp, SpanHistogram histogram) {
    return append(handle, timestamp, histogram);
  }

  /**
   * Adds an exemplar to a series. One whose series has no sample, neither in the storage nor in
   * this batch, is left out by {@link #commit}. A storage without exemplars, as which every one
   * begins, answers {@link ExemplarResult#DISABLED}.
   *
   * @param handle from {@link #series}
   * @param timestamp milliseconds since the epoch
   * @param explicit whether the timestamp is the exemplar's own; otherwise it is that of the sample
   *     with which it came, and does not tell it from the one before
   * @param labels its own labels, of at most 128 characters together; kept, not copied
   */
  default ExemplarResult exemplar(
      long handle, long timestamp, boolean explicit, double value, Labels labels) {
    return ExemplarResult.DISABLED;
  }

  /**
   * Says what is known of a series' metric; a storage that keeps no metadata does not listen. What
   * is kept already costs nothing; what is new is kept if the series has a sample.
   *
   * @param handle from {@link #series}; nothing happens if its series is gone
   * @param unit the unit, or empty
   * @param help the help text, or empty
   */
  default void metadata(long handle, MetricType type, String unit, String help) {}

  /**
   * Makes the batch durable as far as the storage promises (Prometheus' promise: handed to the
   * operating system) and visible, both or neither. A sample that was in order when it was appended
   * may be found out of order here, if another group wrote the series meanwhile; it is then counted
   * by the storage and left out.
   *
   * @throws StorageException if the batch could not be stored; it is rolled back
   */
  void commit();

  /** Forgets the batch. Series that it created may stay. */
  void rollback();
}
