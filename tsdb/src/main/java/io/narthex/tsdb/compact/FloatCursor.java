package io.narthex.tsdb.compact;

import io.narthex.model.sample.SampleBuffer;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.chunk.XorDecoder;

/** The samples of a chunk of floats. Reusable. */
final class FloatCursor implements SampleCursor {

  private final SampleBuffer samples = new SampleBuffer();
  private int at;

  /**
   * Decodes a chunk and begins before its first sample.
   *
   * @throws io.narthex.storage.StorageException if it cannot be decoded
   */
  FloatCursor open(Chunk chunk) {
    if (chunk.encoding() != XorAppender.ENCODING) {
      throw new UnknownEncodingException(chunk.encoding());
    }
    samples.clear();
    XorDecoder.decode(
        chunk.bytes(), chunk.from(), chunk.length(), Long.MIN_VALUE, Long.MAX_VALUE, samples);
    at = -1;
    return this;
  }

  @Override
  public boolean next() {
    return ++at < samples.size();
  }

  @Override
  public long time() {
    return samples.timestamps()[at];
  }

  @Override
  public double value() {
    return samples.values()[at];
  }
}
