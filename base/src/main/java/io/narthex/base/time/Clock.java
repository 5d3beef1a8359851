package io.narthex.base.time;

import java.time.Duration;

/**
 * The time of day, a monotonic stopwatch, and waiting. Thread-safe. Tests use the fake in the
 * testkit, whose time moves only when told to.
 */
public interface Clock {

  /** The machine's own clock. */
  Clock SYSTEM = new SystemClock();

  /** Milliseconds since the Unix epoch; may jump when the machine's clock is set. */
  long millis();

  /** A monotonic stopwatch in nanoseconds; only differences mean anything. */
  long nanos();

  /**
   * Waits for the given time on the monotonic clock; returns at once when it is zero or negative.
   *
   * @throws InterruptedException if the waiting thread is told to stop
   */
  void sleep(Duration time) throws InterruptedException;

  /**
   * An alarm by this clock, which is not set yet.
   *
   * @param action what to do, on a thread that many alarms share: it must be short and wait for
   *     nothing
   */
  default Alarm alarm(Runnable action) {
    return new SleepingAlarm(this, action);
  }
}
