package io.narthex.storage;

import java.util.Comparator;

/**
 * How whoever reads calls off what is done for him on his thread: he binds a check around his work,
 * and long loops below him, in whatever module, ask it now and then. The check ends the work by an
 * exception of its owner, which nobody on the way catches.
 *
 * <p>It goes with the thread and not through the signatures, because what is long is mostly deep
 * down (a regular expression over a million values, a sort) and every implementation of {@link
 * Querier} would have to hand it on. Interrupting the thread would do the same, but closes the file
 * that the thread is about to read, under the hands of everybody who reads it.
 */
public final class StopSignal {

  private static final ScopedValue<Runnable> CHECK = ScopedValue.newInstance();

  private StopSignal() {}

  /** Work that yields something. */
  @FunctionalInterface
  public interface Work<T, X extends Exception> {
    T run() throws X;
  }

  /**
   * Does some work on the calling thread, which may be called off.
   *
   * @param check throws if the work is to end; called often, so it must be quick
   */
  public static <T, X extends Exception> T yielding(Runnable check, Work<T, X> work) throws X {
    return ScopedValue.where(CHECK, check).call(work::run);
  }

  /** As above, for work that yields nothing. */
  public static void during(Runnable check, Runnable work) {
    ScopedValue.where(CHECK, check).run(work);
  }

  /**
   * Ends the work if it is called off; does nothing where nobody could. A loop asks every few
   * microseconds at most (see {@link #every}), and every few milliseconds at least.
   */
  public static void check() {
    if (CHECK.isBound()) {
      CHECK.get().run();
    }
  }

  /** The same order, which asks now and then; for one sort, on one thread. */
  public static <T> Comparator<T> asking(Comparator<T> order) {
    int[] turn = new int[1];
    return (a, b) -> {
      every(++turn[0]);
      return order.compare(a, b);
    };
  }

  /**
   * Asks at every 256th turn of a loop whose turns take a microsecond or less.
   *
   * @param turn counts the turns one by one: numbers that leave some out may never ask
   */
  public static void every(int turn) {
    if ((turn & 255) == 0) {
      check();
    }
  }
}
