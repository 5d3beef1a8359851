package io.narthex.tsdb.compact;

/** Chunks of one series, in the order of time. */
interface ChunkSource {

  /** Goes to the next chunk, if there is one. */
  boolean next();

  /** The chunk that was gone to; it stays as it is and belongs to the caller. */
  Chunk chunk();
}
