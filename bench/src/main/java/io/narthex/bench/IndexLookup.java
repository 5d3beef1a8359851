package io.narthex.bench;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.IndexWriter;
import io.narthex.tsdb.index.PostingsSelection;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Finding series in the index of a block: 100,000 series of 200 metrics on 500 instances. Figures
 * are for each question.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
public class IndexLookup {

  private static final int METRICS = 200;
  private static final int INSTANCES = 500;

  private final Path folder = temporary();
  private final IndexReader index = write(folder.resolve("index"));

  private static Path temporary() {
    try {
      return Files.createTempDirectory("index-lookup");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static IndexReader write(Path file) {
    TreeSet<Labels> all = new TreeSet<>();
    for (int m = 0; m < METRICS; m++) {
      for (int i = 0; i < INSTANCES; i++) {
        all.add(
            Labels.of(
                "__name__", "metric_" + m,
                "instance", "10.0." + i / 250 + "." + i % 250 + ":9100",
                "job", i % 5 == 0 ? "other" : "node"));
      }
    }
    ChunkMetas metas = new ChunkMetas();
    metas.add(0, 1, 8);
    try (IndexWriter writer = new IndexWriter(Disk.SYSTEM, file)) {
      for (Labels labels : all) {
        writer.addSeries(labels, metas);
      }
      writer.finish();
    }
    return IndexReader.open(Disk.SYSTEM, file);
  }

  @Setup(Level.Trial)
  public void check() {
    if (intersection() != 400 || pair() != INSTANCES || values() != INSTANCES) {
      throw new IllegalStateException("the index is not as it should be");
    }
  }

  @TearDown(Level.Trial)
  public void close() {
    index.close();
    Disk.SYSTEM.deleteTree(folder);
  }

  /** A metric's series of a job: two lists, of 500 and 80,000. */
  @Benchmark
  public int intersection() {
    return PostingsSelection.select(
            index, List.of(Matcher.equal("__name__", "metric_7"), Matcher.equal("job", "node")))
        .getCardinality();
  }

  /** Half the series of a job: lists of 80,000 and of 50,000 in 250 parts. */
  @Benchmark
  public int longIntersection() {
    return PostingsSelection.select(
            index,
            List.of(
                Matcher.equal("job", "node"),
                new Matcher(Matcher.Type.REGEX, "instance", "10\\.0\\.1\\..+")))
        .getCardinality();
  }

  /** The series of a name and value. */
  @Benchmark
  public int pair() {
    return index.series("__name__", "metric_7").getCardinality();
  }

  /** All values of a label. */
  @Benchmark
  public int values() {
    return index.labelValues("instance").size();
  }

  /** The series whose value matches an expression that begins with a text. */
  @Benchmark
  public int prefixRegex() {
    return PostingsSelection.select(
            index, List.of(new Matcher(Matcher.Type.REGEX, "__name__", "metric_1.+")))
        .getCardinality();
  }

  /** The series whose value matches an expression that must be asked of each value. */
  @Benchmark
  public int regex() {
    return PostingsSelection.select(
            index, List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+_(7|8)[0-9]?")))
        .getCardinality();
  }
}
