package io.narthex.discovery.oci;

import io.narthex.base.time.Clock;
import java.time.Duration;

/**
 * Lets requests through no faster than Oracle takes them: fifty at once, then ten in a second, as
 * upstream does. Belongs to one thread.
 */
final class Pace {

  private static final long STEP = Duration.ofMillis(100).toNanos();
  private static final long MOST = 50 * STEP;

  private final Clock clock;
  private long saved = MOST;
  private long last;

  Pace(Clock clock) {
    this.clock = clock;
    this.last = clock.nanos();
  }

  /**
   * Waits until the next request may go.
   *
   * @throws InterruptedException if the thread is told to stop
   */
  void await() throws InterruptedException {
    long now = clock.nanos();
    saved = Math.min(MOST, saved + now - last) - STEP;
    last = now;
    if (saved < 0) {
      clock.sleep(Duration.ofNanos(-saved));
    }
  }
}
