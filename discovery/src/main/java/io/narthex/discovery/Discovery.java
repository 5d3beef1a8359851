package io.narthex.discovery;

import java.util.List;

/**
 * A search for targets. One thread asks it what is known, then runs it; it is stopped by
 * interrupting that thread.
 */
public interface Discovery {

  /** What is known at once, without waiting for anybody else; nothing by default. */
  default List<TargetGroup> known() {
    return List.of();
  }

  /**
   * Searches until the thread is interrupted, and tells the sink each time something changed since
   * {@link #known}. A mechanism whose answer never changes returns.
   *
   * <p>Failures are logged and counted, not thrown: what was found before stays until something
   * better is known.
   *
   * @throws InterruptedException when it is told to stop; everything it opened is closed
   */
  void run(Sink sink) throws InterruptedException;

  /** Takes what a discovery found. Thread-safe. */
  @FunctionalInterface
  interface Sink {

    /**
     * Takes groups that are new or changed. A group replaces the one of the same source; one
     * without targets removes it. Groups that are not mentioned stay.
     */
    void update(List<TargetGroup> groups);
  }
}
