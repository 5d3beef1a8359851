package io.narthex.net.web;

import io.narthex.base.time.Clock;
import java.time.Duration;

/** Lets one request through per interval, and after a pause as many at once as the burst says. */
final class RateLimit {

  private final long burst;
  private final long interval;
  private final Clock clock;

  // Guarded by this.
  private double tokens;
  private long last;

  /**
   * @param interval zero for no limit
   */
  RateLimit(long burst, Duration interval, Clock clock) {
    this.burst = burst;
    this.interval = interval.toNanos();
    this.clock = clock;
    this.tokens = burst;
    this.last = clock.nanos();
  }

  boolean allows() {
    if (interval == 0) {
      return true;
    }
    synchronized (this) {
      long now = clock.nanos();
      tokens = Math.min(burst, tokens + (double) (now - last) / interval);
      last = now;
      if (tokens < 1) {
        return false;
      }
      tokens--;
      return true;
    }
  }
}
