package io.narthex.storage;

import org.jspecify.annotations.Nullable;

/** The storage cannot do what was asked: a full disk, a broken block, a closed database. */
public class StorageException extends RuntimeException {

  private static final long serialVersionUID = 1;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
