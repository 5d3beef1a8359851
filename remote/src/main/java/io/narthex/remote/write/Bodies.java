package io.narthex.remote.write;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The memory for the bodies of requests while they come in and wait: a few buffers that are used
 * again, and a limit on what all together may take. A buffer grows with the bytes that have really
 * come, so a client takes no memory by announcing much. Thread-safe.
 */
final class Bodies {

  /** The most bytes of one body, compressed: upstream's limit. */
  static final int MOST = 32 << 20;

  private static final int FIRST = 64 * 1024;
  private static final int LARGEST_IDLE = 1 << 20;
  private static final int MOST_IDLE = 16;

  private final long limit;
  private final ArrayDeque<byte[]> idle = new ArrayDeque<>();
  private long used;

  /** The bytes of one body; to be given back. */
  static final class Body {
    private final byte[] bytes;
    private final int length;

    private Body(byte[] bytes, int length) {
      this.bytes = bytes;
      this.length = length;
    }

    /** The buffer: the body lies in it from 0 to {@link #length}. */
    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }
  }

  /**
   * @param limit the most bytes that bodies may take at one time, besides some idle buffers
   */
  Bodies(long limit) {
    this.limit = limit;
  }

  /**
   * Reads a body to its end.
   *
   * @param announced the header {@code Content-Length}
   * @throws WriteException if it is too long, or there is no memory for it at present
   * @throws IOException if it cannot be read
   */
  Body read(InputStream in, @Nullable String announced) throws IOException {
    long expected = expected(announced);
    if (expected > MOST) {
      throw tooLong();
    }
    byte[] bytes = take(Math.clamp(expected + 1, FIRST, LARGEST_IDLE));
    boolean done = false;
    try {
      int length = 0;
      while (true) {
        int read = in.read(bytes, length, bytes.length - length);
        if (read < 0) {
          break;
        }
        length += read;
        if (length > MOST) {
          throw tooLong();
        }
        if (length == bytes.length) {
          int larger = Math.min(MOST + 1, length * 2);
          reserve(larger - length);
          bytes = Arrays.copyOf(bytes, larger);
        }
      }
      done = true;
      return new Body(bytes, length);
    } finally {
      if (!done) {
        give(bytes);
      }
    }
  }

  private static long expected(@Nullable String announced) {
    try {
      return announced == null ? -1 : Long.parseLong(announced.strip());
    } catch (NumberFormatException e) {
      return -1; // it is only a guess
    }
  }

  private static WriteException tooLong() {
    return new WriteException(413, "request body exceeds the " + MOST + " bytes limit");
  }

  private synchronized byte[] take(int size) {
    byte[] last = idle.pollLast();
    int length = last != null && last.length >= size ? last.length : size;
    if (used + length > limit) {
      throw exhausted();
    }
    used += length;
    return last != null && last.length >= size ? last : new byte[size];
  }

  private synchronized void reserve(int bytes) {
    if (used + bytes > limit) {
      throw exhausted();
    }
    used += bytes;
  }

  private WriteException exhausted() {
    return new WriteException(
        503,
        "requests to write may take "
            + limit
            + " bytes of memory together, which are used up: try again later");
  }

  /** Gives the memory of a body back. */
  void give(Body body) {
    give(body.bytes());
  }

  private synchronized void give(byte[] bytes) {
    used -= bytes.length;
    if (bytes.length <= LARGEST_IDLE && idle.size() < MOST_IDLE) {
      idle.addLast(bytes);
    }
  }

  /** Bytes that bodies take now. */
  synchronized long used() {
    return used;
  }
}
