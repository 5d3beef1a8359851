package io.narthex.testkit;

import io.narthex.base.time.Clock;
import java.time.Duration;

/**
 * The machine's clock, running faster from the moment it was made: for processes whose hourly work
 * is to happen within a test.
 */
public final class FastClock implements Clock {

  private final int factor;
  private final long startMillis = SYSTEM.millis();
  private final long startNanos = SYSTEM.nanos();

  /**
   * @param factor how many seconds pass in one, at least 1
   */
  public FastClock(int factor) {
    if (factor < 1) {
      throw new IllegalArgumentException("a clock that stands still or runs back: " + factor);
    }
    this.factor = factor;
  }

  @Override
  public long millis() {
    return startMillis + nanos() / 1_000_000;
  }

  @Override
  public long nanos() {
    return (SYSTEM.nanos() - startNanos) * factor;
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    SYSTEM.sleep(time.dividedBy(factor));
  }
}
