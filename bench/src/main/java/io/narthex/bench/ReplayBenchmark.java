package io.narthex.bench;

import io.narthex.model.labels.Labels;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
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
 * A start after kill -9: targets of 1,000 series, their samples in the write-ahead log alone. The
 * compiler is cold, as it is at a start, and the log in the page cache.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.SingleShotTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Fork(3)
@Warmup(iterations = 0)
@Measurement(iterations = 1)
public class ReplayBenchmark {

  private static final int TARGET = 1_000;
  private static final long T0 = 1_700_000_000_000L / 7_200_000 * 7_200_000;

  @Param("500000")
  public int series = 500_000;

  @Param("70")
  public int rounds = 70;

  private Path folder = Path.of(".");
  private @Nullable Database opened;

  /** Fills a database and keeps a copy of its log as it is before the database is closed. */
  @Setup(Level.Trial)
  public void fill() throws IOException {
    folder = Files.createTempDirectory("replay");
    Path running = folder.resolve("running");
    try (Database database =
        Database.openAndReplay(running, DatabaseOptions.DEFAULT, new PrometheusRegistry())) {
      write(database);
      copy(running.resolve("wal"), folder.resolve("killed/wal"));
    }
    delete(running);
  }

  private void write(Database database) {
    Random random = new Random(1);
    int targets = series / TARGET;
    long[] handles = new long[series];
    double[] values = new double[series];
    List<AppendGroup> groups = new ArrayList<>();
    for (int t = 0; t < targets; t++) {
      groups.add(database.group());
    }
    for (int round = 0; round < rounds; round++) {
      for (int t = 0; t < targets; t++) {
        Appender appender = groups.get(t).appender();
        for (int i = t * TARGET; i < (t + 1) * TARGET; i++) {
          if (round == 0) {
            handles[i] = appender.series(labels(t, i));
          }
          // Of ten series four never change, as it is with real targets.
          values[i] += i % 10 < 4 ? 0 : random.nextInt(100);
          appender.append(handles[i], T0 + round * 15_000L + t * 30L, values[i]);
        }
        appender.commit();
      }
    }
    groups.forEach(AppendGroup::close);
  }

  private static Labels labels(int target, int number) {
    return Labels.of(
        "__name__",
        "bench_metric_" + number % 50 + "_total",
        "instance",
        "host-" + target + ".example:9100",
        "job",
        "node",
        "path",
        "/api/v1/resource/" + number % TARGET,
        "zone",
        "eu-" + target % 3);
  }

  @TearDown(Level.Trial)
  public void remove() throws IOException {
    delete(folder);
  }

  /** Opens and replays; closing is not measured. */
  @Benchmark
  public int replay() {
    Database database =
        Database.openAndReplay(
            folder.resolve("killed"), DatabaseOptions.DEFAULT, new PrometheusRegistry());
    int found = database.headStats().chunks() > 0 ? (int) database.headStats().series() : 0;
    if (found != series) {
      throw new IllegalStateException(found + " series");
    }
    opened = database;
    return found;
  }

  @TearDown(Level.Iteration)
  public void close() {
    if (opened != null) {
      opened.close();
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** One run without the harness, which a profiler may watch: series, rounds. */
  public static void main(String[] arguments) throws IOException {
    ReplayBenchmark run = new ReplayBenchmark();
    run.series = Integer.parseInt(arguments[0]);
    run.rounds = Integer.parseInt(arguments[1]);
    run.fill();
    run.replay();
    run.close();
    run.remove();
  }
}
