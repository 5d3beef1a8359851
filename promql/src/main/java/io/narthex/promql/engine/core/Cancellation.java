package io.narthex.promql.engine.core;

/** The means to call a query off, from any thread. One for each query. */
public final class Cancellation {

  private volatile boolean cancelled;

  /** Calls the query off; it ends at the next series, with an exception of its own kind. */
  public void cancel() {
    cancelled = true;
  }

  /** Whether it was called off. */
  public boolean isCancelled() {
    return cancelled;
  }
}
