package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.PriorityQueue;

/** A clock that the test moves by hand; sleepers wake when their time has come. */
final class HandClock implements Clock {

  private long nanos;
  private final PriorityQueue<Long> wakings = new PriorityQueue<>();

  @Override
  public synchronized long millis() {
    return nanos / 1_000_000;
  }

  @Override
  public synchronized long nanos() {
    return nanos;
  }

  @Override
  public synchronized void sleep(Duration time) throws InterruptedException {
    long end = nanos + time.toNanos();
    wakings.add(end);
    notifyAll();
    try {
      while (nanos < end) {
        wait();
      }
    } finally {
      wakings.remove(end);
    }
  }

  synchronized void advance(Duration time) {
    nanos += time.toNanos();
    notifyAll();
  }

  /** Advances once somebody sleeps, and nobody whose time has come already. */
  synchronized void advanceOnceAllSleep(Duration time) throws InterruptedException {
    while (wakings.isEmpty() || wakings.element() <= nanos) {
      wait();
    }
    advance(time);
  }
}
