package io.narthex.remote.write;

import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarResult;
import io.narthex.storage.StorageException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/**
 * A storage in front of another one, which fails as it is told to. What it is told is read by the
 * threads that write.
 */
final class ScriptedStorage implements Appendable {

  private final Appendable behind;
  final AtomicInteger seriesAsked = new AtomicInteger();
  final AtomicInteger appended = new AtomicInteger();
  volatile @Nullable AppendResult answer;
  volatile ExemplarResult exemplarAnswer = ExemplarResult.DISABLED;
  final List<String> exemplars = Collections.synchronizedList(new ArrayList<>());
  volatile String commitFailure = "";
  volatile boolean full;
  private long shift;

  ScriptedStorage(Appendable behind) {
    this.behind = behind;
  }

  /** All handles that were given out so far are dead from now on. */
  synchronized void collectAllSeries() {
    shift += 1L << 32;
  }

  @Override
  public AppendGroup group() {
    AppendGroup group = behind.group();
    return new AppendGroup() {
      @Override
      public Appender appender() {
        return new Scripted(group.appender());
      }

      @Override
      public void close() {
        group.close();
      }
    };
  }

  private final class Scripted implements Appender {
    private final Appender appender;

    Scripted(Appender appender) {
      this.appender = appender;
    }

    @Override
    public long series(Labels labels) {
      seriesAsked.incrementAndGet();
      if (full) {
        return 0;
      }
      synchronized (ScriptedStorage.this) {
        return appender.series(labels) + shift;
      }
    }

    @Override
    public AppendResult append(long handle, long timestamp, double value) {
      return scripted(handle, behind -> appender.append(behind, timestamp, value));
    }

    @Override
    public AppendResult append(long handle, long timestamp, SpanHistogram histogram) {
      return scripted(handle, behind -> appender.append(behind, timestamp, histogram));
    }

    private AppendResult scripted(long handle, LongFunction<AppendResult> append) {
      AppendResult told = answer;
      if (told != null) {
        return told;
      }
      long generation;
      synchronized (ScriptedStorage.this) {
        generation = shift;
      }
      if (handle <= generation || handle > generation + (1L << 31)) {
        return AppendResult.NO_SERIES;
      }
      appended.incrementAndGet();
      return append.apply(handle - generation);
    }

    @Override
    public ExemplarResult exemplar(
        long handle, long timestamp, boolean explicit, double value, Labels labels) {
      ExemplarResult told = exemplarAnswer;
      if (told == ExemplarResult.OK) {
        exemplars.add(
            (handle & 0xffff_ffffL)
                + " "
                + labels
                + " "
                + value
                + " "
                + timestamp
                + " "
                + explicit);
      }
      return told;
    }

    @Override
    public void commit() {
      if (!commitFailure.isEmpty()) {
        appender.rollback();
        throw new StorageException(commitFailure);
      }
      appender.commit();
    }

    @Override
    public void rollback() {
      appender.rollback();
    }
  }
}
