package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * A length of time in a range, step or offset.
 *
 * @param millis the length, unless an expression must be evaluated first
 * @param expr what to evaluate (it depends on the query's step or range, or was written as a sum),
 *     or null where {@code millis} says it all
 */
public record TimeSpan(long millis, @Nullable DurationExpr expr) {

  /** No time at all. */
  public static final TimeSpan ZERO = new TimeSpan(0, null);

  /** A fixed length. */
  public static TimeSpan ofMillis(long millis) {
    return new TimeSpan(millis, null);
  }
}
