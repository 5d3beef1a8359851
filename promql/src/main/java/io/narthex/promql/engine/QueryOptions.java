package io.narthex.promql.engine;

import io.narthex.promql.engine.core.Cancellation;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What one query may ask for.
 *
 * @param timeout shorter than the engine's, or null for the engine's
 * @param lookback in place of the engine's, or null
 * @param samplesPerStep whether samples are counted by step (stats=all with promql-per-step-stats)
 * @param cancellation calls the query off
 * @param origin where the query comes from
 */
public record QueryOptions(
    @Nullable Duration timeout,
    @Nullable Duration lookback,
    boolean samplesPerStep,
    Cancellation cancellation,
    QueryOrigin origin) {

  /** A query of unknown origin. */
  public QueryOptions(
      @Nullable Duration timeout,
      @Nullable Duration lookback,
      boolean samplesPerStep,
      Cancellation cancellation) {
    this(timeout, lookback, samplesPerStep, cancellation, QueryOrigin.UNKNOWN);
  }

  /** The engine's habits, and a cancellation of its own. */
  public static QueryOptions plain() {
    return new QueryOptions(null, null, false, new Cancellation());
  }

  /** The engine's habits. */
  public static QueryOptions cancelledBy(Cancellation cancellation) {
    return new QueryOptions(null, null, false, cancellation);
  }
}
