package io.narthex.promql.engine;

import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.QueryContext;

/**
 * A query from its arrival until its answer is closed, as those see it who list queries. Immutable
 * but for its state, and for what its context and its account count. Thread-safe.
 */
public final class RunningQuery {

  /** Where it is in its life. */
  public enum State {
    /** Others have the places. */
    WAITING,
    /** It is evaluated. */
    RUNNING,
    /** Its answer is complete, and somebody reads it. */
    WRITING
  }

  /**
   * What was asked.
   *
   * @param text the expression
   * @param start the first moment that it is evaluated at, milliseconds since the epoch
   * @param end the last moment at most
   * @param step milliseconds; 0 for a query at one moment
   */
  public record Question(String text, long start, long end, long step) {}

  /**
   * How it was at one moment.
   *
   * @param arrived milliseconds since the epoch
   * @param ageNanos since its arrival
   * @param samples looked at so far, each once for every step that saw it
   * @param peakSamples the most that it held at once
   * @param memory bytes that it holds
   * @param peakMemory the most bytes that it held
   */
  public record Picture(
      long id,
      Question question,
      State state,
      QueryOrigin origin,
      long arrived,
      long ageNanos,
      long samples,
      long peakSamples,
      long memory,
      long peakMemory) {}

  private final long id;
  private final Question question;
  private final QueryOrigin origin;
  private final long arrived;
  private final long arrivedNanos;
  private final QueryContext context;
  private final MemoryAccount memory;
  private final Cancellation cancellation;
  private volatile State state = State.WAITING;

  RunningQuery(
      long id,
      Question question,
      QueryOrigin origin,
      long arrived,
      long arrivedNanos,
      QueryContext context,
      MemoryAccount memory,
      Cancellation cancellation) {
    this.id = id;
    this.question = question;
    this.origin = origin;
    this.arrived = arrived;
    this.arrivedNanos = arrivedNanos;
    this.context = context;
    this.memory = memory;
    this.cancellation = cancellation;
  }

  long id() {
    return id;
  }

  Question question() {
    return question;
  }

  QueryOrigin origin() {
    return origin;
  }

  QueryContext context() {
    return context;
  }

  void become(State next) {
    state = next;
  }

  void cancel() {
    cancellation.cancel();
  }

  Picture picture(long nowNanos) {
    return new Picture(
        id,
        question,
        state,
        origin,
        arrived,
        nowNanos - arrivedNanos,
        context.samples(),
        context.peakSamples(),
        memory.taken(),
        memory.peak());
  }
}
