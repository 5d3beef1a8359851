package io.narthex.promql.engine.core;

import java.util.concurrent.atomic.AtomicLong;

/**
 * The memory that all queries of a server share. Thread-safe.
 *
 * <p>On a heap, what lies there is not all that it costs: the collector needs room to move things,
 * and what queries have dropped lies about until it comes by. A budget {@link #withRoom} is one for
 * both, so that a process with a limit for its queries does not outgrow it; it then counts every
 * byte one and three fifths times.
 */
public final class MemoryBudget {

  private final long limit;
  private final boolean room;
  private final AtomicLong taken = new AtomicLong();

  /**
   * A budget for what queries hold alone.
   *
   * @param limit bytes; 0 for no limit
   */
  public MemoryBudget(long limit) {
    this(limit, false);
  }

  private MemoryBudget(long limit, boolean room) {
    this.limit = limit <= 0 ? Long.MAX_VALUE : limit;
    this.room = room;
  }

  /**
   * A budget for what queries hold and the room that the collector needs for it.
   *
   * @param limit bytes; 0 for no limit
   */
  public static MemoryBudget withRoom(long limit) {
    return new MemoryBudget(limit, true);
  }

  /** The limit in bytes; the greatest number if there is none. */
  public long limit() {
    return limit;
  }

  /** The bytes that queries hold now, with their room. */
  public long taken() {
    return taken.get();
  }

  /** What some bytes cost. */
  long cost(long bytes) {
    return room ? bytes + bytes / 5 * 3 : bytes;
  }

  /** Takes what some bytes cost; false if there is not so much left. */
  boolean take(long cost) {
    if (taken.addAndGet(cost) <= limit) {
      return true;
    }
    taken.addAndGet(-cost);
    return false;
  }

  void giveBack(long cost) {
    taken.addAndGet(-cost);
  }
}
