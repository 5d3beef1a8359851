package io.narthex.tsdb.index;

import io.narthex.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** An index cannot be written or read; the message names the file and the reason. */
public final class IndexException extends StorageException {

  private static final long serialVersionUID = 1;

  IndexException(String message) {
    super(message);
  }

  IndexException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
