package io.narthex.base.time;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

final class SystemClock implements Clock {

  @Override
  public long millis() {
    return System.currentTimeMillis();
  }

  @Override
  public long nanos() {
    return System.nanoTime();
  }

  @Override
  public void sleep(Duration time) throws InterruptedException {
    if (!time.isPositive()) {
      return;
    }
    if (Thread.currentThread().isVirtual()) {
      park(TimeUnit.NANOSECONDS.convert(time));
    } else {
      Thread.sleep(time);
    }
  }

  @Override
  public Alarm alarm(Runnable action) {
    return new SystemAlarm(action);
  }

  /** Virtual threads are many: an alarm is cheaper than the timer that the JDK has for them. */
  private static void park(long nanos) throws InterruptedException {
    Thread sleeper = Thread.currentThread();
    long until = System.nanoTime() + Math.min(nanos, Alarms.LONGEST);
    Alarm alarm = new SystemAlarm(() -> LockSupport.unpark(sleeper));
    alarm.set(nanos);
    try {
      while (System.nanoTime() - until < 0) {
        LockSupport.park(alarm);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
      }
    } finally {
      alarm.clear();
    }
  }
}
