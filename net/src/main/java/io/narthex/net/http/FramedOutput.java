package io.narthex.net.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of one response on the wire: the head, then the body in the framing that fits. A body
 * that ends within the first buffer gets a length, a longer one is sent in chunks, or to the end of
 * the connection for a client of HTTP/1.0. Every write is one call with all there is.
 */
final class FramedOutput extends OutputStream {

  /** Most answers are shorter than this. */
  private static final int SMALL = 16 * 1024;

  /** Of one that is longer the rest goes out in larger pieces: each costs both sides a call. */
  private static final int LARGE = 128 * 1024;

  /** Room before the buffer for the length of a chunk, behind it for its end. */
  private static final int FRONT = 10;

  private static final int TAIL = 2;
  private static final byte[] LAST_CHUNK = "0\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  private enum Framing {
    UNDECIDED,
    LENGTH,
    CHUNKS,
    UNTIL_CLOSE,
    NO_BODY
  }

  /** Makes the head once the framing is known. */
  interface Head {
    /**
     * @param framing the header line that says how the body is framed, or null for none
     * @param keepAlive false if the connection must be closed behind the body
     */
    byte[] bytes(@Nullable String framing, boolean keepAlive);
  }

  private final GatheringByteChannel channel;
  private final Patience patience;
  private final RequestHead request;
  private final int status;
  private final Head head;
  private byte[] buffer = new byte[FRONT + SMALL + TAIL];
  private int size;
  private Framing framing = Framing.UNDECIDED;

  /** What is left of a length that the handler has set; -1 if it has set none. */
  private long left;

  private boolean closed;

  FramedOutput(
      GatheringByteChannel channel,
      Patience patience,
      RequestHead request,
      int status,
      long length,
      Head head) {
    this.channel = channel;
    this.patience = patience;
    this.request = request;
    this.status = status;
    this.left = length;
    this.head = head;
  }

  /** Whether the connection can be used for another request. */
  boolean isComplete() {
    return closed && framing != Framing.UNTIL_CLOSE;
  }

  /** Whether the head is on its way. */
  boolean isCommitted() {
    return framing != Framing.UNDECIDED;
  }

  @Override
  public void write(int b) throws IOException {
    if (size == room()) {
      drainFull();
    }
    buffer[FRONT + size++] = (byte) b;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (size == room()) {
        drainFull();
      }
      int count = Math.min(length - done, room() - size);
      System.arraycopy(bytes, offset + done, buffer, FRONT + size, count);
      size += count;
      done += count;
    }
  }

  @Override
  public void flush() throws IOException {
    if (size > 0 || framing == Framing.UNDECIDED) {
      drain();
    }
  }

  private int room() {
    return buffer.length - FRONT - TAIL;
  }

  private void drainFull() throws IOException {
    drain();
    if (room() < LARGE) {
      buffer = new byte[FRONT + LARGE + TAIL];
    }
  }

  /** Sends what is buffered, in the midst of the body. */
  private void drain() throws IOException {
    byte[] front = framing == Framing.UNDECIDED ? decide(false) : null;
    send(front, false);
  }

  @Override
  public void close() throws IOException {
    if (closed) {
      return;
    }
    byte[] front = framing == Framing.UNDECIDED ? decide(true) : null;
    send(front, true);
    if (framing == Framing.LENGTH && left > 0) {
      throw new IOException("the body ended " + left + " bytes before its length");
    }
    closed = true;
  }

  /** Chooses the framing and returns the head. */
  private byte[] decide(boolean last) {
    boolean bodiless = status == 204 || status == 304 || status < 200;
    if (bodiless || request.method().equals("HEAD")) {
      framing = Framing.NO_BODY;
      long length = left >= 0 ? left : size;
      String line = !bodiless && (last || left >= 0) ? "Content-Length: " + length : null;
      return head.bytes(line, request.keepAlive());
    }
    if (left >= 0 || last) {
      framing = Framing.LENGTH;
      left = left >= 0 ? left : size;
      return head.bytes("Content-Length: " + left, request.keepAlive());
    }
    if (request.http11()) {
      framing = Framing.CHUNKS;
      return head.bytes("Transfer-Encoding: chunked", request.keepAlive());
    }
    framing = Framing.UNTIL_CLOSE;
    return head.bytes(null, false);
  }

  private void send(byte @Nullable [] front, boolean last) throws IOException {
    int from = FRONT;
    int to = FRONT + size;
    switch (framing) {
      case NO_BODY -> to = from;
      case LENGTH -> {
        if (size > left) {
          throw new IOException("the body is longer than its length");
        }
        left -= size;
      }
      case CHUNKS -> {
        if (size > 0) {
          buffer[to++] = '\r';
          buffer[to++] = '\n';
          buffer[--from] = '\n';
          buffer[--from] = '\r';
          for (int rest = size; rest > 0; rest >>= 4) {
            buffer[--from] = (byte) Character.forDigit(rest & 15, 16);
          }
        }
      }
      case UNTIL_CLOSE -> {}
      case UNDECIDED -> throw new IllegalStateException("no framing");
    }
    size = 0;
    ByteBuffer[] pieces = {
      ByteBuffer.wrap(front == null ? new byte[0] : front),
      ByteBuffer.wrap(buffer, from, to - from),
      ByteBuffer.wrap(last && framing == Framing.CHUNKS ? LAST_CHUNK : new byte[0])
    };
    while (pieces[0].hasRemaining() || pieces[1].hasRemaining() || pieces[2].hasRemaining()) {
      patience.beginWrite();
      try {
        channel.write(pieces);
      } finally {
        patience.end();
      }
    }
  }
}
