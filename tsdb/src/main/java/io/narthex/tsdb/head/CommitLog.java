package io.narthex.tsdb.head;

import io.narthex.tsdb.wal.WalBatch;

/** Where commits are made durable before they become visible. Thread-safe. */
@FunctionalInterface
public interface CommitLog {

  /** The log that forgets. */
  CommitLog NONE = batch -> {};

  /**
   * Writes the records of one commit, in their order.
   *
   * @throws RuntimeException if they could not be written; then nothing of the commit is applied
   */
  void write(WalBatch batch);
}
