package io.narthex.tsdb.chunk;

/**
 * The forms that samples take in the log and in new chunks. What is there in another form is read
 * all the same.
 *
 * @param starts whether the log keeps start timestamps (feature flag st-storage): records of floats
 *     and histograms are of the second form then
 * @param xor2 whether new chunks of floats are XOR2 ones, which can hold start timestamps
 *     (storage.tsdb.chunk_encoding.floats)
 * @param histogramStarts whether new chunks of histograms can hold start timestamps (feature flag
 *     histograms-st-encoding)
 */
public record SampleForms(boolean starts, boolean xor2, boolean histogramStarts) {

  /** What Prometheus writes where no flag is set. */
  public static final SampleForms DEFAULT = new SampleForms(false, false, false);

  public SampleForms {
    if (starts && !xor2) {
      throw new IllegalArgumentException(
          "start timestamps of floats can only be stored in chunks of the encoding xor2");
    }
  }

  /** The encoding of new chunks of floats. */
  public ChunkEncoding ofFloats() {
    return xor2 ? ChunkEncoding.XOR2 : ChunkEncoding.XOR;
  }

  /**
   * The encoding of new chunks of histograms.
   *
   * @param floatCounts whether their counts are floats
   */
  public ChunkEncoding ofHistograms(boolean floatCounts) {
    if (floatCounts) {
      return histogramStarts ? ChunkEncoding.FLOAT_HISTOGRAM_ST : ChunkEncoding.FLOAT_HISTOGRAM;
    }
    return histogramStarts ? ChunkEncoding.HISTOGRAM_ST : ChunkEncoding.HISTOGRAM;
  }
}
