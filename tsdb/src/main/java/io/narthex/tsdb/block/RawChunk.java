package io.narthex.tsdb.block;

/** A chunk as it lies in its file, copied out and checked. Reusable; belongs to one thread. */
public final class RawChunk {

  final ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();

  /** Prometheus' number. */
  public int encoding() {
    return chunk.encoding();
  }

  /** An array that holds the data, and the padding that decoders want behind them. */
  public byte[] bytes() {
    return chunk.bytes();
  }

  /** Where the data begin. */
  public int from() {
    return 1;
  }

  /** The number of bytes of data. */
  public int length() {
    return chunk.length();
  }
}
