package io.narthex.net.http;

import java.io.IOException;
import java.io.OutputStream;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The body as a handler writes it. The first bytes are held back, so that an answer too short to be
 * worth it is not compressed; then it is decided where they go.
 */
final class ResponseBody extends OutputStream {

  /** Shorter bodies are not compressed. */
  private static final int SHORT = 1024;

  private final Function<Boolean, OutputStream> open;
  private byte @Nullable [] held = new byte[SHORT];
  private int size;
  private @Nullable OutputStream target;
  private boolean closed;

  /**
   * @param open opens what takes the bytes; it is told whether the body is long or of unknown
   *     length
   */
  ResponseBody(Function<Boolean, OutputStream> open) {
    this.open = open;
  }

  boolean isClosed() {
    return closed;
  }

  private OutputStream target(boolean mayBeLong) throws IOException {
    OutputStream out = target;
    if (out == null) {
      out = open.apply(mayBeLong);
      target = out;
      if (held != null) {
        out.write(held, 0, size);
        held = null;
      }
    }
    return out;
  }

  @Override
  public void write(int b) throws IOException {
    if (held != null && size < SHORT) {
      held[size++] = (byte) b;
    } else {
      target(true).write(b);
    }
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    if (held != null && size + length <= SHORT) {
      System.arraycopy(bytes, offset, held, size, length);
      size += length;
    } else {
      target(true).write(bytes, offset, length);
    }
  }

  @Override
  public void flush() throws IOException {
    target(true).flush();
  }

  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      target(false).close();
    }
  }
}
