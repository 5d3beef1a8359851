package io.narthex.scrape;

import io.narthex.base.time.Clock;
import io.narthex.net.scrape.BodyBuffers;
import io.narthex.scrape.append.PageAppender;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;

/**
 * What all loops share: as many page appenders as there are cores, each of which is also the permit
 * to do the work that burns a core, and the memory for bodies. So ten thousand targets need no more
 * of either than two. Thread-safe.
 */
final class Workers {

  private final BlockingQueue<PageAppender> idle;
  private final BodyBuffers bodies;

  /**
   * @param metadataRecords whether the storage is told what targets say of their metrics
   */
  Workers(int cores, long bodyMemory, boolean metadataRecords, Clock clock) {
    idle = new ArrayBlockingQueue<>(cores);
    for (int i = 0; i < cores; i++) {
      idle.add(new PageAppender(metadataRecords));
    }
    bodies = new BodyBuffers(bodyMemory, clock);
  }

  /** Waits for a page appender; to be given back. An interrupt does not end the wait, work does. */
  PageAppender take() {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return idle.take();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  void give(PageAppender pages) {
    idle.add(pages);
  }

  BodyBuffers bodies() {
    return bodies;
  }
}
