package io.narthex.net.http;

import io.narthex.base.bytes.BulkInputStream;
import java.io.EOFException;
import java.io.IOException;

/** The body of a request: of a known length, or in chunks. */
final class RequestBody extends BulkInputStream {

  private static final int MAX_LINE = 4 * 1024;

  /** What the server does before it first reads: it may have to say that it wants the body. */
  @FunctionalInterface
  interface Start {
    void run() throws IOException;
  }

  private final ConnectionInput input;
  private final Start start;
  private final boolean chunked;
  private boolean started;
  private boolean firstChunk = true;
  private boolean over;

  /** What is left of the body, or of the chunk. */
  private long left;

  RequestBody(ConnectionInput input, long length, Start start) {
    this.input = input;
    this.start = start;
    this.chunked = length < 0;
    this.left = Math.max(0, length);
    if (length == 0) {
      finish();
    }
  }

  /** Whether all of it has been read. */
  boolean isOver() {
    return over;
  }

  /** Whether the client has been left waiting to be told to send it. */
  boolean isUnasked() {
    return !started && !over;
  }

  private void finish() {
    over = true;
    input.watchable(true);
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (over) {
      return -1;
    }
    if (!started) {
      started = true;
      start.run();
    }
    if (left == 0 && !nextChunk()) {
      return -1;
    }
    int read = input.read(into, offset, (int) Math.min(length, left));
    if (read < 0) {
      throw new EOFException("unexpected EOF");
    }
    left -= read;
    if (left == 0 && !chunked) {
      finish();
    }
    return read;
  }

  private boolean nextChunk() throws IOException {
    try {
      if (!firstChunk && !input.line(MAX_LINE, 400).isEmpty()) {
        throw new IOException("malformed chunked encoding");
      }
      firstChunk = false;
      left = size(input.line(MAX_LINE, 400));
      if (left > 0) {
        return true;
      }
      for (int lines = 0; !input.line(MAX_LINE, 400).isEmpty(); lines++) {
        if (lines == 100) {
          throw new IOException("too many trailers");
        }
      }
      finish();
      return false;
    } catch (Refusal e) {
      throw new IOException("malformed chunked encoding", e);
    }
  }

  private static long size(String line) throws IOException {
    int semicolon = line.indexOf(';');
    String digits = (semicolon < 0 ? line : line.substring(0, semicolon)).strip();
    if (digits.isEmpty() || digits.length() > 15) {
      throw new IOException("invalid byte in chunk length");
    }
    long size = 0;
    for (int i = 0; i < digits.length(); i++) {
      int digit = Character.digit(digits.charAt(i), 16);
      if (digit < 0 || digits.charAt(i) > 'f') {
        throw new IOException("invalid byte in chunk length");
      }
      size = size << 4 | digit;
    }
    return size;
  }
}
