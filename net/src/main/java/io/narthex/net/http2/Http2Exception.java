package io.narthex.net.http2;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A server that broke the rules of HTTP/2, or refused by them. The message is the one that Go's
 * client would show; the connection is of no use any more.
 */
public final class Http2Exception extends IOException {

  private static final long serialVersionUID = 1;

  private final @Nullable ErrorCode tell;
  private final boolean unprocessed;

  private Http2Exception(String message, @Nullable ErrorCode tell, boolean unprocessed) {
    super(message);
    this.tell = tell;
    this.unprocessed = unprocessed;
  }

  /** A target that does this fails each scrape: the stack would say nothing, and costs. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }

  /** The server broke a rule of the connection. */
  static Http2Exception broken(ErrorCode code, String how) {
    return new Http2Exception("connection error: " + code + "; " + how, code, false);
  }

  /** The server broke a rule of one exchange. */
  static Http2Exception malformed(int stream, String how) {
    return new Http2Exception(
        "stream error: stream ID " + stream + "; PROTOCOL_ERROR; " + how,
        ErrorCode.PROTOCOL_ERROR,
        false);
  }

  /** The server sent what cannot be used; the message stands alone. */
  static Http2Exception unusable(ErrorCode code, String message) {
    return new Http2Exception(message, code, false);
  }

  static Http2Exception listTooLarge() {
    return unusable(
        ErrorCode.ENHANCE_YOUR_CALM, "http2: response header list larger than advertised limit");
  }

  /** The server ended the stream. */
  static Http2Exception reset(int stream, int code, boolean unprocessed) {
    return new Http2Exception(
        "stream error: stream ID " + stream + "; " + ErrorCode.name(code) + "; received from peer",
        null,
        unprocessed);
  }

  /** The server goes away. */
  static Http2Exception gone(String message, boolean unprocessed) {
    return new Http2Exception(message, null, unprocessed);
  }

  /** What the server is to be told, or null where it was the server that said so. */
  @Nullable ErrorCode tell() {
    return tell;
  }

  /** Whether the server has said that it did nothing with the request: it may be sent again. */
  public boolean isUnprocessed() {
    return unprocessed;
  }
}
