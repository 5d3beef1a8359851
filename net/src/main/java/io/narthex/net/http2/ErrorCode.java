package io.narthex.net.http2;

/** The error codes of RFC 9113, section 7; the ordinal is what is sent. */
enum ErrorCode {
  NO_ERROR,
  PROTOCOL_ERROR,
  INTERNAL_ERROR,
  FLOW_CONTROL_ERROR,
  SETTINGS_TIMEOUT,
  STREAM_CLOSED,
  FRAME_SIZE_ERROR,
  REFUSED_STREAM,
  CANCEL,
  COMPRESSION_ERROR,
  CONNECT_ERROR,
  ENHANCE_YOUR_CALM,
  INADEQUATE_SECURITY,
  HTTP_1_1_REQUIRED;

  private static final ErrorCode[] ALL = values();

  /** The name of a code that a peer sent, as Go shows it. */
  static String name(int code) {
    return code >= 0 && code < ALL.length
        ? ALL[code].name()
        : "unknown error code 0x" + Integer.toHexString(code);
  }
}
