package io.narthex.tsdb.head;

import io.narthex.tsdb.chunk.SampleForms;

/**
 * How a head behaves.
 *
 * @param chunkRangeMillis the time range of the smallest block; chunks do not cross its multiples
 * @param samplesPerChunk how many samples a chunk is meant to hold
 * @param maxSeries the most series there may be, 0 for no limit
 * @param checking whether memory is checked and poisoned, for tests
 * @param forms how samples are written
 */
public record HeadOptions(
    long chunkRangeMillis,
    int samplesPerChunk,
    int maxSeries,
    boolean checking,
    SampleForms forms) {

  /** Prometheus' own: two hours and 120 samples. */
  public static final HeadOptions DEFAULT = new HeadOptions(2 * 60 * 60 * 1000L, 120, 0, false);

  /** Options with the usual forms of samples. */
  public HeadOptions(long chunkRangeMillis, int samplesPerChunk, int maxSeries, boolean checking) {
    this(chunkRangeMillis, samplesPerChunk, maxSeries, checking, SampleForms.DEFAULT);
  }

  public HeadOptions {
    if (chunkRangeMillis <= 0) {
      throw new IllegalArgumentException("chunk range must be positive, is " + chunkRangeMillis);
    }
    if (samplesPerChunk < 4) {
      throw new IllegalArgumentException(
          "a chunk must hold at least 4 samples, not " + samplesPerChunk);
    }
  }
}
