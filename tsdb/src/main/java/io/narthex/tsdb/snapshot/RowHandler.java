package io.narthex.tsdb.snapshot;

import io.narthex.tsdb.chunk.OpenChunk;

/** Takes the rows of an image, in the order in which {@link RowCoding} reads them. */
@FunctionalInterface
public interface RowHandler {

  /**
   * A series of an image with its open chunk of floats. Timestamps are milliseconds since the
   * epoch.
   *
   * @param minTime the time of the chunk's first sample
   * @param nextCut when the chunk ends
   * @param chunk valid during the call only
   */
  void row(long ref, long minTime, long nextCut, OpenChunk chunk);
}
