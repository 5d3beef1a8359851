package io.narthex.net.http2;

/** The numbers of RFC 9113, sections 6 and 11. */
final class Frame {

  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;

  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;
  static final int PRIORITIZED = 0x20;

  static final int HEADER_TABLE_SIZE = 1;
  static final int ENABLE_PUSH = 2;
  static final int INITIAL_WINDOW_SIZE = 4;
  static final int MAX_FRAME_SIZE = 5;
  static final int MAX_HEADER_LIST_SIZE = 6;

  /** Bytes in front of each payload. */
  static final int HEADER = 9;

  /** The longest payload that both sides send, which every peer takes. */
  static final int MOST = 16_384;

  /** The window of a stream and of the connection until somebody says otherwise. */
  static final int DEFAULT_WINDOW = 65_535;

  private Frame() {}
}
