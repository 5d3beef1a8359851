package io.narthex.tools.promtool;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.promql.script.ScriptStorage;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import io.narthex.tools.readonly.ReadOnlyDatabase;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.chunk.SampleForms;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A script's data in a real database, in a directory that goes with it, so that a script that
 * passes says something of what a server answers.
 */
final class DatabaseScriptStorage implements ScriptStorage {

  /** Scripts load series one behind the other, so what may be appended reaches far back. */
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(Duration.ofDays(1).toMillis())
          .withRetentionMillis(0)
          .withForms(new SampleForms(true, true, true))
          .withLockFile(false);

  private static final Disk DISK = new ScratchDisk();

  /** Makes databases below a folder, one at a time. */
  static final class Factory implements ScriptStorage.Factory {
    private final Path folder;
    private int made;

    Factory(Path folder) {
      this.folder = folder;
    }

    @Override
    public ScriptStorage open() {
      return new DatabaseScriptStorage(folder.resolve(Integer.toString(made++)));
    }
  }

  private final Path path;
  private final Database database;
  private final AppendGroup group;
  private @Nullable Appender batch;

  private DatabaseScriptStorage(Path path) {
    this.path = path;
    database =
        Database.open(
            path, OPTIONS, DISK, new ReadOnlyDatabase.RestingClock(), new PrometheusRegistry());
    database.replay();
    group = database.group();
  }

  private Appender batch() {
    if (batch == null) {
      batch = group.appender();
    }
    return batch;
  }

  @Override
  public void append(Labels labels, long time, double value, long start) {
    Appender appender = batch();
    check(appender.appendStarted(appender.series(labels), start, time, value), labels, time);
  }

  @Override
  public void append(Labels labels, long time, FloatHistogram histogram, long start) {
    Appender appender = batch();
    SpanHistogram stored = SpanHistogram.of(histogram);
    check(appender.appendStarted(appender.series(labels), start, time, stored), labels, time);
  }

  private static void check(AppendResult result, Labels labels, long time) {
    if (result != AppendResult.OK) {
      throw new StorageException(result.message() + ": " + labels + " at " + time);
    }
  }

  @Override
  public void commit() {
    if (batch != null) {
      batch.commit();
      batch = null;
    }
  }

  @Override
  public Queryable queryable() {
    return database;
  }

  @Override
  public void close() {
    if (batch != null) {
      batch.rollback();
    }
    group.close();
    database.close();
    DISK.deleteTree(path);
  }
}
