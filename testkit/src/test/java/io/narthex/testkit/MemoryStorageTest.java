package io.narthex.testkit;

import io.narthex.storage.Appendable;
import io.narthex.storage.Queryable;

class MemoryStorageTest extends StorageAcceptance {

  private MemoryStorage storage = new MemoryStorage();

  @Override
  protected void open() {
    storage = new MemoryStorage();
  }

  @Override
  protected Appendable writer() {
    return storage;
  }

  @Override
  protected Queryable reader() {
    return storage;
  }

  @Override
  protected void close() {}
}
