package io.narthex.tsdb.head;

import io.narthex.storage.StorageException;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A head that is being filled from disk, as its writers see it.
 *
 * <p>Until the series of the log are known, nobody can begin a batch: a series that is there must
 * keep its reference, and a new one needs a reference above all others. From then on batches are
 * begun and committed, but a commit only writes the log. The replay, when it has read what earlier
 * processes left, goes on with what has been written meanwhile, at last with all writers kept out;
 * so the rows get all samples in the log's order, from one hand. From {@link #finish} on commits
 * write rows again.
 */
final class StartUp {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private boolean seriesKnown;
  private boolean given;
  private boolean over;

  /**
   * Waits until the series are known.
   *
   * @throws StorageException if that is not going to happen
   */
  void awaitSeries() {
    lock.lock();
    try {
      while (!seriesKnown && !given) {
        changed.awaitUninterruptibly();
      }
      if (!seriesKnown) {
        throw new StorageException("the database is closed");
      }
    } finally {
      lock.unlock();
    }
  }

  /** Lets batches begin. */
  void seriesKnown() {
    lock.lock();
    try {
      seriesKnown = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Sends those away who wait: the replay has failed, or the head is closed. */
  void giveUp() {
    lock.lock();
    try {
      given = true;
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins to write the log behind the replay; {@link #leave} must follow if the answer is true.
   *
   * @return false if the replay is over
   */
  boolean enter() {
    lock.lock();
    if (over) {
      lock.unlock();
      return false;
    }
    return true;
  }

  void leave() {
    lock.unlock();
  }

  /** Keeps writers out while the last records are read; from then on they write rows. */
  void finish(Runnable last) {
    lock.lock();
    try {
      last.run();
      over = true;
    } finally {
      lock.unlock();
    }
  }
}
