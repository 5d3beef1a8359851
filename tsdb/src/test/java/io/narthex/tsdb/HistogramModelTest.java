package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
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
 * A database and the plainest storage are told the same floats, histograms and stale markers in
 * random order and mixture, while chunks move to files and blocks, readers stay open, and the
 * process stops or dies. After each step both hold the same samples, and each reader what there was
 * when it was opened. The seed repeats a run.
 */
class HistogramModelTest {

  private static final long T0 = 1_700_000_040_000L;
  private static final long RANGE = 60_000;
  private static final int STEPS = 120;
  private static final int SERIES = 12;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withSamplesPerChunk(8)
          .withWal(WalCompression.ZSTD, 1 << 15)
          .withCheckMemory(true);

  private record View(Querier querier, Map<Labels, List<String>> expected) {}

  private final MemoryStorage model = new MemoryStorage();
  private final List<Appendable.AppendGroup> groups = new ArrayList<>();
  private final List<View> views = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);
  private final List<List<HistogramSeries.Sample>> sources = new ArrayList<>();
  private final int[] next = new int[SERIES];
  private final Map<Integer, Long> newest = new TreeMap<>();
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

  private void open() {
    Database d = Database.open(path, OPTIONS, Disk.SYSTEM, clock, new PrometheusRegistry());
    // By turns without images, with one at each occasion, and with one now and then.
    d.imagesAfter(opens % 3 == 0 ? Long.MAX_VALUE : opens % 3 == 1 ? 1 : 60, 0);
    opens++;
    d.replay();
    opened = d;
    groups.clear();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
  void whatTheModelHasTheDatabaseHas(long seed, @TempDir Path directory) throws IOException {
    Random random = new Random(seed);
    for (int n = 0; n < SERIES; n++) {
      sources.add(HistogramSeries.random(random, 0, n % 2 == 1));
    }
    path = directory.resolve("0");
    open();
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
          open();
        }
        case 3 -> {
          closeViews();
          crash(directory);
        }
        case 4, 5 ->
            views.add(
                new View(
                    database().querier(0, Long.MAX_VALUE), HistogramText.samples(model, true)));
        case 6 -> {
          if (!groups.isEmpty()) {
            groups.removeLast().close();
          }
        }
        case 7 -> delete(random, now);
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

  /** Goes on in a copy of the directory as it is now: what the process held is lost. */
  private void crash(Path directory) throws IOException {
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
    open();
  }

  /**
   * Nothing is there: both go on as before. Deletions of what is there have a test of their own.
   */
  private void delete(Random random, long now) {
    database()
        .delete(now + 1, now + 1 + random.nextInt(1000), List.of(Matcher.equal("__name__", "m")));
  }

  private void commit(Random random, long now) {
    if (groups.isEmpty() || (groups.size() < 4 && random.nextInt(4) == 0)) {
      groups.add(database().group());
    }
    Appender appender = groups.get(random.nextInt(groups.size())).appender();
    Appender plain = model.group().appender();
    TreeMap<Integer, Long> times = new TreeMap<>();
    for (int n = random.nextInt(30); n > 0; n--) {
      int number = random.nextInt(SERIES);
      Labels labels = Labels.of("__name__", "m", "i", Integer.toString(number));
      long before = times.getOrDefault(number, newest.getOrDefault(number, now - 30_000));
      // Always in order within the batch, now and then behind what is stored.
      long time = Math.max(before + 1, now - random.nextInt(2_000));
      if (newest.containsKey(number) && random.nextInt(20) == 0) {
        time = before - 1 - random.nextInt(100);
      } else {
        times.put(number, time);
      }
      long handle = appender.series(labels);
      long plainHandle = plain.series(labels);
      AppendResult result;
      AppendResult expected;
      int kind = random.nextInt(number % 3 == 0 ? 3 : 20);
      if (kind < 2) {
        double value = kind == 0 ? StaleMarker.VALUE : random.nextInt(5);
        result = appender.append(handle, time, value);
        expected = plain.append(plainHandle, time, value);
      } else {
        SpanHistogram histogram = nextHistogram(random, number);
        result = appender.append(handle, time, histogram);
        expected = plain.append(plainHandle, time, histogram);
      }
      // What is behind the stored sample is refused at once, what is behind the batch's at commit.
      assertThat(result == AppendResult.OK).isEqualTo(expected == AppendResult.OK);
    }
    if (random.nextInt(10) == 0) {
      appender.rollback();
      plain.rollback();
      return;
    }
    appender.commit();
    plain.commit();
    newest.putAll(times);
  }

  private SpanHistogram nextHistogram(Random random, int number) {
    // Some series change between two sources, of whole and of float counts.
    int source = number % 4 == 0 && random.nextInt(5) == 0 ? (number + 1) % SERIES : number;
    List<HistogramSeries.Sample> samples = sources.get(source);
    return samples.get(next[source]++ % samples.size()).histogram();
  }

  private void check(long seed, int step) {
    assertThat(HistogramText.samples(database(), true))
        .describedAs("seed %d step %d", seed, step)
        .isEqualTo(HistogramText.samples(model, true));
    for (View view : views) {
      assertThat(HistogramText.samples(view.querier, true))
          .describedAs("seed %d step %d, a view", seed, step)
          .isEqualTo(view.expected);
    }
  }
}
