package io.narthex.promql.script;

import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.Queryable;

/** An empty storage that one script fills and queries. Used by one thread. */
public interface ScriptStorage extends AutoCloseable {

  /** Makes storages. */
  interface Factory {

    /** A new, empty storage. */
    ScriptStorage open();
  }

  /**
   * Stores a float.
   *
   * @param start when the counting began that led to it, milliseconds; 0 for unknown
   * @throws RuntimeException if the storage refuses it
   */
  void append(Labels labels, long time, double value, long start);

  /**
   * Stores a histogram.
   *
   * @param start when the counting began that led to it, milliseconds; 0 for unknown
   * @throws RuntimeException if the storage refuses it
   */
  void append(Labels labels, long time, FloatHistogram histogram, long start);

  /**
   * Ends a batch: what was stored since the one before becomes visible.
   *
   * @throws RuntimeException if the storage refuses it
   */
  void commit();

  /** What was committed so far, for queries. */
  Queryable queryable();

  @Override
  void close();
}
