package io.narthex.tsdb.wal;

import io.narthex.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** The write-ahead log cannot be written or read; the message names the place and the reason. */
public class WalException extends StorageException {

  private static final long serialVersionUID = 1;

  public WalException(String message) {
    super(message);
  }

  public WalException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
