package io.narthex.base.memory;

import io.narthex.base.time.Clock;
import java.time.Duration;

/**
 * Gives memory back that the heap took in a burst, as when all series are new. The collector looks
 * for garbage among old objects only when the heap fills, empties what it found a piece at each of
 * the next collections, and hands memory back only when it looks again. A heap that grew in a burst
 * and is little used afterwards sees a collection every half minute, and keeps everything. So
 * whenever the heap has grown by more than a quarter since the last time, all three steps are asked
 * for at once: twice, for what a burst filled is let go in the course of the minute that follows
 * it.
 *
 * <p>That costs some milliseconds of CPU per megabyte of heap, so the pause before the next time
 * grows with the heap; none of the program's stops is longer than a usual collection. It needs a
 * collector for which {@code System.gc()} is a concurrent cycle.
 */
public final class HeapTrimmer {

  /** The heap, as far as this is concerned. */
  interface Heap {

    /** Bytes that it has from the system. */
    long committed();

    /** Collects everything, old objects as well, and gives back what is free. */
    void trim();
  }

  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
  private static final Duration BURST = Duration.ofSeconds(20);
  private static final long SMALL = 64L << 20;
  private static final int MILLIS_PER_MEBIBYTE = 40;

  private final Heap heap;
  private final Clock clock;

  HeapTrimmer(Heap heap, Clock clock) {
    this.heap = heap;
    this.clock = clock;
  }

  /** Watches the heap of this process until it ends. */
  public static void start(Clock clock) {
    HeapTrimmer trimmer = new HeapTrimmer(new JavaHeap(), clock);
    Thread.ofPlatform()
        .daemon()
        .name("heap-trimmer")
        .start(() -> {
          try {
            trimmer.run();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
        });
  }

  /** Watches until it is interrupted. */
  void run() throws InterruptedException {
    long settled = 0;
    while (true) {
      clock.sleep(LOOK_EVERY);
      if (heap.committed() > Math.max(SMALL, settled + settled / 4)) {
        clock.sleep(BURST);
        heap.trim();
        rest();
        heap.trim();
        rest();
        settled = heap.committed();
      }
    }
  }

  private void rest() throws InterruptedException {
    clock.sleep(Duration.ofMillis((heap.committed() >> 20) * MILLIS_PER_MEBIBYTE));
  }
}
