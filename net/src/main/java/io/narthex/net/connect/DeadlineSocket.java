package io.narthex.net.connect;

import io.narthex.base.time.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;

/**
 * A socket whose reads end at a point in time, however often they get a few bytes before. TLS reads
 * through it too. One thread at a time.
 */
class DeadlineSocket extends Socket {

  private final Clock clock;
  private long deadlineNanos;

  DeadlineSocket(Clock clock) {
    this.clock = clock;
  }

  /** Sets the point on the clock's stopwatch. */
  void deadline(long nanos) {
    deadlineNanos = nanos;
  }

  /** Milliseconds left, at least one. */
  int millisLeft() throws SocketTimeoutException {
    return millisLeft(clock, deadlineNanos);
  }

  static int millisLeft(Clock clock, long deadlineNanos) throws SocketTimeoutException {
    long left = deadlineNanos - clock.nanos();
    if (left <= 0) {
      throw new SocketTimeoutException("deadline");
    }
    return (int) Math.clamp(left / 1_000_000, 1, Integer.MAX_VALUE);
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream in = super.getInputStream();
    return new InputStream() {
      @Override
      public int read() throws IOException {
        setSoTimeout(millisLeft());
        return in.read();
      }

      @Override
      public int read(byte[] b, int off, int len) throws IOException {
        setSoTimeout(millisLeft());
        return in.read(b, off, len);
      }

      @Override
      public int available() throws IOException {
        return in.available();
      }

      @Override
      public void close() throws IOException {
        in.close();
      }
    };
  }
}
