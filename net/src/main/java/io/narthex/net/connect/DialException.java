package io.narthex.net.connect;

/** No connection. The message is the one that Go's client would show. */
public final class DialException extends Exception {

  private static final long serialVersionUID = 1;

  /** Why. */
  public enum Kind {
    /** The time is over. */
    DEADLINE,
    /** TLS failed: other certificates may help. */
    TLS,
    /** Anything else. */
    CONNECTION
  }

  private final Kind kind;

  DialException(Kind kind, String message) {
    // A dead target fails each scrape: the stack would say nothing, and costs.
    super(message, null, false, false);
    this.kind = kind;
  }

  static DialException deadline() {
    return new DialException(Kind.DEADLINE, "context deadline exceeded");
  }

  public Kind kind() {
    return kind;
  }

  /** The message; never null. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
