package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
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
 * A database and a sorted map are told the same things in random order: commits of several
 * producers, in and out of order, rollbacks, block cutting, clean restarts and crashes, while
 * queriers stay open. After each step both must hold the same samples, and each querier what there
 * was when it was opened. The seed repeats a run.
 */
class DatabaseModelTest {

  private static final long T0 = 1_700_000_040_000L;
  private static final long RANGE = 60_000;
  private static final int STEPS = 150;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withSamplesPerChunk(8)
          .withWal(WalCompression.ZSTD, 1 << 15)
          .withCheckMemory(true);

  private record Pending(Labels labels, long time, double value) {}

  private record View(Querier querier, Map<Labels, TreeMap<Long, Double>> expected) {}

  private static final class Producer {
    final Appendable.AppendGroup group;
    final Map<Labels, Long> handles = new HashMap<>();

    Producer(Appendable.AppendGroup group) {
      this.group = group;
    }
  }

  private final Map<Labels, TreeMap<Long, Double>> model = new TreeMap<>();
  private final List<Producer> producers = new ArrayList<>();
  private final List<View> views = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);
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
    producers.clear();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 131})
  void whatTheModelHasTheDatabaseHas(long seed, @TempDir Path directory) throws IOException {
    Random random = new Random(seed);
    path = directory.resolve("0");
    open();
    long now = T0;
    for (int step = 0; step < STEPS; step++) {
      now += random.nextInt(9_000);
      switch (random.nextInt(20)) {
        case 0 -> {
          closeViews();
          database().maintain();
        }
        case 1 -> {
          closeViews();
          database().close();
          open();
        }
        case 2 -> {
          closeViews();
          crash(directory);
        }
        case 3, 4 -> {
          Querier querier = database().querier(0, Long.MAX_VALUE);
          views.add(new View(querier, copyOfModel()));
        }
        case 5 -> {
          if (!producers.isEmpty()) {
            producers.removeLast().group.close();
          }
        }
        default -> commit(random, now, step);
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

  private Map<Labels, TreeMap<Long, Double>> copyOfModel() {
    Map<Labels, TreeMap<Long, Double>> copy = new TreeMap<>();
    model.forEach((labels, samples) -> copy.put(labels, new TreeMap<>(samples)));
    return copy;
  }

  /** Goes on in a copy of the directory as it is now; what was open is lost. */
  private void crash(Path directory) throws IOException {
    Path next = directory.resolve(Integer.toString(++copies));
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.toList()) {
        Path target = next.resolve(path.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    database().close();
    path = next;
    open();
  }

  private void commit(Random random, long now, int step) {
    if (producers.isEmpty() || (producers.size() < 4 && random.nextInt(4) == 0)) {
      producers.add(new Producer(database().group()));
    }
    Producer producer = producers.get(random.nextInt(producers.size()));
    Appender appender = producer.group.appender();
    List<Pending> pending = new ArrayList<>();
    for (int n = random.nextInt(40); n > 0; n--) {
      // Some series are for all, some come and go.
      int number = random.nextBoolean() ? random.nextInt(10) : 100 + step / 10 * 5 + n % 5;
      Labels labels = Labels.of("__name__", "m", "i", Integer.toString(number));
      long time = now + (random.nextInt(3) == 0 ? random.nextInt(40_000) - 35_000 : 0);
      double value = random.nextInt(5);
      long handle = producer.handles.computeIfAbsent(labels, appender::series);
      AppendResult result = appender.append(handle, time, value);
      if (result == AppendResult.NO_SERIES) {
        handle = appender.series(labels);
        producer.handles.put(labels, handle);
        result = appender.append(handle, time, value);
        assertThat(result).isNotEqualTo(AppendResult.NO_SERIES);
      }
      if (result == AppendResult.OK) {
        pending.add(new Pending(labels, time, value));
      }
    }
    if (random.nextInt(10) == 0) {
      appender.rollback();
      return;
    }
    appender.commit();
    for (Pending p : pending) {
      TreeMap<Long, Double> samples = model.computeIfAbsent(p.labels, l -> new TreeMap<>());
      if (samples.isEmpty() || samples.lastKey() < p.time) {
        samples.put(p.time, p.value);
      }
    }
  }

  private void check(long seed, int step) {
    try (Querier querier = database().querier(0, Long.MAX_VALUE)) {
      assertThat(samples(querier)).describedAs("seed %d step %d", seed, step).isEqualTo(model);
    }
    for (View view : views) {
      assertThat(samples(view.querier))
          .describedAs("seed %d step %d, a view", seed, step)
          .isEqualTo(view.expected);
    }
  }

  private static Map<Labels, TreeMap<Long, Double>> samples(Querier querier) {
    Map<Labels, TreeMap<Long, Double>> all = new TreeMap<>();
    SeriesSet set =
        querier.select(
            true, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("__name__", "m")));
    SeriesSet.Reader reader = set.reader();
    SampleBuffer buffer = new SampleBuffer();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      TreeMap<Long, Double> samples = new TreeMap<>();
      for (int k = 0; k < buffer.size(); k++) {
        assertThat(samples.put(buffer.timestamps()[k], buffer.values()[k])).isNull();
      }
      assertThat(all.put(set.labels(i), samples)).isNull();
    }
    return all;
  }
}
