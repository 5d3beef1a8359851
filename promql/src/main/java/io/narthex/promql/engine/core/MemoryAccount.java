package io.narthex.promql.engine.core;

import io.narthex.model.duration.ByteSizes;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The memory of one query, until it is closed. What is taken is what grows with the data: columns,
 * the samples of long windows, groups, results; what is small and the same for all queries is not
 * counted. Memory that a query lets go before its end counts on. Thread-safe.
 */
public final class MemoryAccount implements AutoCloseable {

  private final MemoryBudget budget;
  private final long limit;
  private final AtomicLong taken = new AtomicLong();
  // What the budget has been asked for.
  private final AtomicLong paid = new AtomicLong();
  private final AtomicBoolean closed = new AtomicBoolean();
  // What it held when it was closed.
  private volatile long last;

  /**
   * @param budget what it takes from
   * @param limit the most bytes; 0 for as much as the budget has
   */
  public MemoryAccount(MemoryBudget budget, long limit) {
    this.budget = budget;
    this.limit = limit <= 0 ? Long.MAX_VALUE : limit;
  }

  /** An account without limits. */
  public static MemoryAccount unlimited() {
    return new MemoryAccount(new MemoryBudget(0), 0);
  }

  /**
   * Takes memory, before it is allocated.
   *
   * @param part names the part of the query that needs it
   * @throws QueryException if there is not so much
   */
  void take(long bytes, Supplier<String> part) {
    long now = taken.addAndGet(bytes);
    if (now > limit) {
      taken.addAndGet(-bytes);
      throw QueryException.execution(
          "query would need more memory than the %s that query.max-memory allows, for: %s"
              .formatted(rounded(limit), part.get()));
    }
    long cost = budget.cost(bytes);
    if (!budget.take(cost)) {
      taken.addAndGet(-bytes);
      long before = paid.get();
      throw QueryException.execution(
          ("query would need more memory than is left of the %s that query.max-memory-total allows"
                  + " all queries (it holds %s, others %s), for: %s")
              .formatted(
                  rounded(budget.limit()),
                  rounded(before),
                  rounded(Math.max(0, budget.taken() - before)),
                  part.get()));
    }
    paid.addAndGet(cost);
  }

  /** Takes memory if there is so much, for what a query can do without. */
  boolean offer(long bytes) {
    long cost = budget.cost(bytes);
    if (taken.addAndGet(bytes) > limit || !budget.take(cost)) {
      taken.addAndGet(-bytes);
      return false;
    }
    paid.addAndGet(cost);
    return true;
  }

  /** The bytes that it holds. */
  public long taken() {
    return taken.get();
  }

  /** The most bytes that it held. */
  public long peak() {
    return Math.max(last, taken.get());
  }

  /** Gives everything back. */
  @Override
  public void close() {
    if (!closed.getAndSet(true)) {
      long held = taken.getAndSet(0);
      last = held;
      budget.giveBack(paid.getAndSet(0));
    }
  }

  /** Whole mebibytes are as much as anybody reads. */
  private static String rounded(long bytes) {
    long unit = bytes < 10 << 20 ? 1 << 10 : 1 << 20;
    return ByteSizes.print(bytes / unit * unit);
  }
}
