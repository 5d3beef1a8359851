package io.narthex.promql.engine;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.QueryContext;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The queries that wait, run, or whose answers are being read. An engine enters them; anybody may
 * look, and call one off. Thread-safe.
 */
public final class RunningQueries {

  private final Clock clock;
  private final boolean keeps;
  private final AtomicLong last = new AtomicLong();
  private final ConcurrentHashMap<Long, RunningQuery> all = new ConcurrentHashMap<>();
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition removed = lock.newCondition();

  /**
   * @param clock tells how old they are
   */
  public RunningQueries(Clock clock) {
    this(clock, true);
  }

  private RunningQueries(Clock clock, boolean keeps) {
    this.clock = clock;
    this.keeps = keeps;
  }

  /** A list that stays empty: for engines whose queries nobody can look at. */
  static RunningQueries unlisted(Clock clock) {
    return new RunningQueries(clock, false);
  }

  RunningQuery add(
      RunningQuery.Question question,
      QueryOrigin origin,
      QueryContext context,
      MemoryAccount memory,
      Cancellation cancellation) {
    RunningQuery query =
        new RunningQuery(
            last.incrementAndGet(),
            question,
            origin,
            clock.millis(),
            clock.nanos(),
            context,
            memory,
            cancellation);
    if (keeps) {
      all.put(query.id(), query);
    }
    return query;
  }

  void remove(RunningQuery query) {
    all.remove(query.id());
    lock.lock();
    try {
      removed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Those of this moment, the oldest first. */
  public List<RunningQuery.Picture> list() {
    long now = clock.nanos();
    return all.values().stream()
        .map(query -> query.picture(now))
        .sorted(Comparator.comparingLong(RunningQuery.Picture::id))
        .toList();
  }

  /**
   * Calls one off; it ends within a tenth of a second.
   *
   * @return false if there is none of this number (any more)
   */
  public boolean cancel(long id) {
    RunningQuery query = all.get(id);
    if (query == null) {
      return false;
    }
    query.cancel();
    return true;
  }

  /** Calls all of them off. */
  public void cancelAll() {
    all.values().forEach(RunningQuery::cancel);
  }

  /**
   * Waits until there are none.
   *
   * @return false if there still are some after this time
   */
  public boolean awaitNone(Duration most) throws InterruptedException {
    long left = most.toNanos();
    lock.lock();
    try {
      while (!all.isEmpty()) {
        if (left <= 0) {
          return false;
        }
        left = removed.awaitNanos(left);
      }
      return true;
    } finally {
      lock.unlock();
    }
  }
}
