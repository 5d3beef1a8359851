package io.narthex.promql.engine.core;

import java.util.concurrent.Executor;

/**
 * The threads that help a query. A query never waits for one that has not begun: its own thread
 * does whatever nobody else has taken up.
 *
 * @param executor runs helpers, on platform threads
 * @param count how many threads work on one query at most, its own among them
 */
public record Workers(Executor executor, int count) {

  /** No help. */
  public static final Workers NONE = new Workers(Runnable::run, 1);
}
