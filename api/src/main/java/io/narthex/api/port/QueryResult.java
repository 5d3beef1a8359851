package io.narthex.api.port;

import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The answer to a query, in memory and the caller's to read at leisure.
 *
 * @param warnings in the form for users, with place, each once
 * @param infos likewise
 * @param release gives back the query's memory
 * @param check see {@link #checkReader}
 */
public record QueryResult(
    Data data,
    List<String> warnings,
    List<String> infos,
    Stats stats,
    Runnable release,
    Runnable check)
    implements AutoCloseable {

  /** An answer that holds nothing. */
  public QueryResult(Data data, List<String> warnings, List<String> infos, Stats stats) {
    this(data, warnings, infos, stats, () -> {}, () -> {});
  }

  /** Gives back the memory that it holds of the query's; nothing of it is read afterwards. */
  @Override
  public void close() {
    release.run();
  }

  /**
   * Ends the reading if the query was called off meanwhile, or its time is up.
   *
   * @throws QueryFailure if it is to end
   */
  public void checkReader() {
    check.run();
  }

  /** What came out. */
  public sealed interface Data permits Scalar, Text, Series {}

  /** A number at a time in milliseconds since the epoch. */
  public record Scalar(long time, double value) implements Data {}

  /** A text at a time in milliseconds since the epoch. */
  public record Text(long time, String value) implements Data {}

  /** Series, each with one sample (an instant vector) or with any number above none (a matrix). */
  public non-sealed interface Series extends Data {

    /** Whether each series has a run of samples (or exactly one). */
    boolean isMatrix();

    /** The number of series, in the order in which they are shown. */
    int size();

    /** The labels of a series. */
    Labels labels(int series);

    /** Replaces what the buffer holds by the samples of a series, ascending in time. */
    void read(int series, SampleBuffer into);
  }

  /**
   * What the query cost; times in nanoseconds.
   *
   * @param totalSamples samples looked at, once for every step that saw them
   * @param samplesRead samples read from the storage
   * @param peakSamples the most samples held at once
   * @param steps the same by step, or null where that was not asked for
   */
  public record Stats(
      long queueNanos,
      long prepareNanos,
      long evaluationNanos,
      long sortNanos,
      long totalSamples,
      long samplesRead,
      long peakSamples,
      @Nullable Steps steps) {}

  /**
   * What the steps of a query cost, one after the other.
   *
   * @param start the first moment in milliseconds since the epoch
   * @param step the distance between moments in milliseconds
   * @param looked samples looked at
   * @param read samples read, each at the step that needed it first
   */
  public record Steps(long start, long step, List<Long> looked, List<Long> read) {}
}
