package io.narthex.net.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * What a client sends, buffered. It belongs to the connection's thread, but for {@link #endSeen}.
 *
 * <p><b>How a lost client is noticed.</b> Java cannot peek at a socket, so somebody has to read. As
 * long as a handler works and its request is wholly read, nobody else does: the first question
 * whether the client has gone starts a virtual thread that reads ahead, into a small buffer of its
 * own. An end of stream answers the question; bytes (pipelined requests) are kept, and it reads on
 * behind them until its buffer is full. When the connection's thread wants to read again it takes
 * what is there, or waits for that thread to have something, and tells it to read no more; so there
 * is only ever one reader and nothing is lost. Requests that nobody asks about cost nothing.
 */
final class ConnectionInput {

  /** Go's limit for the request line and the headers together. */
  static final int MAX_HEAD = 1 << 20;

  private static final int INITIAL = 8 * 1024;

  private final ReadableByteChannel channel;
  private final Patience patience;
  private byte[] buffer = new byte[INITIAL];
  private int from;
  private int to;
  private boolean ended;

  // Guarded by this.
  private boolean watchable;
  private @Nullable Ahead ahead;

  ConnectionInput(ReadableByteChannel channel, Patience patience) {
    this.channel = channel;
    this.patience = patience;
  }

  /** Reads ahead of a handler that is still working. */
  private final class Ahead implements Runnable {
    private final byte[] bytes = new byte[4096];
    private final byte[] piece = new byte[4096];

    // Guarded by the input.
    private int length;
    private boolean stopped;
    private boolean done;
    private boolean end;
    private @Nullable IOException failure;

    @Override
    public void run() {
      boolean more = true;
      while (more) {
        int read = -1;
        IOException caught = null;
        try {
          // No more than there is room for: what was read cannot be put back.
          read = channel.read(ByteBuffer.wrap(piece, 0, room()));
        } catch (IOException e) {
          caught = e;
        }
        more = took(read, caught);
      }
    }

    /** Whether it was only told to stop. */
    private boolean mayGoOn() {
      return done && !end && failure == null && length < bytes.length;
    }

    private int room() {
      synchronized (ConnectionInput.this) {
        return bytes.length - length;
      }
    }

    /** Keeps what was read; false if there is nothing more to do. */
    private boolean took(int read, @Nullable IOException caught) {
      synchronized (ConnectionInput.this) {
        if (read > 0) {
          System.arraycopy(piece, 0, bytes, length, read);
          length += read;
        }
        end = read < 0 && caught == null;
        failure = caught;
        done = read < 0 || stopped || length == bytes.length;
        ConnectionInput.this.notifyAll();
        return !done;
      }
    }

    /** Moves out what it has read; -1 at the end, 0 if there is nothing. */
    private int take(byte[] into, int offset, int room) throws IOException {
      int count = Math.min(length, room);
      System.arraycopy(bytes, 0, into, offset, count);
      System.arraycopy(bytes, count, bytes, 0, length - count);
      length -= count;
      if (count > 0) {
        return count;
      }
      if (failure != null) {
        throw failure;
      }
      return end ? -1 : 0;
    }
  }

  /** Whether {@link #endSeen} may read ahead: not before the request is wholly read. */
  synchronized void watchable(boolean now) {
    watchable = now;
  }

  /** Whether the client has ended the connection; any thread may ask. */
  synchronized boolean endSeen() {
    Ahead reader = ahead;
    if (watchable) {
      if (reader == null) {
        reader = new Ahead();
        ahead = reader;
        start(reader);
      } else if (reader.mayGoOn()) {
        start(reader);
      }
      reader.stopped = false;
    }
    return reader == null ? !channel.isOpen() : reader.end || reader.failure != null;
  }

  private static void start(Ahead reader) {
    reader.done = false;
    Thread.ofVirtual().name("http-ahead").start(reader);
  }

  /** Whether bytes are waiting in the buffer. */
  boolean hasBuffered() {
    return from < to;
  }

  /** Waits for the first byte of a request; false if the client has ended instead. */
  boolean awaitRequest() throws IOException {
    return hasBuffered() || fill();
  }

  /** Gives back the room that a large head took. */
  void shrink() {
    if (buffer.length > INITIAL && to - from <= INITIAL) {
      byte[] smaller = new byte[INITIAL];
      System.arraycopy(buffer, from, smaller, 0, to - from);
      buffer = smaller;
      to -= from;
      from = 0;
    }
  }

  /** Reads at least one byte more; false at the end. */
  private boolean fill() throws IOException {
    if (ended) {
      return false;
    }
    if (from == to) {
      from = 0;
      to = 0;
    } else if (to == buffer.length && from > 0) {
      System.arraycopy(buffer, from, buffer, 0, to - from);
      to -= from;
      from = 0;
    }
    if (buffer.length - to < 512) {
      buffer = Arrays.copyOf(buffer, buffer.length * 2);
    }
    patience.begin();
    try {
      int read = readBehind();
      ended = read < 0;
      to += Math.max(0, read);
      return !ended;
    } finally {
      patience.end();
    }
  }

  private int readBehind() throws IOException {
    synchronized (this) {
      watchable = false;
      Ahead reader = ahead;
      if (reader != null) {
        reader.stopped = true;
        while (true) {
          int count = reader.take(buffer, to, buffer.length - to);
          if (count != 0) {
            return count;
          }
          if (reader.done) {
            ahead = null;
            break;
          }
          try {
            wait();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
          }
        }
      }
    }
    return channel.read(ByteBuffer.wrap(buffer, to, buffer.length - to));
  }

  /**
   * Reads a line up to its line feed, one byte per char, without the end of the line.
   *
   * @param limit the most bytes that it may take
   */
  String line(int limit, int refusalStatus) throws IOException, Refusal {
    int scanned = 0;
    while (true) {
      for (int i = from + scanned; i < to; i++) {
        if (buffer[i] == '\n') {
          int length = i - from;
          if (length > 0 && buffer[i - 1] == '\r') {
            length--;
          }
          String line =
              new String(buffer, from, length, java.nio.charset.StandardCharsets.ISO_8859_1);
          from = i + 1;
          return line;
        }
      }
      scanned = to - from;
      if (scanned > limit) {
        throw new Refusal(refusalStatus, "");
      }
      if (!fill()) {
        throw new EOFException("unexpected EOF");
      }
    }
  }

  /** Reads some bytes; -1 at the end. */
  int read(byte[] into, int offset, int length) throws IOException {
    if (from == to && !fill()) {
      return -1;
    }
    int count = Math.min(length, to - from);
    System.arraycopy(buffer, from, into, offset, count);
    from += count;
    return count;
  }
}
