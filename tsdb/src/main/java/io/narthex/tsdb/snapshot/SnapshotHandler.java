package io.narthex.tsdb.snapshot;

/**
 * Takes what {@link SnapshotDirectory#read} finds, in the snapshot's order. All arrays and objects
 * belong to the reader and are valid during the call only. Timestamps are milliseconds since the
 * epoch.
 */
public interface SnapshotHandler {

  /** A series, with its open chunk if it has one. */
  void series(SnapshotSeries series);

  /** A deletion of a series' samples, both ends inclusive. */
  void tombstone(long ref, long minTime, long maxTime);

  /**
   * An exemplar, oldest first. All series came before.
   *
   * @param bytes its labels in the packed form of {@link io.narthex.model.labels.Labels}, from
   *     {@code from} on
   */
  void exemplar(long ref, long timestamp, double value, byte[] bytes, int from, int length);
}
