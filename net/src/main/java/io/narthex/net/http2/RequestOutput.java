package io.narthex.net.http2;

import java.io.IOException;

/**
 * The sending half: the request at hand, and how much of its body the server wants (RFC 9113,
 * section 6.9). What the windows do not allow now goes when they are opened.
 */
final class RequestOutput {

  private static final byte[] NOTHING = {};

  private final FrameOutput out;
  private int initialWindow = Frame.DEFAULT_WINDOW;
  private long window = Frame.DEFAULT_WINDOW;
  private long streamWindow;
  private int stream = -1;
  private byte[] body = NOTHING;
  private int at;

  RequestOutput(FrameOutput out) {
    this.out = out;
  }

  /** The number of the request at hand: 1, 3, 5 and so on; -1 before the first. */
  int stream() {
    return stream;
  }

  /** Whether all of it has been sent, and there is a number for another one. */
  boolean isReady() {
    return at == body.length && stream < Integer.MAX_VALUE - 2;
  }

  void send(byte[] block, byte[] payload) throws IOException {
    stream += 2;
    body = payload;
    at = 0;
    streamWindow = initialWindow;
    out.headers(stream, block, body.length == 0);
    pump();
  }

  /**
   * Sends of the body what the windows allow.
   *
   * @return whether that was anything
   */
  boolean pump() throws IOException {
    int from = at;
    while (at < body.length) {
      long allowed = Math.min(Math.min(window, streamWindow), Frame.MOST);
      int n = (int) Math.min(allowed, body.length - at);
      if (n <= 0) {
        break;
      }
      out.data(stream, body, at, n, at + n == body.length);
      at += n;
      window -= n;
      streamWindow -= n;
    }
    out.flush();
    boolean any = at > from;
    if (at == body.length) {
      body = NOTHING;
      at = 0;
    }
    return any;
  }

  /** The server takes so many bytes more over the connection. */
  void widenConnection(int increment) throws Http2Exception {
    window += increment;
    check(window);
  }

  /** The server takes so many bytes more of this request. */
  void widenStream(int increment) throws Http2Exception {
    streamWindow += increment;
    check(streamWindow);
  }

  /** The server has changed the window that requests begin with; it counts for this one too. */
  void initialWindow(int value) throws Http2Exception {
    check(value < 0 ? Long.MAX_VALUE : value);
    streamWindow += (long) value - initialWindow;
    initialWindow = value;
    check(streamWindow);
  }

  private static void check(long window) throws Http2Exception {
    if (window > Integer.MAX_VALUE) {
      throw Http2Exception.broken(
          ErrorCode.FLOW_CONTROL_ERROR, "a window of more than 2147483647 bytes");
    }
  }
}
