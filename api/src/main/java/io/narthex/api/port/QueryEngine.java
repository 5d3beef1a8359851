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
   * @param partial whether what is there is enough while the database is being filled
   * @param origin who asks: places are shared fairly among clients
   */
  record Options(
      long timeoutNanos,
      long lookbackMillis,
      boolean perStepStats,
      boolean partial,
      Origin origin) {}

  /**
   * The request that a query came by.
   *
   * @param client the address, without its port
   */
  record Origin(String client, String method, String path) {}

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

  /** The queries that there are now. */
  RunningQueries running();

  /** The longest that a query may take, in nanoseconds. */
  long timeoutNanos();

  /** One query. */
  interface Query {

    /**
     * Waits for its place and has it evaluated; once. The work is done on the engine's threads, so
     * any thread may call this. It stands among those that are running until its result is closed.
     *
     * @throws QueryFailure if it cannot be answered
     */
    QueryResult run();

    /** Calls it off, before or while it runs; any thread may. */
    void cancel();
  }
}
