package io.narthex.tsdb.wal;

import org.jspecify.annotations.Nullable;

/** A record of the write-ahead log cannot be read, although its file can. */
public final class WalCorruptedException extends WalException {

  private static final long serialVersionUID = 1;

  WalCorruptedException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
