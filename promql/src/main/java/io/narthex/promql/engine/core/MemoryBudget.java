package io.narthex.promql.engine.core;

import java.util.concurrent.atomic.AtomicLong;

/** The memory that all queries of a server share. Thread-safe. */
public final class MemoryBudget {

  private final long limit;
  private final AtomicLong taken = new AtomicLong();

  /**
   * @param limit bytes; 0 for no limit
   */
  public MemoryBudget(long limit) {
    this.limit = limit <= 0 ? Long.MAX_VALUE : limit;
  }

  /** The limit in bytes; the greatest number if there is none. */
  public long limit() {
    return limit;
  }

  /** The bytes that queries hold now. */
  public long taken() {
    return taken.get();
  }

  boolean take(long bytes) {
    if (taken.addAndGet(bytes) <= limit) {
      return true;
    }
    taken.addAndGet(-bytes);
    return false;
  }

  void giveBack(long bytes) {
    taken.addAndGet(-bytes);
  }
}
