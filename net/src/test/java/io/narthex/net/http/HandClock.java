package io.narthex.net.http;

import io.narthex.base.time.Clock;
import java.time.Duration;

/** A clock that the test moves by hand; sleepers wake when their time has come. */
final class HandClock implements Clock {

  private long nanos;

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
    while (nanos < end) {
      wait();
    }
  }

  synchronized void advance(Duration time) {
    nanos += time.toNanos();
    notifyAll();
  }
}
