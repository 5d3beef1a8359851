package io.narthex.net.http2;

import io.narthex.base.text.GoQuote;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/** Does what the frames ask for that are about the connection and not about an answer. */
final class ControlFrames {

  private static final int MOST_DEBUG = 1024;

  private final FrameInput in;
  private final FrameOutput out;
  private final RequestOutput request;
  private boolean settled;
  private @Nullable String farewell;

  ControlFrames(FrameInput in, FrameOutput out, RequestOutput request) {
    this.in = in;
    this.out = out;
    this.request = request;
  }

  /** What the server has said when it went away, as an error; null if it has not. */
  @Nullable String farewell() {
    return farewell;
  }

  /** Checks that a server begins with its settings. */
  void checkStart() throws Http2Exception {
    if (!settled && (in.type() != Frame.SETTINGS || in.has(Frame.ACK))) {
      throw Http2Exception.broken(ErrorCode.PROTOCOL_ERROR, "a frame before SETTINGS");
    }
  }

  /**
   * SETTINGS.
   *
   * @return whether more of the request could be sent
   */
  boolean settings() throws IOException {
    checkConnection();
    if (in.has(Frame.ACK)) {
      in.checkSize(0);
      return false;
    }
    in.checkSize(in.left() / 6 * 6);
    while (in.left() > 0) {
      int key = in.uint16();
      setting(key, in.int32());
    }
    settled = true;
    out.settingsAck();
    return request.pump();
  }

  private void setting(int key, int value) throws Http2Exception {
    switch (key) {
      case Frame.ENABLE_PUSH -> {
        if (value != 0) {
          throw Http2Exception.broken(
              ErrorCode.PROTOCOL_ERROR, "a server that wants to be pushed to");
        }
      }
      case Frame.INITIAL_WINDOW_SIZE -> request.initialWindow(value);
      case Frame.MAX_FRAME_SIZE -> {
        // We never send more than every peer takes.
        if (value < Frame.MOST || value > 0xffffff) {
          throw Http2Exception.broken(
              ErrorCode.PROTOCOL_ERROR,
              "a maximum frame size of " + Integer.toUnsignedString(value));
        }
      }
      default -> {
        // Their table is not used, there is one request at a time, and the rest is unknown.
      }
    }
  }

  /** PING. */
  void ping() throws IOException {
    checkConnection();
    in.checkSize(8);
    byte[] payload = new byte[8];
    in.all(payload, 0, 8);
    if (!in.has(Frame.ACK)) {
      out.pingAck(payload);
      out.flush();
    }
  }

  /**
   * GOAWAY.
   *
   * @param answered whether an answer has begun
   */
  void goAway(boolean answered) throws IOException {
    checkConnection();
    int last = in.int32() & Integer.MAX_VALUE;
    int code = in.int32();
    byte[] debug = new byte[Math.min(in.left(), MOST_DEBUG)];
    in.all(debug, 0, debug.length);
    in.skip();
    farewell =
        "http2: server sent GOAWAY and closed the connection; LastStreamID="
            + last
            + ", ErrCode="
            + ErrorCode.name(code)
            + ", debug="
            + GoQuote.quote(new String(debug, StandardCharsets.UTF_8));
    if (last < request.stream()) {
      // An error at once is about the connection: another one would end in the same way.
      boolean hopeless = request.stream() == 1 && code != ErrorCode.NO_ERROR.ordinal();
      throw Http2Exception.gone(
          hopeless
              ? "http2: Transport received GOAWAY from server ErrCode:" + ErrorCode.name(code)
              : "http2: Transport received Server's graceful shutdown GOAWAY",
          !hopeless && !answered);
    }
  }

  private void checkConnection() throws Http2Exception {
    if (in.stream() != 0) {
      throw Http2Exception.broken(
          ErrorCode.PROTOCOL_ERROR, "a frame of type " + in.type() + " for a stream");
    }
  }
}
