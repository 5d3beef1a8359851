package io.narthex.api.port;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** A query that has no answer. The message is for the user, in Prometheus' words. */
public final class QueryFailure extends RuntimeException {

  private static final long serialVersionUID = 1;

  /** Why there is none. */
  public enum Kind {
    /** The expression is wrong. */
    BAD_QUERY,
    /** It cannot be evaluated over this data, or is beyond a limit. */
    EXECUTION,
    /** It took too long. */
    TIMEOUT,
    /** Somebody called it off. */
    CANCELED,
    /** The storage failed. */
    STORAGE
  }

  private final Kind kind;

  @SuppressWarnings("serial") // Exceptions are not serialised here.
  private final List<String> warnings;

  public QueryFailure(Kind kind, String message, @Nullable Throwable cause) {
    this(kind, message, cause, List.of());
  }

  /**
   * @param warnings what was remarked before it failed
   */
  public QueryFailure(Kind kind, String message, @Nullable Throwable cause, List<String> warnings) {
    super(message, cause);
    this.kind = kind;
    this.warnings = List.copyOf(warnings);
  }

  public Kind kind() {
    return kind;
  }

  /** What was remarked before it failed. */
  public List<String> warnings() {
    return warnings;
  }
}
