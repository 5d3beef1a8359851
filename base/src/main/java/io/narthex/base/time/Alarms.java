package io.narthex.base.time;

import java.util.Arrays;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All alarms that are set, in a binary heap by their time, and the thread that waits for the first.
 *
 * <p>The JDK's own timer for virtual threads is woken for each time that is set and for each that
 * is called off. With thousands of targets, each of which sleeps and has deadlines, that was a
 * fifth of all CPU.
 */
final class Alarms {

  /** The alarms of this process. */
  static final Alarms SHARED = new Alarms();

  /** The longest time ahead, in nanoseconds: differences of two times must fit. */
  static final long LONGEST = Long.MAX_VALUE / 4;

  private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);
  private static final int FIRST_CAPACITY = 64;

  /** What lies behind the alarms that are set. */
  private static final SystemAlarm NOBODY = new SystemAlarm(() -> {});

  // Guarded by this.
  private SystemAlarm[] heap = new SystemAlarm[FIRST_CAPACITY];
  private int size;
  private @Nullable Thread thread;

  /** When the thread looks again by itself; meaningless before there is one. */
  private long wakes;

  void set(SystemAlarm alarm, long due) {
    Thread late = null;
    synchronized (this) {
      if (alarm.place != SystemAlarm.NONE) {
        remove(alarm);
      }
      if (size == heap.length) {
        heap = Arrays.copyOf(heap, 2 * size);
      }
      alarm.due = due;
      up(size++, alarm);
      if (thread == null) {
        wakes = due;
        thread = Thread.ofPlatform().daemon().name("alarms").start(this::run);
      } else if (due - wakes < 0) {
        wakes = due;
        late = thread;
      }
    }
    if (late != null) {
      LockSupport.unpark(late);
    }
  }

  synchronized boolean clear(SystemAlarm alarm) {
    if (alarm.place == SystemAlarm.NONE) {
      return false;
    }
    remove(alarm);
    return true;
  }

  private void run() {
    while (true) {
      SystemAlarm due = takeDue();
      if (due == null) {
        LockSupport.parkNanos(this, untilNext());
        continue;
      }
      try {
        due.goOff();
      } catch (RuntimeException e) {
        LOG.atError().setCause(e).log("Alarm failed unexpectedly");
      }
    }
  }

  /** The first alarm if its time has come. */
  private synchronized @Nullable SystemAlarm takeDue() {
    if (size == 0 || heap[0].due - System.nanoTime() > 0) {
      return null;
    }
    SystemAlarm first = heap[0];
    remove(first);
    return first;
  }

  private synchronized long untilNext() {
    long now = System.nanoTime();
    wakes = size == 0 ? now + LONGEST : heap[0].due;
    return Math.max(wakes - now, 1);
  }

  private void remove(SystemAlarm alarm) {
    SystemAlarm last = heap[--size];
    heap[size] = NOBODY;
    if (last != alarm) {
      up(alarm.place, last);
      down(last);
    }
    alarm.place = SystemAlarm.NONE;
  }

  /** Puts an alarm into a place that is free, or above. */
  private void up(int from, SystemAlarm alarm) {
    int place = from;
    while (place > 0) {
      SystemAlarm parent = heap[(place - 1) >>> 1];
      if (alarm.due - parent.due >= 0) {
        break;
      }
      put(place, parent);
      place = (place - 1) >>> 1;
    }
    put(place, alarm);
  }

  private void down(SystemAlarm alarm) {
    int place = alarm.place;
    while (2 * place + 1 < size) {
      int child = 2 * place + 1;
      if (child + 1 < size && heap[child + 1].due - heap[child].due < 0) {
        child++;
      }
      if (alarm.due - heap[child].due <= 0) {
        break;
      }
      put(place, heap[child]);
      place = child;
    }
    put(place, alarm);
  }

  private void put(int place, SystemAlarm alarm) {
    heap[place] = alarm;
    alarm.place = place;
  }
}
