package io.narthex.tsdb.block;

import io.narthex.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** A block cannot be written or read; the message names the file and the reason. */
public final class BlockException extends StorageException {

  private static final long serialVersionUID = 1;

  public BlockException(String message) {
    super(message);
  }

  public BlockException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
