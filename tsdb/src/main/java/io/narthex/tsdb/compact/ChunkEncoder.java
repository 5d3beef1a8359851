package io.narthex.tsdb.compact;

import io.narthex.base.memory.SlabAllocator;
import io.narthex.tsdb.chunk.XorAppender;
import io.narthex.tsdb.chunk.XorBuilder;
import io.narthex.tsdb.chunk.XorDecoder;
import java.util.List;

/** Encodes samples as chunks. Holds memory until closed; not thread-safe. */
final class ChunkEncoder implements AutoCloseable {

  /** How many samples Prometheus puts into a chunk that it makes of several. */
  static final int SPLIT = 120;

  private final Chunk.Pool chunks;
  private final SlabAllocator allocator = new SlabAllocator();
  private final XorBuilder floats = new XorBuilder(allocator);

  /**
   * @param chunks where the new ones come from
   */
  ChunkEncoder(Chunk.Pool chunks) {
    this.chunks = chunks;
  }

  /**
   * Encodes all samples of a cursor.
   *
   * @param most how many a chunk may hold
   */
  void encode(SampleCursor samples, int most, List<Chunk> into) {
    long first = 0;
    long last = 0;
    while (samples.next()) {
      if (floats.count() == most) {
        into.add(finish(first, last));
      }
      last = samples.time();
      if (floats.count() == 0) {
        first = last;
      }
      floats.append(last, samples.value());
    }
    if (floats.count() > 0) {
      into.add(finish(first, last));
    }
  }

  private Chunk finish(long first, long last) {
    Chunk chunk = chunks.take();
    byte[] bytes = floats.finish();
    chunk.isNew(first, last, XorAppender.ENCODING, bytes, bytes.length - XorDecoder.PADDING);
    return chunk;
  }

  @Override
  public void close() {
    floats.close();
    allocator.close();
  }
}
