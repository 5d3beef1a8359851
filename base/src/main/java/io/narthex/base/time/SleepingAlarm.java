package io.narthex.base.time;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** An alarm for clocks that can do no more than sleep: each time that is set has a thread. */
final class SleepingAlarm implements Alarm {

  private final Clock clock;
  private final Runnable action;

  /** Whose sleep counts, if any. Guarded by this. */
  private @Nullable Thread sleeper;

  SleepingAlarm(Clock clock, Runnable action) {
    this.clock = clock;
    this.action = action;
  }

  @Override
  public synchronized void set(long nanos) {
    clear();
    long due = clock.nanos() + nanos;
    sleeper = Thread.ofVirtual().name("alarm").start(() -> sleep(due));
  }

  private void sleep(long due) {
    try {
      clock.sleep(Duration.ofNanos(due - clock.nanos()));
    } catch (InterruptedException e) {
      return;
    }
    synchronized (this) {
      if (sleeper != Thread.currentThread()) {
        return;
      }
      sleeper = null;
    }
    action.run();
  }

  @Override
  public synchronized boolean clear() {
    Thread sleeping = sleeper;
    sleeper = null;
    if (sleeping != null) {
      sleeping.interrupt();
    }
    return sleeping != null;
  }
}
