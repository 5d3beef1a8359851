package io.narthex.tsdb.chunk;

import io.narthex.base.memory.OffHeap;
import io.narthex.base.memory.SlabAllocator;

/**
 * Builds one XOR chunk after the other from samples, for whoever rewrites chunks. Not thread-safe;
 * holds memory of its allocator until closed.
 */
public final class XorBuilder implements AutoCloseable {

  private final SlabAllocator allocator;
  private final XorAppender appender;
  private final long state;
  private long first;

  /**
   * @param allocator where the chunk grows
   */
  public XorBuilder(SlabAllocator allocator) {
    this.allocator = allocator;
    this.appender = new XorAppender(allocator);
    this.state = allocator.allocate(XorAppender.STATE_BYTES);
    OffHeap.fill(state, XorAppender.STATE_BYTES, 0);
  }

  /** Adds a sample, newer than the one before. */
  public void append(long time, double value) {
    long bits = Double.doubleToRawLongBits(value);
    if (count() == 0) {
      first = appender.begin(state, time, bits);
    } else {
      appender.append(state, time, bits);
    }
  }

  /** The number of samples so far. */
  public int count() {
    return XorAppender.count(state);
  }

  /** The length of the chunk so far, in bytes. */
  public int length() {
    return XorAppender.bytes(state);
  }

  /**
   * The chunk's bytes, its count at the front, with {@link XorDecoder#PADDING} bytes behind them;
   * the builder is empty afterwards.
   */
  public byte[] finish() {
    if (count() == 0) {
      throw new IllegalStateException("a chunk without samples");
    }
    int length = appender.seal(state, first);
    byte[] bytes = new byte[length + XorDecoder.PADDING];
    XorAppender.copySealed(first, length, bytes, 0, () -> true);
    appender.free(first, length);
    return bytes;
  }

  @Override
  public void close() {
    if (count() > 0) {
      finish();
    }
    allocator.free(state, XorAppender.STATE_BYTES);
  }
}
