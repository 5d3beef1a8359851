package io.narthex.bench;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.DatabaseAdmin;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A head of a million series, a third of which have a label of their own each: finding series, and
 * what the status page and the metrics ask. Figures are for each question.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(value = 1, jvmArgsAppend = "-Xmx2g")
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeadLookup {

  private static final int BATCH = 10_000;
  private static final long T0 = 1_700_000_000_000L;

  @Param("1000000")
  public int series = 1_000_000;

  private final Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);

  @Setup(Level.Trial)
  public void fill() {
    try (Appendable.AppendGroup group = head.group()) {
      for (int from = 0; from < series; from += BATCH) {
        Appender appender = group.appender();
        for (int i = from; i < Math.min(series, from + BATCH); i++) {
          Labels labels =
              i % 3 == 0
                  ? Labels.of("__name__", "requests", "job", "web", "trace", "t" + i)
                  : Labels.of(
                      "__name__", "metric_" + i / 1000, "instance", "h" + i % 1000, "job", "node");
          appender.append(appender.series(labels), T0, i);
        }
        appender.commit();
      }
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    head.close();
  }

  private int select(Matcher... matchers) {
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      return querier.select(false, SelectHints.range(0, Long.MAX_VALUE), List.of(matchers)).size();
    }
  }

  /** A metric's series of a job: lists of 667 and of 666,666. */
  @Benchmark
  public int intersection() {
    return select(Matcher.equal("__name__", "metric_7"), Matcher.equal("job", "node"));
  }

  /** The series of a name and value. */
  @Benchmark
  public int pair() {
    return select(Matcher.equal("__name__", "metric_7"));
  }

  /** An expression that a thousand values are asked of. */
  @Benchmark
  public int regex() {
    return select(
        Matcher.equal("job", "node"), new Matcher(Matcher.Type.REGEX, "__name__", ".+_7[0-9]?"));
  }

  /** The values of a label. */
  @Benchmark
  public int values() {
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      return querier.labelValues("instance", List.of(), 0).size();
    }
  }

  /** What status/tsdb shows. */
  @Benchmark
  public DatabaseAdmin.Cardinality cardinality() {
    return head.cardinality(10);
  }

  /** A walk over all series, for some of the metrics. */
  @Benchmark
  public int rowFigures() {
    return head.rowFigures().staleSeries();
  }
}
