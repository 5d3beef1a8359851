package io.narthex.tsdb.compact;

import io.narthex.storage.StorageException;

/** A compaction was told to stop; nothing is left of it, and it may be begun again. */
public final class CompactionCancelledException extends StorageException {

  private static final long serialVersionUID = 1;

  CompactionCancelledException() {
    super("the compaction was stopped");
  }
}
