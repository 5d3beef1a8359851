package io.narthex.promql.engine.core;

/**
 * The moments a query is evaluated at.
 *
 * @param start the first moment, milliseconds since the epoch
 * @param step the distance between moments in milliseconds; positive
 * @param count the number of moments; 1 for an instant query, 0 for none at all
 */
public record Grid(long start, long step, int count) {

  /** An array has room for no more, on any machine. */
  private static final long MOST = Integer.MAX_VALUE - 16;

  /** The grid of an instant query. */
  public static Grid instant(long time) {
    return new Grid(time, 1, 1);
  }

  /**
   * The moments {@code start + k * step} up to and including {@code end}.
   *
   * @throws QueryException if they are more than anybody can hold
   */
  public static Grid of(long start, long end, long step) {
    if (end < start) {
      return new Grid(start, step, 0);
    }
    long length = end - start;
    // Negative if the subtraction overflowed.
    if (length < 0 || length / step >= MOST) {
      throw QueryException.tooManySamples();
    }
    return new Grid(start, step, (int) (length / step) + 1);
  }

  /** The moment of a step. */
  public long time(int index) {
    return start + index * step;
  }

  /** The last moment. */
  public long end() {
    return start + (count - 1) * step;
  }

  /** The first moment alone. */
  public Grid first() {
    return new Grid(start, step, Math.min(count, 1));
  }
}
