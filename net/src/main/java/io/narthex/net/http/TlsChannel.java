package io.narthex.net.http;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;

/**
 * TLS over a blocking channel. One thread may read while another one writes, which the watch for
 * lost clients needs: each side has its own lock and buffers, and the engine allows one {@code
 * wrap} beside one {@code unwrap}. What reading makes necessary to send (a new key, an alert) goes
 * through the writing side's lock.
 */
final class TlsChannel implements ReadableByteChannel, GatheringByteChannel {

  private static final byte[] PLAIN_HTTP =
      "HTTP/1.0 400 Bad Request\r\n\r\nClient sent an HTTP request to an HTTPS server.\n"
          .getBytes(StandardCharsets.US_ASCII);

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

  private final SocketChannel raw;
  private final SSLEngine engine;
  private final Object reading = new Object();
  private final Object writing = new Object();

  // Guarded by reading: encrypted bytes to be read (in filling order), and plain ones to be taken.
  private ByteBuffer received;
  private ByteBuffer plain;

  // Guarded by writing.
  private ByteBuffer toSend;

  TlsChannel(SocketChannel raw, SSLEngine engine) {
    this.raw = raw;
    this.engine = engine;
    int packet = engine.getSession().getPacketBufferSize();
    received = ByteBuffer.allocate(packet);
    plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
    toSend = ByteBuffer.allocate(packet);
  }

  /**
   * Shakes hands.
   *
   * @throws IOException if the client does not speak TLS, or not one that both like
   */
  void handshake() throws IOException {
    synchronized (reading) {
      engine.beginHandshake();
      while (true) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> wrap(new ByteBuffer[] {NOTHING});
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> {
            try {
              if (!unwrap()) {
                throw new EOFException("EOF");
              }
            } catch (SSLException e) {
              refuse();
              throw e;
            }
          }
          case FINISHED, NOT_HANDSHAKING -> {
            return;
          }
        }
      }
    }
  }

  /** Tells the client why: with an alert, or in plain words if it speaks plain HTTP. */
  private void refuse() throws IOException {
    byte first = received.position() > 0 ? received.get(0) : 0;
    if (first >= 'A' && first <= 'Z') {
      raw.write(ByteBuffer.wrap(PLAIN_HTTP));
    } else {
      while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP
          && wrap(new ByteBuffer[] {NOTHING})) {
        // An alert is on its way.
      }
    }
  }

  private void runTasks() {
    for (Runnable task = engine.getDelegatedTask();
        task != null;
        task = engine.getDelegatedTask()) {
      task.run();
    }
  }

  /** One step of reading, into {@link #plain}; false at the end. */
  private boolean unwrap() throws IOException {
    plain.clear();
    received.flip();
    SSLEngineResult result;
    try {
      result = engine.unwrap(received, plain);
    } finally {
      received.compact();
      plain.flip();
    }
    switch (result.getStatus()) {
      case OK -> {
        return true;
      }
      case CLOSED -> {
        return false;
      }
      case BUFFER_OVERFLOW -> {
        plain = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).limit(0);
        return true;
      }
      case BUFFER_UNDERFLOW -> {
        if (!received.hasRemaining()) {
          ByteBuffer larger = ByteBuffer.allocate(2 * received.capacity());
          received.flip();
          received = larger.put(received);
        }
        return raw.read(received) >= 0;
      }
    }
    throw new IllegalStateException("a status without a case: " + result);
  }

  @Override
  public int read(ByteBuffer into) throws IOException {
    synchronized (reading) {
      while (!plain.hasRemaining()) {
        switch (engine.getHandshakeStatus()) {
          case NEED_TASK -> runTasks();
          case NEED_WRAP -> {
            if (!wrap(new ByteBuffer[] {NOTHING})) {
              return -1;
            }
          }
          case NEED_UNWRAP, NEED_UNWRAP_AGAIN, FINISHED, NOT_HANDSHAKING -> {
            if (!unwrap()) {
              return -1;
            }
          }
        }
      }
      int count = Math.min(into.remaining(), plain.remaining());
      into.put(plain.slice(plain.position(), count));
      plain.position(plain.position() + count);
      return count;
    }
  }

  /** Encrypts one packet and sends it; false if the connection is closed for sending. */
  private boolean wrap(ByteBuffer[] from) throws IOException {
    synchronized (writing) {
      while (true) {
        toSend.clear();
        SSLEngineResult result = engine.wrap(from, toSend);
        if (result.getStatus() == SSLEngineResult.Status.BUFFER_OVERFLOW) {
          toSend = ByteBuffer.allocate(2 * toSend.capacity());
          continue;
        }
        toSend.flip();
        while (toSend.hasRemaining()) {
          raw.write(toSend);
        }
        return result.getStatus() != SSLEngineResult.Status.CLOSED;
      }
    }
  }

  @Override
  public long write(ByteBuffer[] from) throws IOException {
    long total = 0;
    for (ByteBuffer piece : from) {
      total += piece.remaining();
    }
    long left = total;
    synchronized (writing) {
      while (left > 0) {
        if (!wrap(from)) {
          throw new IOException("the connection is closed");
        }
        if (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
          runTasks();
        }
        left = 0;
        for (ByteBuffer piece : from) {
          left += piece.remaining();
        }
      }
    }
    return total;
  }

  @Override
  public long write(ByteBuffer[] from, int offset, int length) throws IOException {
    ByteBuffer[] some = new ByteBuffer[length];
    System.arraycopy(from, offset, some, 0, length);
    return write(some);
  }

  @Override
  public int write(ByteBuffer from) throws IOException {
    return (int) write(new ByteBuffer[] {from});
  }

  /** Says goodbye: what follows would be cut off, not ended. */
  void sayGoodbye() throws IOException {
    synchronized (writing) {
      engine.closeOutbound();
      while (!engine.isOutboundDone() && wrap(new ByteBuffer[] {NOTHING})) {
        // More of the goodbye.
      }
    }
  }

  @Override
  public boolean isOpen() {
    return raw.isOpen();
  }

  @Override
  public void close() throws IOException {
    raw.close();
  }
}
