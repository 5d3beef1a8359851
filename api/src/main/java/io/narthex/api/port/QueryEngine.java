package io.narthex.api.port;

import io.narthex.promql.engine.explain.Plan;

/** Evaluates queries over the storage it was made with. Thread-safe. */
public interface QueryEngine {

  /**
   * What a client asks for one query.
   *
   * @param timeoutNanos the longest it may take, from the making of the query on, if that is
   *     shorter than the engine's own limit; 0 for the engine's own limit
   * @param lookbackMillis how old a sample may be to count, 0 for the engine's default
   * @param perStepStats whether samples are counted step by step
   */
  record Options(long timeoutNanos, long lookbackMillis, boolean perStepStats) {}

  /**
   * Makes a query at one moment; it does not run yet, but its time does.
   *
   * @param time milliseconds since the epoch
   * @throws QueryFailure of the kind {@link QueryFailure.Kind#BAD_QUERY} if the expression is wrong
   */
  Query instant(String expression, long time, Options options);

  /**
   * Makes a query over a range.
   *
   * @param start the first moment, milliseconds since the epoch
   * @param end the last moment at most, not before the first
   * @param step milliseconds, positive
   * @throws QueryFailure of the kind {@link QueryFailure.Kind#BAD_QUERY} if the expression is
   *     wrong, or is neither a scalar nor an instant vector
   */
  Query range(String expression, long start, long end, long step, Options options);

  /**
   * Makes a query at one moment that tells how it is evaluated; parameters as above.
   *
   * @param evaluate whether it is evaluated, or only planned
   */
  Explained explainInstant(String expression, long time, Options options, boolean evaluate);

  /** Makes a query over a range that tells how it is evaluated. */
  Explained explainRange(
      String expression, long start, long end, long step, Options options, boolean evaluate);

  /** A query that is explained. */
  interface Explained {

    /**
     * Plans it, and evaluates it if that was asked for; once, as a query is run.
     *
     * @throws QueryFailure if it cannot be answered
     */
    Plan run();

    /** Calls it off; any thread may. */
    void cancel();
  }

  /** One query. */
  interface Query {

    /**
     * Evaluates it, on a thread that may be kept busy; once.
     *
     * @throws QueryFailure if it cannot be answered
     */
    QueryResult run();

    /** Calls it off, before or while it runs; any thread may. */
    void cancel();
  }
}
