package io.narthex.tsdb.headchunks;

import io.narthex.storage.StorageException;
import org.jspecify.annotations.Nullable;

/** A chunk of the head cannot be written or read; the message names the file and the reason. */
public final class HeadChunkException extends StorageException {

  private static final long serialVersionUID = 1;

  HeadChunkException(String message) {
    super(message);
  }

  HeadChunkException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
