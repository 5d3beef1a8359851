package io.narthex.base.lifecycle;

import sun.misc.Signal;

/**
 * The signals of the operating system. The JDK offers them nowhere but in {@code sun.misc}; a
 * shutdown hook alone would end a program with the code 143 on SIGTERM, and knows no SIGHUP.
 */
public final class Signals {

  private Signals() {}

  /**
   * Calls back, on a thread of its own, whenever the signal comes.
   *
   * @param name without {@code SIG}: TERM, INT, HUP
   */
  public static void on(String name, Runnable action) {
    Signal.handle(new Signal(name), signal -> action.run());
  }
}
