package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;

/**
 * Reads chunks of one encoding: as a whole into a buffer for queries, or sample by sample,
 * unchanged, for whoever rewrites or prints them. Reusable; it belongs to one thread at a time.
 *
 * <p>Where chunks come from, they may be broken: everything here throws a {@link
 * io.narthex.storage.StorageException} then, and takes no more memory than the chunk's length
 * allows for.
 */
public sealed interface ChunkDecoder permits HistogramDecoder, Xor2Decoder, XorCursor {

  /** How many bytes must follow a chunk in its array; what they hold does not matter. */
  int PADDING = XorDecoder.PADDING;

  /** A new decoder. */
  static ChunkDecoder of(ChunkEncoding encoding) {
    return switch (encoding) {
      case XOR -> new XorCursor();
      case XOR2 -> new Xor2Decoder();
      case HISTOGRAM, FLOAT_HISTOGRAM, HISTOGRAM_ST, FLOAT_HISTOGRAM_ST ->
          new HistogramDecoder(encoding);
    };
  }

  /** What it decodes. */
  ChunkEncoding encoding();

  /**
   * Adds the samples of a chunk that lie in a range of time to a buffer. Histograms become the form
   * to compute with, at most of the finest schema that computations know.
   *
   * @param bytes holds the chunk, and {@link #PADDING} bytes behind it
   * @param from where the chunk begins (with its count)
   * @param length the chunk's length in bytes
   * @param minTime the first millisecond
   * @param maxTime the last millisecond, inclusive
   * @throws io.narthex.storage.StorageException if the bytes are not a chunk; samples of it may be
   *     in the buffer
   */
  void decode(byte[] bytes, int from, int length, long minTime, long maxTime, SampleBuffer into);

  /**
   * Begins to read a chunk sample by sample, before the first one. The bytes must stay as they are
   * meanwhile. The parameters are those of {@link #decode}.
   */
  void open(byte[] bytes, int from, int length);

  /** Moves to the next sample of the open chunk; false behind the last. */
  boolean next();

  /** The sample's time, milliseconds since the epoch. */
  long time();

  /**
   * When the counting began that led to the sample, milliseconds since the epoch; 0 for unknown.
   */
  long startTimestamp();

  /**
   * The sample's value.
   *
   * @throws IllegalStateException if the encoding is one of histograms
   */
  double value();

  /**
   * The sample's histogram as it was stored, lent until {@link #next} or {@link #open}. Its hint is
   * what can be told from the chunk alone: a gauge, no reset behind the first sample, else unknown,
   * also where the header tells more, since the chunk before may be gone. A stale one has its sum
   * and nothing else.
   *
   * @throws IllegalStateException if the encoding is one of floats
   */
  SpanHistogram histogram();
}
