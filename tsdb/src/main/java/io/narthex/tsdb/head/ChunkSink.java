package io.narthex.tsdb.head;

import io.narthex.model.labels.Labels;

/** Takes series and their chunks, in the order in which a block holds them. */
public interface ChunkSink {

  /** Begins a series; labels ascend. */
  void series(Labels labels);

  /**
   * A chunk of the series, behind those before it.
   *
   * @param minTime the time of its first sample, milliseconds since the epoch
   * @param maxTime the time of its last sample
   * @param encoding Prometheus' number
   * @param samples how many it holds
   * @param bytes valid during the call
   */
  void chunk(
      long minTime, long maxTime, int encoding, int samples, byte[] bytes, int from, int length);
}
