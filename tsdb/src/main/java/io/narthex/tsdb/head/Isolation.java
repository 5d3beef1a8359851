package io.narthex.tsdb.head;

import java.util.Arrays;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Who sees what: each commit whole or not at all, and a reader none that came after it was opened.
 *
 * <p><b>The idea.</b> Commits are numbered as they become visible; a reader carries the number of
 * the last one before it was opened. Rows do not know numbers. Instead each group of series keeps
 * the commits that some open reader must not see, with the time of their first sample. Samples of a
 * group come in the order of time, so all that a reader must not see of a series lies behind a
 * limit: one millisecond before the first sample of the first commit that is hidden from it. The
 * few samples that do not follow the order (explicit timestamps, many batches at one time) are
 * noted one by one with their commit.
 *
 * <p><b>Why it is safe.</b> The writer of a group holds its lock. It publishes the part of its
 * commit in {@link Group#view}, then writes rows, then draws the commit's number. A reader copies a
 * row first and asks for the limit after, so for every sample that it saw it also finds the commit.
 * A commit without a number will get one above every open reader's; between drawing and telling the
 * number, readers wait. A commit may be forgotten when every open reader sees it; the number of the
 * oldest reader is asked under the same lock under which readers get theirs.
 *
 * <p>The same numbers tell when something that was taken out of the index (a slot, a label pair)
 * can no longer be known to any reader: it is freed when the oldest reader is younger.
 */
final class Isolation {

  /** The last number that was given to a commit. */
  private volatile long last;

  private final Object lock = new Object();
  // The numbers of the open readers, in order of opening; they never fall.
  private long[] readers = new long[16];
  private boolean[] open = new boolean[16];
  private int from;
  private int to;

  /** A reader's registration. */
  final class Reader implements AutoCloseable {
    private final long number;
    private final @Nullable LongSupplier filledUpTo; // of early readers
    private boolean closed;

    private Reader(long number, @Nullable LongSupplier filledUpTo) {
      this.number = number;
      this.filledUpTo = filledUpTo;
    }

    /** Whether it was opened while the head was being filled from disk. */
    boolean isEarly() {
      return filledUpTo != null;
    }

    long number() {
      return number;
    }

    /** The newest time that the reader may see of a series; ask after copying its row. */
    long limit(Group group, int slot) {
      if (filledUpTo != null) {
        return filledUpTo.getAsLong();
      }
      Group.View view = group.view;
      long limit = view.maxTime();
      boolean hidden = false;
      for (Commit.Part part : view.parts()) {
        if (part.commit().visibleTo(number)) {
          limit = part.maxTime();
          continue;
        }
        if (!hidden) {
          hidden = true;
          limit = Long.MAX_VALUE;
        }
        limit = Math.min(limit, part.minTime() - 1);
        if (!part.exceptions().isEmpty()) {
          limit = Math.min(limit, part.exceptions().lastTime(slot));
        }
      }
      return limit;
    }

    @Override
    public void close() {
      synchronized (lock) {
        if (closed) {
          return;
        }
        closed = true;
        int at = from;
        while (!(readers[at] == number && open[at])) {
          at++;
        }
        open[at] = false;
        while (from < to && !open[from]) {
          from++;
        }
        lock.notifyAll();
      }
    }
  }

  /** Opens a reader of what is committed now. */
  Reader reader() {
    return open(null);
  }

  /**
   * Opens a reader of a head that is being filled from disk. It sees what rows have up to a time.
   *
   * @param filledUpTo the time, asked after a row was copied: what is younger is of this process'
   *     own commits, of which only a part may be in rows
   */
  Reader earlyReader(LongSupplier filledUpTo) {
    return open(filledUpTo);
  }

  private Reader open(@Nullable LongSupplier filledUpTo) {
    synchronized (lock) {
      if (to == readers.length) {
        compact();
      }
      long number = last;
      readers[to] = number;
      open[to] = true;
      to++;
      return new Reader(number, filledUpTo);
    }
  }

  private void compact() {
    int n = 0;
    for (int i = from; i < to; i++) {
      if (open[i]) {
        readers[n] = readers[i];
        open[n++] = true;
      }
    }
    from = 0;
    to = n;
    if (n * 2 > readers.length) {
      readers = Arrays.copyOf(readers, n * 2);
      open = Arrays.copyOf(open, n * 2);
    }
    Arrays.fill(open, n, open.length, false);
  }

  /** Every reader, open now or later, sees the commits up to this number. */
  long seenByAll() {
    synchronized (lock) {
      return from < to ? readers[from] : last;
    }
  }

  /** The last number that was given to a commit. */
  long last() {
    return last;
  }

  /** The number of open readers. */
  int openReaders() {
    synchronized (lock) {
      int n = 0;
      for (int i = from; i < to; i++) {
        n += open[i] ? 1 : 0;
      }
      return n;
    }
  }

  /**
   * Waits until no reader is open.
   *
   * @param millis how long, in real time
   * @return whether that came to pass in time
   */
  boolean awaitNoReaders(long millis) throws InterruptedException {
    synchronized (lock) {
      for (long waited = 0; from < to && waited < millis; waited += 10) {
        lock.wait(10);
      }
      return from == to;
    }
  }

  /** Makes a commit visible to readers opened from now on. */
  void publish(Commit commit) {
    commit.number = Commit.PUBLISHING;
    synchronized (lock) {
      long number = last + 1;
      last = number;
      commit.number = number;
    }
  }

  /**
   * A number for something that has just become unreachable: it is free when {@link #isFree} says
   * so.
   */
  long removal() {
    synchronized (lock) {
      // A number of its own, as though it were a commit: readers opened from now on are above it.
      return ++last;
    }
  }

  /** Whether no reader is left that was open at a removal. */
  boolean isFree(long removal) {
    return seenByAll() >= removal;
  }
}
