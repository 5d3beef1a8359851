package io.narthex.net.connect;

import io.narthex.base.bytes.BulkInputStream;
import io.narthex.base.time.Clock;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;

/**
 * A Unix domain socket in the shape of the others: the JDK offers it as a channel only, without
 * deadlines. It waits with a selector of its own, so it takes two descriptors more; targets behind
 * such sockets are few.
 */
final class UnixSocket extends DeadlineSocket {

  private final SocketChannel channel;
  private final Selector selector;
  private final SelectionKey key;
  private long deadlineNanos;

  UnixSocket(Clock clock, Path path) throws IOException {
    super(clock);
    boolean done = false;
    channel = SocketChannel.open(StandardProtocolFamily.UNIX);
    try {
      channel.connect(UnixDomainSocketAddress.of(path));
      channel.configureBlocking(false);
      selector = Selector.open();
      key = channel.register(selector, 0);
      done = true;
    } finally {
      if (!done) {
        channel.close();
      }
    }
  }

  @Override
  void deadline(long nanos) {
    deadlineNanos = nanos;
  }

  @Override
  boolean release() {
    return true;
  }

  private void await(int operation) throws IOException {
    try {
      key.interestOps(operation);
      selector.select(millisLeft(clock, deadlineNanos));
      // Past the deadline this throws; before it, the channel is asked again.
      millisLeft(clock, deadlineNanos);
    } catch (java.nio.channels.CancelledKeyException e) {
      throw new SocketException("Socket closed", e);
    }
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new SocketException("Closed by interrupt");
    }
  }

  @Override
  public InputStream getInputStream() {
    return new BulkInputStream() {
      @Override
      public int read(byte[] b, int off, int len) throws IOException {
        ByteBuffer into = ByteBuffer.wrap(b, off, len);
        try {
          while (len > 0) {
            int n = channel.read(into);
            if (n != 0) {
              return n;
            }
            await(SelectionKey.OP_READ);
          }
          return 0;
        } catch (ClosedChannelException e) {
          throw new SocketException("Socket closed", e);
        }
      }
    };
  }

  @Override
  public OutputStream getOutputStream() {
    return new OutputStream() {
      @Override
      public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
      }

      @Override
      public void write(byte[] b, int off, int len) throws IOException {
        ByteBuffer from = ByteBuffer.wrap(b, off, len);
        try {
          while (from.hasRemaining()) {
            if (channel.write(from) == 0) {
              await(SelectionKey.OP_WRITE);
            }
          }
        } catch (ClosedChannelException e) {
          throw new SocketException("Socket closed", e);
        }
      }
    };
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public InetAddress getInetAddress() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public InetAddress getLocalAddress() {
    return InetAddress.getLoopbackAddress();
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // There is no delay to switch off.
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }
}
