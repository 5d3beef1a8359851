package io.narthex.promql.engine.core;

import org.jspecify.annotations.Nullable;

/** A query that could not be answered. The message is Prometheus' where it has one. */
public final class QueryException extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** What went wrong; the API's error type. */
  public enum Kind {
    /** The expression cannot be evaluated over this data, or is beyond a limit. */
    EXECUTION,
    /** It took too long. */
    TIMEOUT,
    /** Somebody called it off. */
    CANCELED,
    /** The storage failed. */
    STORAGE
  }

  private final Kind kind;

  public QueryException(Kind kind, String message) {
    this(kind, message, null);
  }

  public QueryException(Kind kind, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  /** An expression that cannot be evaluated. */
  public static QueryException execution(String message) {
    return new QueryException(Kind.EXECUTION, message);
  }

  /** Two series with equal labels hold a value at the same time. */
  public static QueryException sameLabels() {
    return execution("vector cannot contain metrics with the same labelset");
  }

  /** The query holds more samples at a time than it may. */
  public static QueryException tooManySamples() {
    return execution("query processing would load too many samples into memory in query execution");
  }

  public Kind kind() {
    return kind;
  }

  /** The message, which is never null. */
  public String text() {
    return String.valueOf(getMessage());
  }
}
