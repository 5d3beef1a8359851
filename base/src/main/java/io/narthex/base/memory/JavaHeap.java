package io.narthex.base.memory;

import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;

/** The heap of this process, collected by G1. */
final class JavaHeap implements HeapTrimmer.Heap {

  /** Beyond this there are collections enough, and to bring about more would take seconds. */
  private static final long LARGE = 1L << 30;

  /** So many collections empty what a cycle found: one to prepare, two that empty, one to spare. */
  private static final int COLLECTIONS = 4;

  private static final int PIECE = 64 * 1024;

  /** Reached by nobody, but the compiler cannot know. */
  private volatile byte[] garbage = new byte[0];

  @Override
  public long committed() {
    return Runtime.getRuntime().totalMemory();
  }

  @Override
  public void trim() {
    System.gc();
    if (committed() < LARGE) {
      stir();
      System.gc();
    }
  }

  /** Makes garbage until there were some collections of young objects. */
  private void stir() {
    long end = collections() + COLLECTIONS;
    long most = COLLECTIONS * committed();
    for (long made = 0; made < most && collections() < end; made += PIECE) {
      garbage = new byte[PIECE];
    }
    garbage = new byte[0];
  }

  private static long collections() {
    long collections = 0;
    for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
      collections += collector.getCollectionCount();
    }
    return collections;
  }
}
