package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
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
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A database that takes late samples, and a sorted map, are told the same things in random order:
 * batches with samples of any time within the window, many of one series and of one time, in any
 * order; rollbacks, deletions, blocks cut and merged, clean restarts and crashes, the window turned
 * off and on, while queriers stay open. After each step both must hold the same samples, and each
 * querier what there was when it was opened. A sample's value follows from its series and time, so
 * that it does not matter which of two stays. Of great seeds most series are of native histograms,
 * of all kinds, and one is of everything in turns. The seed repeats a run.
 */
class OutOfOrderModelTest {

  private static final long T0 = 1_700_000_040_000L;
  private static final long RANGE = 60_000;
  private static final long WINDOW = 10 * RANGE;
  private static final int STEPS = 160;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withSamplesPerChunk(8)
          .withRetentionMillis(0)
          .withWal(WalCompression.SNAPPY, 1 << 15)
          .withCheckMemory(true);

  private record Pending(Labels labels, long time) {}

  private record View(Querier querier, Map<Labels, TreeMap<Long, String>> expected) {}

  private final Map<Labels, TreeMap<Long, String>> model = new TreeMap<>();
  private final Set<Pending> deleted = new HashSet<>();
  private final List<Appendable.AppendGroup> groups = new ArrayList<>();
  private final List<View> views = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);
  private Path path = Path.of("");
  private @Nullable Database opened;
  private int opens;
  private int copies;
  private long window = WINDOW;
  private long newest = Long.MIN_VALUE;
  private long late;
  private boolean withHistograms;

  private Database database() {
    Database d = opened;
    if (d == null) {
      throw new IllegalStateException("not open");
    }
    return d;
  }

  private void open() {
    Database d = Database.open(path, OPTIONS, Disk.SYSTEM, clock, new PrometheusRegistry());
    d.outOfOrderWindow(window);
    // By turns without images, with one at each occasion, and with one now and then.
    d.imagesAfter(opens % 3 == 0 ? Long.MAX_VALUE : opens % 3 == 1 ? 1 : 60, 0);
    opens++;
    d.replay();
    opened = d;
    groups.clear();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 131, 1001, 1002, 1003, 1004, 1005})
  void whatTheModelHasTheDatabaseHas(long seed, @TempDir Path directory) throws IOException {
    Random random = new Random(seed);
    withHistograms = seed > 1000;
    path = directory.resolve("0");
    open();
    long now = T0;
    for (int step = 0; step < STEPS; step++) {
      now += random.nextInt(6_000);
      switch (random.nextInt(24)) {
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
        case 4, 5 -> {
          Querier querier = database().querier(0, Long.MAX_VALUE);
          views.add(new View(querier, copyOfModel()));
        }
        case 6 -> {
          if (!groups.isEmpty()) {
            groups.removeLast().close();
          }
        }
        case 7 -> {
          closeViews();
          delete(random, now);
        }
        case 8 -> {
          window = window == 0 || random.nextInt(3) > 0 ? WINDOW : 0;
          database().outOfOrderWindow(window);
        }
        default -> commit(random, now);
      }
      check("seed " + seed + " step " + step);
    }
    closeViews();
    assertThat(late).as("late samples that were taken").isGreaterThan(300);
    database().close();
    // Without a window what is there stays.
    window = 0;
    open();
    check("at the end");
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

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private static double value(Labels labels, long time) {
    return (labels.hashCode() % 1000 * 31 + time % 100_000) / 8.0;
  }

  /** What a series has at a time, if that is a histogram. */
  private @Nullable SpanHistogram histogram(Labels labels, long time) {
    int number = Integer.parseInt(String.valueOf(labels.get("i")));
    int kind = number == 7 ? (int) (time / 7_000 % 5) : number;
    if (!withHistograms || kind == 0) {
      return null;
    }
    Random random = new Random(time * 31 + number);
    boolean floats = kind % 2 == 0;
    boolean custom = kind > 4;
    SpanHistogram histogram = new SpanHistogram().reset(floats);
    // Layouts that change in time, counts that mostly grow in time.
    histogram.schema(custom ? FloatHistogram.CUSTOM_BUCKETS : (int) (time / 100_000 % 3));
    histogram.hint(kind == 3 ? ResetHint.GAUGE : ResetHint.values()[random.nextInt(3)]);
    int buckets = 2 + (int) (time / 40_000 % 3);
    histogram.positive().addSpan(custom ? 0 : random.nextInt(2), buckets);
    long sum = 0;
    for (int i = 0; i < buckets; i++) {
      long count = (time - T0 + 10_000_000) / 100 + random.nextInt(40);
      sum += count;
      histogram.positive().addBucket(floats ? Double.doubleToRawLongBits(count) : count);
    }
    for (double bound = 1; custom && bound < 6; bound++) {
      histogram.addBound(bound);
    }
    return histogram.count(floats ? Double.doubleToRawLongBits(sum) : sum).sum(sum / 8.0);
  }

  private String text(Labels labels, long time) {
    SpanHistogram histogram = histogram(labels, time);
    return histogram == null
        ? String.valueOf(value(labels, time))
        : HistogramText.line(time, histogram.toFloat());
  }

  private void commit(Random random, long now) {
    if (groups.isEmpty() || (groups.size() < 3 && random.nextInt(4) == 0)) {
      groups.add(database().group());
    }
    Appender appender = groups.get(random.nextInt(groups.size())).appender();
    List<Pending> pending = new ArrayList<>();
    Set<Labels> inBatch = new HashSet<>();
    Map<Labels, Long> handles = new HashMap<>();
    long seen = newest;
    // Now and then one series gets many.
    int only = random.nextInt(3) == 0 ? random.nextInt(8) : -1;
    for (int n = random.nextInt(60); n > 0; n--) {
      Labels labels = series(only >= 0 ? only : random.nextInt(8));
      long behind =
          switch (random.nextInt(4)) {
            case 0 -> 0;
            case 1 -> random.nextInt(30) * 1_000L;
            case 2 -> random.nextInt((int) WINDOW / 1_000) * 1_000L;
            default -> random.nextInt((int) WINDOW + 60_000);
          };
      long time = now - behind;
      if (deleted.contains(new Pending(labels, time)) || (window == 0 && !inBatch.add(labels))) {
        // A batch without a window leaves out what turns out to be late: keep it simple.
        continue;
      }
      long handle = handles.computeIfAbsent(labels, appender::series);
      SpanHistogram histogram = histogram(labels, time);
      AppendResult result =
          histogram == null
              ? appender.append(handle, time, value(labels, time))
              : appender.append(handle, time, histogram);
      if (histogram != null && result == AppendResult.DUPLICATE) {
        // What is there was given more buckets, and does not look the same.
        assertThat(model.get(labels)).containsKey(time);
        continue;
      }
      seen = seen == Long.MIN_VALUE ? time : seen; // an empty head counts from its first sample
      if (window > 0) {
        boolean tooOld = time < seen - window;
        assertThat(result)
            .isIn(
                tooOld ? List.of(AppendResult.OK, AppendResult.TOO_OLD) : List.of(AppendResult.OK));
      } else {
        assertThat(result)
            .isIn(AppendResult.OK, AppendResult.OUT_OF_ORDER, AppendResult.OUT_OF_BOUNDS);
      }
      if (result == AppendResult.OK) {
        pending.add(new Pending(labels, time));
      }
    }
    if (random.nextInt(8) == 0) {
      appender.rollback();
      return;
    }
    appender.commit();
    for (Pending p : pending) {
      TreeMap<Long, String> samples = model.computeIfAbsent(p.labels, l -> new TreeMap<>());
      late += !samples.isEmpty() && p.time < samples.lastKey() ? 1 : 0;
      samples.put(p.time, text(p.labels, p.time));
      newest = Math.max(newest, p.time);
    }
  }

  private void delete(Random random, long now) {
    Labels labels = series(random.nextInt(8));
    long from = now - random.nextInt((int) WINDOW);
    long to = from + random.nextInt((int) WINDOW / 3);
    database().delete(from, to, List.of(Matcher.equal("i", String.valueOf(labels.get("i")))));
    TreeMap<Long, String> samples = model.get(labels);
    if (samples != null) {
      Map<Long, String> gone = samples.subMap(from, true, to, true);
      gone.keySet().forEach(time -> deleted.add(new Pending(labels, time)));
      gone.clear();
      if (samples.isEmpty()) {
        model.remove(labels);
      }
    }
  }

  private void check(String when) {
    try (Querier querier = database().querier(0, Long.MAX_VALUE)) {
      assertSame(samples(querier), model, when);
    }
    for (View view : views) {
      assertSame(samples(view.querier), view.expected, when + ", a view");
    }
  }

  /** One by one, so that it can be read what is wrong. */
  private static void assertSame(
      Map<Labels, TreeMap<Long, String>> actual,
      Map<Labels, TreeMap<Long, String>> expected,
      String when) {
    List<String> wrong = new ArrayList<>();
    expected.forEach((labels, samples) ->
        samples.forEach((time, value) -> {
          String there = actual.getOrDefault(labels, new TreeMap<>()).get(time);
          if (!value.equals(there)) {
            wrong.add(labels + " at " + (time - T0) + " is " + there + ", not " + value);
          }
        }));
    actual.forEach((labels, samples) ->
        samples.forEach((time, value) -> {
          if (!expected.getOrDefault(labels, new TreeMap<>()).containsKey(time)) {
            wrong.add(labels + " has " + value + " at " + (time - T0));
          }
        }));
    assertThat(wrong).as(when).isEmpty();
  }

  private static Map<Labels, TreeMap<Long, String>> samples(Querier querier) {
    Map<Labels, TreeMap<Long, String>> all = new TreeMap<>();
    SeriesSet set =
        querier.select(
            true, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("__name__", "m")));
    SeriesSet.Reader reader = set.reader();
    SampleBuffer buffer = new SampleBuffer();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, 0, Long.MAX_VALUE, buffer);
      TreeMap<Long, String> samples = new TreeMap<>();
      long last = Long.MIN_VALUE;
      for (int k = 0; k < buffer.size(); k++) {
        assertThat(buffer.timestamps()[k]).isGreaterThan(last);
        last = buffer.timestamps()[k];
        FloatHistogram histogram = buffer.histogram(k);
        samples.put(
            last,
            histogram == null
                ? String.valueOf(buffer.values()[k])
                : HistogramText.line(last, histogram));
        FloatHistogram previous = k == 0 ? null : buffer.histogram(k - 1);
        if (histogram != null && previous != null && histogram.hint() == ResetHint.NO_RESET) {
          assertThat(histogram.withoutResetHint().isResetAfter(previous))
              .as("%s says that there is no reset at %s", set.labels(i), last)
              .isFalse();
        }
      }
      if (!samples.isEmpty()) { // all of them may be deleted
        assertThat(all.put(set.labels(i), samples)).isNull();
        SampleBuffer newest = new SampleBuffer();
        reader.readNewest(i, 0, Long.MAX_VALUE, newest);
        assertThat(newest.timestamps()[newest.size() - 1]).isEqualTo(last);
      }
    }
    return all;
  }
}
