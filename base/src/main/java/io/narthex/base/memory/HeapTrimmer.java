package io.narthex.base.memory;

import io.narthex.base.time.Clock;
import java.time.Duration;

/**
 * Gives memory back that the heap took in a burst, as when all series are new. The collector looks
 * for garbage among old objects only when the heap fills, and hands memory back only then; a heap
 * that grew in a burst and is little used afterwards keeps all of it. So whenever the heap has
 * grown by more than a quarter since it was last looked at, a concurrent cycle is asked for, and a
 * second one when the collections after the first have emptied what it found.
 *
 * <p>A cycle costs about a millisecond of CPU per megabyte that is in use, so the pause before the
 * next grows with the heap. It needs a collector for which {@code System.gc()} stops nothing.
 */
public final class HeapTrimmer {

  /** The heap, as far as this is concerned. */
  public interface Heap {

    /** Bytes that it has from the system. */
    long committed();

    /** Starts a concurrent cycle. */
    void collect();
  }

  private static final Duration LOOK_EVERY = Duration.ofSeconds(10);
  private static final long SMALL = 64L << 20;
  private static final int MILLIS_PER_MEBIBYTE = 20;

  private final Heap heap;
  private final Clock clock;

  HeapTrimmer(Heap heap, Clock clock) {
    this.heap = heap;
    this.clock = clock;
  }

  /** Watches the heap of this process until it ends. */
  public static void start(Clock clock) {
    Heap heap =
        new Heap() {
          @Override
          public long committed() {
            return Runtime.getRuntime().totalMemory();
          }

          @Override
          public void collect() {
            System.gc();
          }
        };
    HeapTrimmer trimmer = new HeapTrimmer(heap, clock);
    Thread.ofVirtual()
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
        heap.collect();
        rest();
        heap.collect();
        rest();
        settled = heap.committed();
      }
    }
  }

  private void rest() throws InterruptedException {
    clock.sleep(LOOK_EVERY.plusMillis((heap.committed() >> 20) * MILLIS_PER_MEBIBYTE));
  }
}
