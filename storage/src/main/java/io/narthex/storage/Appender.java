package io.narthex.storage;

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
