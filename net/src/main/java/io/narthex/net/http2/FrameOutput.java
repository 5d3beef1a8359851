package io.narthex.net.http2;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Puts frames together and sends several at once, so that they share a record of TLS. */
final class FrameOutput {

  private static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

  /** Filled so far, what is ready is sent. */
  private static final int FULL = 64 * 1024;

  /** The most that an idle connection keeps. */
  private static final int MOST_KEPT = 1024;

  private final OutputStream out;
  private byte[] buffer = new byte[MOST_KEPT];
  private int length;

  FrameOutput(OutputStream out) {
    this.out = out;
  }

  private void room(int bytes) {
    if (buffer.length - length < bytes) {
      buffer = Arrays.copyOf(buffer, Math.max(length + bytes, 2 * buffer.length));
    }
  }

  private void bytes(byte[] b, int from, int count) {
    room(count);
    System.arraycopy(b, from, buffer, length, count);
    length += count;
  }

  private void int32(int value) {
    room(4);
    buffer[length++] = (byte) (value >>> 24);
    buffer[length++] = (byte) (value >>> 16);
    buffer[length++] = (byte) (value >>> 8);
    buffer[length++] = (byte) value;
  }

  private void header(int type, int flags, int stream, int payload) {
    room(Frame.HEADER);
    buffer[length++] = (byte) (payload >>> 16);
    buffer[length++] = (byte) (payload >>> 8);
    buffer[length++] = (byte) payload;
    buffer[length++] = (byte) type;
    buffer[length++] = (byte) flags;
    int32(stream);
  }

  /** What a client begins with. */
  void preface() {
    bytes(PREFACE, 0, PREFACE.length);
  }

  /** Settings: keys and values by turns. */
  void settings(int... keysAndValues) {
    header(Frame.SETTINGS, 0, 0, keysAndValues.length * 3);
    for (int i = 0; i < keysAndValues.length; i += 2) {
      room(2);
      buffer[length++] = (byte) (keysAndValues[i] >>> 8);
      buffer[length++] = (byte) keysAndValues[i];
      int32(keysAndValues[i + 1]);
    }
  }

  void settingsAck() {
    header(Frame.SETTINGS, Frame.ACK, 0, 0);
  }

  void pingAck(byte[] payload) {
    header(Frame.PING, Frame.ACK, 0, payload.length);
    bytes(payload, 0, payload.length);
  }

  void windowUpdate(int stream, int increment) {
    header(Frame.WINDOW_UPDATE, 0, stream, 4);
    int32(increment);
  }

  void goAway(ErrorCode code) {
    header(Frame.GOAWAY, 0, 0, 8);
    int32(0);
    int32(code.ordinal());
  }

  /** A block of fields, in as many frames as it takes. */
  void headers(int stream, byte[] block, boolean last) {
    int type = Frame.HEADERS;
    int flags = last ? Frame.END_STREAM : 0;
    int at = 0;
    do {
      int n = Math.min(block.length - at, Frame.MOST);
      boolean whole = at + n == block.length;
      header(type, flags | (whole ? Frame.END_HEADERS : 0), stream, n);
      bytes(block, at, n);
      type = Frame.CONTINUATION;
      flags = 0;
      at += n;
    } while (at < block.length);
  }

  void data(int stream, byte[] body, int from, int count, boolean last) throws IOException {
    header(Frame.DATA, last ? Frame.END_STREAM : 0, stream, count);
    bytes(body, from, count);
    if (length >= FULL) {
      flush();
    }
  }

  /** Sends what is ready. */
  void flush() throws IOException {
    if (length > 0) {
      out.write(buffer, 0, length);
      out.flush();
      length = 0;
      if (buffer.length > MOST_KEPT) {
        buffer = new byte[MOST_KEPT];
      }
    }
  }
}
