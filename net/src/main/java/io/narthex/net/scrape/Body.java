package io.narthex.net.scrape;

import org.jspecify.annotations.Nullable;

/**
 * The body of a response, in a buffer that goes back to its pool on {@link #close}. It belongs to
 * one thread.
 */
public final class Body implements AutoCloseable {

  private final BodyBuffers pool;
  private byte[] bytes;
  private int length;
  private @Nullable String contentType;
  private boolean closed;

  Body(BodyBuffers pool, byte[] bytes) {
    this.pool = pool;
    this.bytes = bytes;
  }

  /** The buffer: the body is its first {@link #length} bytes. */
  public byte[] bytes() {
    return bytes;
  }

  /** The number of bytes, uncompressed. */
  public int length() {
    return length;
  }

  /** The Content-Type header, or null. */
  public @Nullable String contentType() {
    return contentType;
  }

  void contentType(@Nullable String contentType) {
    this.contentType = contentType;
  }

  /** Room behind what is there, at least one byte of it. */
  int room() throws ScrapeException {
    if (length == bytes.length) {
      bytes = pool.larger(bytes);
    }
    return bytes.length - length;
  }

  void grow(int by) {
    length += by;
  }

  void append(byte[] from, int at, int count) throws ScrapeException {
    int done = 0;
    while (done < count) {
      int n = Math.min(room(), count - done);
      System.arraycopy(from, at + done, bytes, length, n);
      length += n;
      done += n;
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      pool.give(bytes);
    }
  }
}
