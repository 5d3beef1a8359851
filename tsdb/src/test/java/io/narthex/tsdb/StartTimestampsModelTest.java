package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A database with start timestamps and a sorted map are told the same floats, histograms and stale
 * markers, with starts that stay, change or are missing, while chunks move to files and blocks,
 * blocks are merged, readers stay open, and the process stops, with a chunk snapshot or without, or
 * dies. After each step both hold the same samples with the same starts. The seed repeats a run.
 */
class StartTimestampsModelTest {

  private static final long T0 = 1_700_000_040_000L;
  private static final long RANGE = 60_000;
  private static final int STEPS = 150;
  private static final int SERIES = 12;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withSamplesPerChunk(8)
          .withWal(WalCompression.ZSTD, 1 << 15)
          .withForms(new SampleForms(true, true, true))
          .withCheckMemory(true);

  private record Sample(int series, long time, String line) {}

  private record View(Querier querier, Map<Labels, TreeMap<Long, String>> expected) {}

  private final Map<Labels, TreeMap<Long, String>> model = new TreeMap<>();
  private final List<Appendable.AppendGroup> groups = new ArrayList<>();
  private final List<View> views = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);
  private final List<List<HistogramSeries.Sample>> sources = new ArrayList<>();
  private final int[] next = new int[SERIES];
  private final long[] starts = new long[SERIES];
  private final long[] newest = new long[SERIES];
  private Path path = Path.of("");
  private @Nullable Database opened;
  private int opens;
  private int copies;

  private Database database() {
    Database d = opened;
    if (d == null) {
      throw new IllegalStateException("not open");
    }
    return d;
  }

  private void open(boolean snapshots) {
    Database d = Database.open(path, OPTIONS, Disk.SYSTEM, clock, new PrometheusRegistry());
    if (snapshots) {
      d.useChunkSnapshots();
    }
    // By turns without images, with one at each occasion, and with one now and then.
    d.imagesAfter(opens % 3 == 0 ? Long.MAX_VALUE : opens % 3 == 1 ? 1 : 60, 0);
    opens++;
    d.replay();
    opened = d;
    groups.clear();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void whatTheModelHasTheDatabaseHas(long seed, @TempDir Path directory) throws IOException {
    Random random = new Random(seed);
    boolean snapshots = seed % 2 == 0;
    for (int n = 0; n < SERIES; n++) {
      sources.add(HistogramSeries.random(random, 0, n % 2 == 1));
    }
    path = directory.resolve("0");
    open(snapshots);
    long now = T0;
    for (int step = 0; step < STEPS; step++) {
      now += 1 + random.nextInt(6_000);
      switch (random.nextInt(20)) {
        case 0, 1 -> {
          closeViews();
          database().maintain();
        }
        case 2 -> {
          closeViews();
          database().close();
          open(snapshots);
        }
        case 3 -> {
          closeViews();
          crash(directory, snapshots);
        }
        case 4 -> views.add(new View(database().querier(0, Long.MAX_VALUE), copyOfModel()));
        case 5 -> {
          if (!groups.isEmpty()) {
            groups.removeLast().close();
          }
        }
        default -> commit(random, now);
      }
      check(seed, step);
    }
    closeViews();
    database().close();
  }

  private void closeViews() {
    views.forEach(view -> view.querier.close());
    views.clear();
  }

  private Map<Labels, TreeMap<Long, String>> copyOfModel() {
    Map<Labels, TreeMap<Long, String>> copy = new TreeMap<>();
    model.forEach((labels, samples) -> copy.put(labels, new TreeMap<>(samples)));
    return copy;
  }

  /** Goes on in a copy of the directory as it is now: what the process held is lost. */
  private void crash(Path directory, boolean snapshots) throws IOException {
    Path copy = directory.resolve(Integer.toString(++copies));
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.toList()) {
        Path target = copy.resolve(path.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    database().close();
    path = copy;
    open(snapshots);
  }

  private static Labels labels(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  /** Some series count on for ever, some begin anew each time, some do not say. */
  private long start(Random random, int number, long time) {
    switch (number % 4) {
      case 0 -> starts[number] = 0;
      case 1 -> {
        if (starts[number] == 0 || random.nextInt(30) == 0) {
          starts[number] = time - random.nextInt(5);
        }
      }
      case 2 -> starts[number] = newest[number] == 0 ? time - 1 : newest[number];
      default -> starts[number] = random.nextInt(3) == 0 ? 0 : random.nextLong() >>> 20;
    }
    return starts[number];
  }

  private void commit(Random random, long now) {
    if (groups.isEmpty() || (groups.size() < 4 && random.nextInt(4) == 0)) {
      groups.add(database().group());
    }
    Appender appender = groups.get(random.nextInt(groups.size())).appender();
    List<Sample> batch = new ArrayList<>();
    long[] before = newest.clone();
    for (int n = random.nextInt(30); n > 0; n--) {
      int number = random.nextInt(SERIES);
      long time = Math.max(newest[number] + 1, now - random.nextInt(2_000));
      long start = start(random, number, time);
      long handle = appender.series(labels(number));
      int kind = random.nextInt(number % 3 == 0 ? 4 : 40);
      AppendResult result;
      String line;
      if (kind < 3 || number % 2 == 0) {
        double value = kind == 0 ? StaleMarker.VALUE : random.nextInt(5);
        result =
            start == 0
                ? appender.append(handle, time, value)
                : appender.appendStarted(handle, start, time, value);
        line = StartedText.line(start, value);
      } else {
        SpanHistogram histogram = nextHistogram(number);
        result = appender.appendStarted(handle, start, time, histogram);
        double count =
            histogram.floats()
                ? Double.longBitsToDouble(histogram.count())
                : (double) histogram.count();
        line = StartedText.line(start, histogram.sum(), count);
      }
      assertThat(result).isEqualTo(AppendResult.OK);
      newest[number] = time;
      batch.add(new Sample(number, time, line));
    }
    if (random.nextInt(10) == 0) {
      appender.rollback();
      System.arraycopy(before, 0, newest, 0, SERIES);
      return;
    }
    appender.commit();
    for (Sample one : batch) {
      model.computeIfAbsent(labels(one.series), l -> new TreeMap<>()).put(one.time, one.line);
    }
  }

  private SpanHistogram nextHistogram(int number) {
    List<HistogramSeries.Sample> samples = sources.get(number);
    return samples.get(next[number]++ % samples.size()).histogram();
  }

  private void check(long seed, int step) {
    assertThat(StartedText.samples(database()))
        .describedAs("seed %d step %d", seed, step)
        .isEqualTo(model);
    for (View view : views) {
      assertThat(StartedText.samples(view.querier))
          .describedAs("seed %d step %d, a view", seed, step)
          .isEqualTo(view.expected);
    }
  }
}
