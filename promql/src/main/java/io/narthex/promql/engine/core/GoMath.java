package io.narthex.promql.engine.core;

/**
 * Minimum and maximum as Go's {@code math} defines them: an infinity that decides wins over a NaN.
 */
public final class GoMath {

  private GoMath() {}

  /** The smaller of two; negative infinity if either is, else NaN if either is. */
  public static double min(double a, double b) {
    if (a == Double.NEGATIVE_INFINITY || b == Double.NEGATIVE_INFINITY) {
      return Double.NEGATIVE_INFINITY;
    }
    return Math.min(a, b);
  }

  /** The greater of two; positive infinity if either is, else NaN if either is. */
  public static double max(double a, double b) {
    if (a == Double.POSITIVE_INFINITY || b == Double.POSITIVE_INFINITY) {
      return Double.POSITIVE_INFINITY;
    }
    return Math.max(a, b);
  }
}
