package io.narthex.tsdb.head;

/** Where full chunks go, and come back from when they are read. Thread-safe. */
public interface ChunkStore {

  /**
   * Stores an XOR chunk.
   *
   * @param bytes holds the chunk; copied
   * @return the place to read it from, positive
   * @throws RuntimeException if it could not be written; the chunk then stays in memory
   */
  long write(long ref, long minTime, long maxTime, byte[] bytes, int from, int length);

  /**
   * Copies a chunk into an array.
   *
   * @return its length, or, if the array is too short, the negative of the length needed
   * @throws io.narthex.storage.StorageException if the chunk is broken; it names the place
   */
  int read(long place, byte[] into, int at);
}
