package io.narthex.net.scrape;

/** A response that did not come, or not whole. The message is the one Prometheus would show. */
public final class ScrapeException extends Exception {

  private static final long serialVersionUID = 1;

  /** What went wrong, for counters. */
  public enum Kind {
    /** No connection, or one that broke. */
    CONNECTION,
    /** TLS was refused on either side. */
    TLS,
    /** The time for the whole scrape is over. */
    DEADLINE,
    /** An answer that is no HTTP. */
    PROTOCOL,
    /** A status other than 200. */
    STATUS,
    /** The body is larger than the limit. */
    BODY_SIZE
  }

  private final Kind kind;
  private final int status;

  ScrapeException(Kind kind, String message) {
    this(kind, message, 0);
  }

  ScrapeException(Kind kind, String message, int status) {
    // A dead target fails each scrape: the stack would say nothing, and costs.
    super(message, null, false, false);
    this.kind = kind;
    this.status = status;
  }

  /** The status of the answer, 0 if that is not what is wrong. */
  int status() {
    return status;
  }

  public Kind kind() {
    return kind;
  }

  static ScrapeException deadline() {
    return new ScrapeException(Kind.DEADLINE, "context deadline exceeded");
  }

  static ScrapeException protocol(String message) {
    return new ScrapeException(Kind.PROTOCOL, message);
  }
}
