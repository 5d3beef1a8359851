package io.narthex.bench;

import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.tsdb.head.CommitLog;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.head.HeadOptions;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What the head does all day: takes a scrape of a target, reads series back, finds series. The log
 * forgets, so that the disk is left out. Figures are for each sample, or each series.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class HeadBenchmark {

  private static final int SERIES = 10_000;
  private static final int SAMPLES = 120;
  private static final long T0 = 1_700_000_000_000L / 7_200_000 * 7_200_000;

  /** How many of ten series change from scrape to scrape. */
  @Param({"0", "6"})
  public int changing = 6;

  private Head head = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
  private Appendable.AppendGroup group = head.group();
  private final long[] handles = new long[SERIES];
  private final double[] values = new double[SERIES];
  private final double[] steps = new double[8191];
  private final SampleBuffer buffer = new SampleBuffer();
  private long time;
  private int step;

  @Setup(Level.Trial)
  public void open() {
    Random random = new Random(1);
    for (int i = 0; i < steps.length; i++) {
      steps[i] = random.nextInt(100);
    }
    Appender appender = group.appender();
    for (int i = 0; i < SERIES; i++) {
      handles[i] =
          appender.series(
              Labels.of(
                  "__name__",
                  "metric_" + i / 50,
                  "instance",
                  "10.0.0.1:9100",
                  "job",
                  "node",
                  "device",
                  "d" + i % 50));
    }
    appender.rollback();
    time = T0;
    for (int i = 0; i < SAMPLES; i++) {
      scrape();
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    group.close();
    head.close();
  }

  private void scrape() {
    Appender appender = group.appender();
    time += 15_000;
    for (int i = 0; i < SERIES; i++) {
      if (i % 10 < changing) {
        step = step == steps.length - 1 ? 0 : step + 1;
        values[i] += steps[step];
      }
      appender.append(handles[i], time, values[i]);
    }
    appender.commit();
  }

  /** Appending and committing a scrape, per sample. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public void append() {
    scrape();
    if (time - T0 > 100 * 7_200_000L) {
      head.truncate(time); // else the memory would fill with full chunks
    }
  }

  private static SelectHints hints() {
    return SelectHints.range(0, Long.MAX_VALUE);
  }

  /** Reading the newest samples of all series, per sample. */
  @Benchmark
  @OperationsPerInvocation(SERIES * SAMPLES)
  public double read() {
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      SeriesSet set = querier.select(false, hints(), List.of(Matcher.equal("job", "node")));
      SeriesSet.Reader reader = set.reader();
      double sum = 0;
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, 0, Long.MAX_VALUE, buffer);
        sum += buffer.values()[buffer.size() - 1];
      }
      return sum;
    }
  }

  /** Finding all series by a regular expression, per series. */
  @Benchmark
  @OperationsPerInvocation(SERIES)
  public int select() {
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      Matcher any = new Matcher(Matcher.Type.REGEX, "__name__", ".+");
      return querier.select(false, hints(), List.of(any)).size();
    }
  }
}
