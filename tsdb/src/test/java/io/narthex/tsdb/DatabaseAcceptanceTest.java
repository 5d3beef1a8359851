package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.storage.Appendable;
import io.narthex.storage.Queryable;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.StorageAcceptance;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;

/** The acceptance suite over a database that cuts blocks of ten minutes all the while. */
class DatabaseAcceptanceTest extends StorageAcceptance {

  @TempDir @Nullable Path directory;
  private @Nullable Database database;

  private Database database() {
    Database d = database;
    if (d == null) {
      throw new IllegalStateException("not open");
    }
    return d;
  }

  @Override
  protected void open() {
    Path path = directory;
    if (path == null) {
      throw new IllegalStateException("no directory");
    }
    DatabaseOptions options =
        DatabaseOptions.DEFAULT.withMinBlockMillis(600_000).withCheckMemory(true);
    Database opened =
        Database.open(path, options, Disk.SYSTEM, new FakeClock(T0), new PrometheusRegistry());
    opened.replay();
    database = opened;
  }

  @Override
  protected Appendable writer() {
    return database();
  }

  @Override
  protected Queryable reader() {
    return database();
  }

  @Override
  protected void disturb() {
    database().maintain();
  }

  @Override
  protected void close() {
    database().close();
  }
}
