package io.narthex.storage;

/** A place that samples can be read from. Thread-safe. */
public interface Queryable {

  /**
   * Opens a consistent view of what was committed before this call.
   *
   * @param minTime the first millisecond of interest
   * @param maxTime the last millisecond of interest, inclusive
   * @throws StorageException if the storage is not ready or closed
   */
  Querier querier(long minTime, long maxTime);
}
