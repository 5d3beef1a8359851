package io.narthex.tsdb.compact;

import io.narthex.tsdb.chunk.SampleForms;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes chunks of one series that overlap each other into chunks that do not: what Prometheus does
 * with the out-of-order chunks of its head, where {@link ChunkMerge} is what it does with blocks.
 * Holds memory until closed; not thread-safe.
 */
public final class ChunkJoin implements AutoCloseable {

  /** Where the chunks go. */
  @FunctionalInterface
  public interface Sink {

    /**
     * A chunk, behind those before it; the bytes are lent for the call. The parameters are those of
     * {@link io.narthex.tsdb.block.BlockWriter#chunk}.
     */
    void chunk(
        long minTime, long maxTime, int encoding, int samples, byte[] bytes, int from, int length);
  }

  private final Chunk.Pool pool = new Chunk.Pool();
  private final ChunkEncoder encoder;
  private final List<SampleCursor> cursors = new ArrayList<>();
  private final List<Chunk> taken = new ArrayList<>();

  /**
   * @param forms which encodings the chunks have that it makes
   */
  public ChunkJoin(SampleForms forms) {
    encoder = new ChunkEncoder(pool, forms);
  }

  /**
   * Adds a chunk to those that are joined next; the order counts where samples have the same time.
   *
   * @param bytes holds the chunk and {@link io.narthex.tsdb.chunk.ChunkDecoder#PADDING} bytes
   *     behind it; it has to stay as it is until {@link #run} returns
   * @param without times of samples to leave out, ascending, or null
   */
  public void add(int encoding, byte[] bytes, int from, int length, long @Nullable [] without) {
    Chunk chunk = pool.take();
    // The times are the caller's business.
    chunk.isPart(encoding, bytes, from, length);
    taken.add(chunk);
    ChunkCursor cursor = new ChunkCursor().open(chunk);
    cursors.add(
        without == null
            ? cursor
            : new CutCursor(cursor, Long.MIN_VALUE, Long.MAX_VALUE, intervals(without)));
  }

  private static long[] intervals(long[] times) {
    long[] intervals = new long[2 * times.length];
    for (int i = 0; i < times.length; i++) {
      intervals[2 * i] = times[i];
      intervals[2 * i + 1] = times[i];
    }
    return intervals;
  }

  /**
   * Joins what was added, and forgets it.
   *
   * @param from the first millisecond that is wanted
   * @param to the last millisecond, inclusive
   * @throws io.narthex.storage.StorageException if a chunk cannot be decoded
   */
  public void run(long from, long to, Sink sink) {
    List<Chunk> encoded = new ArrayList<>();
    try {
      encoder.encodeWhole(new CutCursor(new SampleMerge(cursors), from, to, null), encoded);
      for (Chunk chunk : encoded) {
        sink.chunk(
            chunk.minTime,
            chunk.maxTime,
            chunk.encoding(),
            chunk.samples(),
            chunk.bytes(),
            chunk.from(),
            chunk.length());
      }
    } finally {
      encoded.forEach(pool::give);
      taken.forEach(pool::give);
      taken.clear();
      cursors.clear();
    }
  }

  @Override
  public void close() {
    encoder.close();
  }
}
