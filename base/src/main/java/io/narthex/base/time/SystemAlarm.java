package io.narthex.base.time;

/** An alarm of the machine's own clock: an entry of the heap that all of them share. */
final class SystemAlarm implements Alarm {

  /** In place of {@link #place}: it is not set. */
  static final int NONE = -1;

  private final Runnable action;

  // Where in the heap it is, and when it goes off; guarded by the heap.
  int place = NONE;
  long due;

  SystemAlarm(Runnable action) {
    this.action = action;
  }

  @Override
  public void set(long nanos) {
    Alarms.SHARED.set(this, System.nanoTime() + Math.clamp(nanos, 0, Alarms.LONGEST));
  }

  @Override
  public boolean clear() {
    return Alarms.SHARED.clear(this);
  }

  void goOff() {
    action.run();
  }
}
