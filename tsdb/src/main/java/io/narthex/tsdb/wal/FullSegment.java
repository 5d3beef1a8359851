package io.narthex.tsdb.wal;

import io.narthex.base.file.DiskException;
import io.narthex.base.file.OutputFile;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A segment that is written to its end, on its way to being durable: a thread of its own makes it
 * so and closes it, and who cannot wait for that thread may do it as well.
 */
final class FullSegment {

  private final int number;
  private final OutputFile file;
  private final Thread thread;
  private volatile boolean durable;
  private volatile @Nullable DiskException failure;

  /**
   * @param number the segment's
   * @param file belongs to the segment from now on
   * @param done is told how it ended: null when it is durable
   */
  FullSegment(int number, OutputFile file, Consumer<@Nullable DiskException> done) {
    this.number = number;
    this.file = file;
    thread = Thread.ofPlatform().daemon().name("wal-sync").start(() -> syncAndClose(done));
  }

  private void syncAndClose(Consumer<@Nullable DiskException> done) {
    try (file) {
      file.sync();
      durable = true;
      done.accept(null);
    } catch (DiskException e) {
      failure = e;
      done.accept(e);
    }
  }

  int number() {
    return number;
  }

  boolean isDurable() {
    return durable;
  }

  Thread thread() {
    return thread;
  }

  /**
   * Makes it durable at once, unless it is.
   *
   * @throws DiskException if that is not possible, or was not
   */
  void sync() {
    DiskException before = failure;
    if (before != null) {
      throw before;
    }
    try {
      if (!durable) {
        file.sync();
      }
    } catch (DiskException e) {
      // Its thread may have closed it meanwhile.
      if (!durable) {
        throw e;
      }
    }
  }
}
