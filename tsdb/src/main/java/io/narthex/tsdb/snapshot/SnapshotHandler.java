package io.narthex.tsdb.snapshot;

import io.narthex.storage.StorageException;
import io.narthex.tsdb.wal.RecordBytes;
import io.narthex.tsdb.wal.WalFormatException;

/**
 * Takes what {@link SnapshotDirectory#read} finds, in the snapshot's order. All arrays and objects
 * belong to the reader and are valid during the call only. Timestamps are milliseconds since the
 * epoch.
 */
public interface SnapshotHandler {

  /** A series, with its open chunk if it has one. */
  void series(SnapshotSeries series);

  /**
   * That this is an image of a running head; before anything else.
   *
   * @param chunkPlace up to where the chunk files had been written, as {@link
   *     io.narthex.tsdb.headchunks.HeadChunks#place} says
   * @throws io.narthex.storage.StorageException if it is of no use
   */
  default void image(long chunkPlace) {
    throw new StorageException("an image of a head in a chunk snapshot");
  }

  /**
   * Series of an image with their open chunks of floats.
   *
   * @param rows what {@link RowCoding#readAll} reads
   * @throws WalFormatException if it is something else
   */
  default void rows(RecordBytes rows) throws WalFormatException {
    throw new StorageException("an image of a head in a chunk snapshot");
  }

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
