package io.narthex.base.time;

/**
 * Something to be done at a later time, unless it is called off before. Setting and calling off
 * cost a few steps in a heap and wake nobody, so it suits deadlines, which hardly ever come.
 * Thread-safe. It can be set again and again; there is one time at a time.
 */
public final class Alarm {

  /** In place of {@link #place}: it is not set. */
  static final int NONE = -1;

  private final Runnable action;

  // Where in the heap it is, and when it goes off; guarded by the heap.
  int place = NONE;
  long due;

  /**
   * @param action what to do, on a thread that all alarms of the process share: it must be short
   *     and wait for nothing
   */
  public Alarm(Runnable action) {
    this.action = action;
  }

  /**
   * Sets it, in place of any time it was set to before.
   *
   * @param nanos how long from now by {@link Clock#SYSTEM}; at once when zero or negative
   */
  public void set(long nanos) {
    Alarms.SHARED.set(this, System.nanoTime() + Math.clamp(nanos, 0, Alarms.LONGEST));
  }

  /**
   * Calls it off.
   *
   * @return false if it was not set, or has gone off: its action is done, or about to be
   */
  public boolean clear() {
    return Alarms.SHARED.clear(this);
  }

  void goOff() {
    action.run();
  }
}
