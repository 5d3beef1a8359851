package io.narthex.testkit;

import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.PriorityQueue;

/**
 * A clock that stands still until {@link #advance} moves it. Sleepers wake when their time has
 * come, one moment after the other. Thread-safe.
 */
public final class FakeClock implements Clock {

  private long nowMillis;
  private long nowNanos;
  private final PriorityQueue<Long> wakeups = new PriorityQueue<>();
  private int sleeps;

  public FakeClock(long startMillis) {
    this.nowMillis = startMillis;
  }

  @Override
  public synchronized long millis() {
    return nowMillis;
  }

  @Override
  public synchronized long nanos() {
    return nowNanos;
  }

  @Override
  public synchronized void sleep(Duration time) throws InterruptedException {
    if (!time.isPositive()) {
      return;
    }
    long end = nowNanos + time.toNanos();
    Long mark = end;
    wakeups.add(mark);
    sleeps++;
    notifyAll();
    try {
      while (nowNanos < end) {
        wait();
      }
    } finally {
      wakeups.remove(mark);
      notifyAll();
    }
  }

  /** Moves the time forward and wakes whoever is due. */
  public synchronized void advance(Duration time) {
    nowNanos += time.toNanos();
    nowMillis += time.toMillis();
    notifyAll();
  }

  /** Sets the time of day without moving the stopwatch, as an operator or NTP would. */
  public synchronized void jumpTo(long millis) {
    nowMillis = millis;
  }

  /** How often somebody went to sleep on the clock so far. */
  public synchronized int sleeps() {
    return sleeps;
  }

  /** Waits (in real time) until somebody has gone to sleep this often in all. */
  public synchronized void awaitSleeps(int times) throws InterruptedException {
    while (sleeps < times) {
      wait();
    }
  }

  /** Waits (in real time) until this many threads sleep on the clock. */
  public synchronized void awaitSleepers(int threads) throws InterruptedException {
    while (wakeups.size() < threads) {
      wait();
    }
  }
}
