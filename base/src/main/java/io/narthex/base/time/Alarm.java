package io.narthex.base.time;

/**
 * Something to be done at a later time by a clock, unless it is called off before. Setting and
 * calling off wake nobody, so it suits deadlines, which hardly ever come. Thread-safe. It can be
 * set again and again; there is one time at a time.
 */
public interface Alarm {

  /**
   * Sets it, in place of any time it was set to before.
   *
   * @param nanos how long from now by the clock's stopwatch; at once when zero or negative
   */
  void set(long nanos);

  /**
   * Calls it off.
   *
   * @return false if it was not set, or has gone off: its action is done, or about to be
   */
  boolean clear();
}
