package io.narthex.net.request;

import java.io.IOException;

/** No answer, or none that is whole. The message is the one that Go's client would show. */
public final class HttpFailure extends IOException {

  private static final long serialVersionUID = 1;

  /** What went wrong. */
  public enum Kind {
    /** No connection, or one that broke. */
    CONNECTION,
    /** The time is over. */
    DEADLINE,
    /** An answer that is no HTTP. */
    PROTOCOL,
    /** The answer is larger than the limit. */
    SIZE,
    /** A password, a key or a token could not be had. */
    CREDENTIALS
  }

  private final Kind kind;

  HttpFailure(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
