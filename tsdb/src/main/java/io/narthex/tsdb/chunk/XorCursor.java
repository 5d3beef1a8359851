package io.narthex.tsdb.chunk;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.sample.SampleBuffer;

/** XOR chunks through the common door. Whole chunks go straight to {@link XorDecoder}. */
final class XorCursor implements ChunkDecoder {

  private final SampleBuffer samples = new SampleBuffer();
  private int at = -1;

  @Override
  public ChunkEncoding encoding() {
    return ChunkEncoding.XOR;
  }

  @Override
  public void decode(
      byte[] bytes, int from, int length, long minTime, long maxTime, SampleBuffer into) {
    XorDecoder.decode(bytes, from, length, minTime, maxTime, into);
  }

  @Override
  public void open(byte[] bytes, int from, int length) {
    samples.clear();
    at = -1;
    XorDecoder.decode(bytes, from, length, Long.MIN_VALUE, Long.MAX_VALUE, samples);
  }

  @Override
  public boolean next() {
    if (at + 1 >= samples.size()) {
      return false;
    }
    at++;
    return true;
  }

  @Override
  public long time() {
    return samples.timestamps()[at];
  }

  @Override
  public long startTimestamp() {
    return 0;
  }

  @Override
  public double value() {
    return samples.values()[at];
  }

  @Override
  public SpanHistogram histogram() {
    throw new IllegalStateException("a float is no histogram");
  }
}
