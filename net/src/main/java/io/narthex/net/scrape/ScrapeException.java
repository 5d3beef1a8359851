package io.narthex.net.scrape;

/** A response that did not come, or not whole. The message is the one Prometheus would show. */
public final class ScrapeException extends Exception {

  private static final long serialVersionUID = 1;

  /** What went wrong, for counters. */
  public enum Kind {
    /** No connection, or one that broke. */
    CONNECTION,
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

  ScrapeException(Kind kind, String message) {
    // A dead target fails each scrape: the stack would say nothing, and costs.
    super(message, null, false, false);
    this.kind = kind;
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
