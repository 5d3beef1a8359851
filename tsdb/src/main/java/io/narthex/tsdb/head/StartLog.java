package io.narthex.tsdb.head;

import io.narthex.tsdb.wal.WalHandler;

/** What this process has written to the log since it began. */
@FunctionalInterface
public interface StartLog {

  /**
   * Hands out its records up to one place, in their order and each batch whole; the same ones each
   * time. Any thread may ask, while others write.
   *
   * @throws io.narthex.storage.StorageException if the log cannot be read
   */
  void read(WalHandler into);
}
