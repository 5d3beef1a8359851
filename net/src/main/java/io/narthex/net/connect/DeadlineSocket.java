package io.narthex.net.connect;

import io.narthex.base.time.Alarm;
import io.narthex.base.time.Clock;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;

/**
 * A socket whose reads and writes end at a point in time, however often they get on by a few bytes
 * before: it is closed then. TLS goes through it too. One thread at a time.
 */
class DeadlineSocket extends Socket {

  final Clock clock;
  private final Alarm alarm = Clock.SYSTEM.alarm(this::expire);
  private volatile boolean expired;

  DeadlineSocket(Clock clock) {
    this.clock = clock;
  }

  /** Sets the point on the clock's stopwatch. */
  void deadline(long nanos) {
    if (!expired) {
      alarm.set(nanos - clock.nanos());
    }
  }

  /**
   * Forgets the deadline.
   *
   * @return false if it has passed, and the socket is closed or about to be
   */
  boolean release() {
    return alarm.clear();
  }

  /** Milliseconds left, at least one. */
  static int millisLeft(Clock clock, long deadlineNanos) throws SocketTimeoutException {
    long left = deadlineNanos - clock.nanos();
    if (left <= 0) {
      throw new SocketTimeoutException("deadline");
    }
    return (int) Math.clamp(left / 1_000_000, 1, Integer.MAX_VALUE);
  }

  /** Whether the deadline has passed, and the socket is closed or about to be. */
  boolean hasExpired() {
    return expired;
  }

  private void expire() {
    expired = true;
    Link.closeQuietly(this);
  }

  /** What the owner is told: not that the socket is closed, but why. */
  private IOException told(SocketException e) {
    return expired ? new SocketTimeoutException("deadline") : e;
  }

  @Override
  public InputStream getInputStream() throws IOException {
    InputStream in = super.getInputStream();
    return new InputStream() {
      @Override
      public int read() throws IOException {
        try {
          return in.read();
        } catch (SocketException e) {
          throw told(e);
        }
      }

      @Override
      public int read(byte[] b, int off, int len) throws IOException {
        try {
          return in.read(b, off, len);
        } catch (SocketException e) {
          throw told(e);
        }
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

  @Override
  public OutputStream getOutputStream() throws IOException {
    return new FilterOutputStream(super.getOutputStream()) {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] b, int off, int len) throws IOException {
        try {
          out.write(b, off, len);
        } catch (SocketException e) {
          throw told(e);
        }
      }
    };
  }

  @Override
  public void close() throws IOException {
    alarm.clear();
    super.close();
  }
}
