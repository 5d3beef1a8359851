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
 * fifth of all CPU. The heap moves numbers, not references, each of which the garbage collector
 * would want to hear of.
 */
final class Alarms {

  /** The alarms of this process. */
  static final Alarms SHARED = new Alarms();

  /** The longest time ahead, in nanoseconds: differences of two times must fit. */
  static final long LONGEST = Long.MAX_VALUE / 4;

  private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);
  private static final int FIRST_CAPACITY = 64;

  /** What a free entry holds. */
  private final Alarm nobody = new Alarm(this, () -> {});

  // All guarded by this. The heap: in each place a time and the entry it belongs to.
  private long[] times = new long[FIRST_CAPACITY];
  private int[] entries = new int[FIRST_CAPACITY];
  private int size;

  // By entry: whose it is and where in the heap; the entries behind `used` were never taken.
  private Alarm[] alarms = new Alarm[FIRST_CAPACITY];
  private int[] places = new int[FIRST_CAPACITY];
  private int used;

  /** Entries that are free again, as a stack. */
  private int[] free = new int[FIRST_CAPACITY];

  private int freed;
  private @Nullable Thread thread;

  /** When the thread looks again by itself; meaningless before there is one. */
  private long wakes;

  void set(Alarm alarm, long due) {
    Thread late = null;
    synchronized (this) {
      if (alarm.entry == Alarm.NONE) {
        alarm.entry = entry(alarm);
        up(size++, due, alarm.entry);
      } else {
        int place = places[alarm.entry];
        down(up(place, due, alarm.entry));
      }
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

  synchronized boolean clear(Alarm alarm) {
    if (alarm.entry == Alarm.NONE) {
      return false;
    }
    remove(alarm);
    return true;
  }

  private void run() {
    while (true) {
      Alarm due = takeDue();
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
  private synchronized @Nullable Alarm takeDue() {
    if (size == 0 || times[0] - System.nanoTime() > 0) {
      return null;
    }
    Alarm first = alarms[entries[0]];
    remove(first);
    return first;
  }

  private synchronized long untilNext() {
    long now = System.nanoTime();
    wakes = size == 0 ? now + LONGEST : times[0];
    return Math.max(wakes - now, 1);
  }

  private int entry(Alarm alarm) {
    int entry = freed > 0 ? free[--freed] : used++;
    if (entry == alarms.length) {
      int more = 2 * entry;
      times = Arrays.copyOf(times, more);
      entries = Arrays.copyOf(entries, more);
      alarms = Arrays.copyOf(alarms, more);
      places = Arrays.copyOf(places, more);
      free = Arrays.copyOf(free, more);
    }
    alarms[entry] = alarm;
    return entry;
  }

  private void remove(Alarm alarm) {
    int entry = alarm.entry;
    int place = places[entry];
    alarm.entry = Alarm.NONE;
    alarms[entry] = nobody;
    free[freed++] = entry;
    size--;
    if (place < size) {
      down(up(place, times[size], entries[size]));
    }
  }

  /**
   * Puts an entry into a place that is free, or above.
   *
   * @return where it is
   */
  private int up(int from, long time, int entry) {
    int place = from;
    while (place > 0) {
      int parent = (place - 1) >>> 1;
      if (time - times[parent] >= 0) {
        break;
      }
      put(place, times[parent], entries[parent]);
      place = parent;
    }
    put(place, time, entry);
    return place;
  }

  private void down(int from) {
    int place = from;
    long time = times[from];
    int entry = entries[from];
    while (2 * place + 1 < size) {
      int child = 2 * place + 1;
      if (child + 1 < size && times[child + 1] - times[child] < 0) {
        child++;
      }
      if (time - times[child] <= 0) {
        break;
      }
      put(place, times[child], entries[child]);
      place = child;
    }
    put(place, time, entry);
  }

  private void put(int place, long time, int entry) {
    times[place] = time;
    entries[place] = entry;
    places[entry] = place;
  }
}
