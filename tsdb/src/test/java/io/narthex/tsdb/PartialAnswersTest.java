package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDirectory;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is answered while the log is still being replayed, to those who ask for it. */
class PartialAnswersTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final int OLD_ROUNDS = 100; // 25 minutes: two blocks' ranges and a half
  private static final int SERIES = 200;
  private static final Labels HISTOGRAM = Labels.of("__name__", "h");

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock(T0);
  private final List<Database> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch goOn = new CountDownLatch(1);
  private final List<HistogramSeries.Sample> histograms =
      HistogramSeries.random(new Random(1), T0, true);

  @AfterEach
  void close() throws InterruptedException {
    goOn.countDown();
    opened.forEach(Database::close);
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  private Database open(Path path, Disk disk) {
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(RANGE)
            .withRetentionMillis(0)
            .withWal(WalCompression.SNAPPY, 1 << 15)
            .withCheckMemory(true);
    Database database = Database.open(path, options, disk, clock, new PrometheusRegistry());
    opened.add(database);
    return database;
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private static double value(long time, int series) {
    return (time - T0) / 1000.0 + series * 1e6;
  }

  private void round(AppendGroup group, int round, int series) {
    Appender appender = group.appender();
    long time = T0 + (long) round * STEP;
    for (int i = 0; i < series; i++) {
      assertThat(appender.append(appender.series(series(i)), time, value(time, i)))
          .isEqualTo(AppendResult.OK);
    }
    SpanHistogram histogram = histograms.get(round % histograms.size()).histogram();
    assertThat(appender.append(appender.series(HISTOGRAM), time, histogram))
        .isEqualTo(AppendResult.OK);
    appender.commit();
  }

  /** A directory with blocks, chunk files and a log of several segments, and a deletion. */
  private Path left() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, Disk.SYSTEM);
    database.replay();
    try (AppendGroup group = database.group()) {
      for (int r = 0; r < OLD_ROUNDS; r++) {
        round(group, r, SERIES);
        if (r == 70) {
          database.maintain();
        }
      }
    }
    database.delete(time(50), time(95), List.of(Matcher.equal("i", "3")));
    Path to = folder.resolve("killed");
    try (Stream<Path> files = Files.walk(path)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(path.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  private static long time(int round) {
    return T0 + (long) round * STEP;
  }

  /** A disk on which a reading of a segment waits until the test goes on. */
  private FaultyDisk slowDisk(Path path, int segment, int reading, CountDownLatch reached) {
    FaultyDisk disk = new FaultyDisk();
    disk.failReads(waits(path, segment, reading, reached, goOn));
    return disk;
  }

  /** Waits at a reading of a segment; no reading fails. */
  private static Predicate<Path> waits(
      Path path, int segment, int reading, CountDownLatch reached, CountDownLatch until) {
    Path slow = path.resolve("wal").resolve(String.format("%08d", segment));
    AtomicInteger readings = new AtomicInteger();
    return file -> {
      if (file.equals(slow) && readings.incrementAndGet() == reading) {
        reached.countDown();
        try {
          assertThat(until.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return false;
    };
  }

  private static int lastSegment(Path path) {
    return new WalDirectory(Disk.SYSTEM, path.resolve("wal")).segments().getLast().number();
  }

  /** Times of each series, whose values are checked; of a histogram too. */
  private static Map<Labels, List<Long>> times(Queryable from) {
    return times(from, 0, Long.MAX_VALUE);
  }

  private static Map<Labels, List<Long>> times(Queryable from, long minTime, long maxTime) {
    Map<Labels, List<Long>> all = new TreeMap<>();
    try (Querier querier = from.querier(minTime, maxTime)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(minTime, maxTime),
              List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        Labels labels = set.labels(i);
        reader.read(i, minTime, maxTime, buffer);
        List<Long> times = new ArrayList<>();
        for (int k = 0; k < buffer.size(); k++) {
          long time = buffer.timestamps()[k];
          @Nullable FloatHistogram histogram = buffer.histogram(k);
          if (labels.equals(HISTOGRAM)) {
            assertThat(histogram).isNotNull();
          } else {
            int number = Integer.parseInt(labels.get("i"));
            assertThat(buffer.values()[k]).isEqualTo(value(time, number));
          }
          times.add(time);
        }
        assertThat(times).isSorted().doesNotHaveDuplicates();
        all.put(labels, times);
        reader.readNewest(i, minTime, maxTime, buffer);
        if (!times.isEmpty()) {
          assertThat(buffer.timestamps()[buffer.size() - 1])
              .isGreaterThanOrEqualTo(times.getLast());
        }
      }
    }
    return all;
  }

  private static List<Long> rounds(int from, int to) {
    return Stream.iterate(time(from), t -> t + STEP).limit(to - from).toList();
  }

  @Test
  void whatIsThereIsAnsweredOnRequest() throws Exception {
    Path killed = left();
    int last = lastSegment(killed);
    assertThat(last).isGreaterThan(2);
    CountDownLatch reached = new CountDownLatch(1);
    Database database = open(killed, slowDisk(killed, last, 2, reached));
    // Before anything is read: the blocks.
    assertThat(database.blockMetas()).isNotEmpty();
    Map<Labels, List<Long>> blocks = times(database.partial());
    assertThat(blocks.get(series(0))).startsWith(time(0)).doesNotContain(time(80));

    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    assertThatThrownBy(() -> database.querier(0, 1)).hasMessage(Database.NOT_READY);
    assertThat(database.replayProgress().percent()).isBetween(1, 99);
    // All but the last segment.
    Map<Labels, List<Long>> most = times(database.partial());
    assertThat(most.get(series(0))).startsWith(time(0)).contains(time(60));
    assertThat(most.get(series(0))).hasSizeBetween(61, OLD_ROUNDS);
    assertThat(most.get(HISTOGRAM)).contains(time(60));
    // What is deleted is not, although its record is not replayed yet.
    assertThat(most.get(series(3))).doesNotContainAnyElementsOf(rounds(50, 96));
    assertThat(most.get(series(3))).containsAll(rounds(0, 50));

    try (AppendGroup group = database.group()) {
      for (int r = OLD_ROUNDS + 10; r < OLD_ROUNDS + 20; r++) {
        round(group, r, SERIES + 5);
      }
    }
    Map<Labels, List<Long>> some = times(database.partial());
    for (int i = 0; i < SERIES; i++) {
      assertThat(some.get(series(i)))
          .endsWith(rounds(OLD_ROUNDS + 10, OLD_ROUNDS + 20).toArray(Long[]::new));
      assertThat(some.get(series(i))).startsWith(time(0));
    }
    assertThat(some.get(series(SERIES + 4))).isEqualTo(rounds(OLD_ROUNDS + 10, OLD_ROUNDS + 20));
    assertThat(some.get(HISTOGRAM)).endsWith(time(OLD_ROUNDS + 19));
    assertThat(times(database.partial(), time(OLD_ROUNDS + 12), time(OLD_ROUNDS + 13)))
        .hasSize(SERIES + 6)
        .allSatisfy((labels, times) ->
            assertThat(times).isEqualTo(rounds(OLD_ROUNDS + 12, OLD_ROUNDS + 14)));
    try (Querier querier = database.partial().querier(0, Long.MAX_VALUE)) {
      assertThat(querier.labelNames(List.of(), 0)).containsExactly("__name__", "i");
      assertThat(querier.labelValues("i", List.of(), 0)).hasSize(SERIES + 5).contains("204");
      goOn.countDown();
      replay.get();
      // It was opened before, and stays usable.
      SeriesSet set =
          querier.select(
              false, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("i", "7")));
      SampleBuffer buffer = new SampleBuffer();
      set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      assertThat(buffer.size()).isEqualTo(OLD_ROUNDS + 10);
    }
    assertThat(times(database.partial())).isEqualTo(times(database));
    List<Long> whole = new ArrayList<>(rounds(0, OLD_ROUNDS));
    whole.addAll(rounds(OLD_ROUNDS + 10, OLD_ROUNDS + 20));
    assertThat(times(database).get(series(0))).isEqualTo(whole);
    assertThat(times(database).get(series(3))).doesNotContainAnyElementsOf(rounds(50, 96));
    assertThat(database.replayProgress().percent()).isEqualTo(100);
  }

  @Test
  void readersAreSafeBesideReplayAndWritersAndSeeCommitsWhole() throws Exception {
    Path killed = left();
    // At first only the series are being read: readers meet rows that are just made.
    CountDownLatch reached = new CountDownLatch(1);
    // And then, before the last of the old samples, until some have read.
    CountDownLatch early = new CountDownLatch(4);
    FaultyDisk disk = new FaultyDisk();
    Predicate<Path> series = waits(killed, lastSegment(killed) - 1, 1, reached, goOn);
    Predicate<Path> samples = waits(killed, lastSegment(killed), 2, new CountDownLatch(1), early);
    disk.failReads(file -> series.test(file) || samples.test(file));
    Database database = open(killed, disk);
    AtomicBoolean over = new AtomicBoolean();
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    List<Future<?>> others = new ArrayList<>();
    int own = OLD_ROUNDS + 1;
    AtomicInteger written = new AtomicInteger(own);
    others.add(
        threads.submit(() -> {
          try (AppendGroup group = database.group()) {
            for (int r = own; r < own + 200; r++) {
              round(group, r, SERIES + r % 3);
              written.set(r + 1);
            }
          }
        }));
    for (int i = 0; i < 2; i++) {
      others.add(
          threads.submit(() -> {
            while (!over.get()) {
              boolean ready = database.isReady();
              int before = written.get();
              Map<Labels, List<Long>> all = times(database.partial());
              if (!ready) {
                early.countDown();
              }
              assertThat(all.getOrDefault(series(3), List.of()))
                  .doesNotContainAnyElementsOf(rounds(50, 96));
              int seen =
                  all.getOrDefault(series(0), List.of()).stream()
                      .filter(t -> t >= time(own))
                      .toList()
                      .size();
              assertThat(seen).isGreaterThanOrEqualTo(before - own);
              List<Long> mine = rounds(own, own + seen);
              for (int k = 0; k < SERIES; k++) {
                assertThat(
                        all.getOrDefault(series(k), List.of()).stream()
                            .filter(t -> t >= time(own))
                            .toList())
                    .isEqualTo(mine);
              }
            }
          }));
    }
    goOn.countDown();
    replay.get();
    others.getFirst().get();
    over.set(true);
    for (Future<?> other : others) {
      other.get();
    }
    List<Long> whole = new ArrayList<>(rounds(0, OLD_ROUNDS));
    whole.addAll(rounds(own, own + 200));
    assertThat(times(database).get(series(1))).isEqualTo(whole);
    assertThat(times(database.partial())).isEqualTo(times(database));
  }

  @Test
  void startTimestampsAreThereToo() throws Exception {
    Path path = folder.resolve("starts");
    CountDownLatch reached = new CountDownLatch(1);
    DatabaseOptions options =
        DatabaseOptions.DEFAULT.withForms(new SampleForms(true, true, true)).withCheckMemory(true);
    try (Database before =
        Database.open(path, options, Disk.SYSTEM, clock, new PrometheusRegistry())) {
      before.replay();
      try (AppendGroup group = before.group()) {
        started(group, 0);
      }
    }
    Database database =
        Database.open(
            path,
            options,
            slowDisk(path, lastSegment(path), 2, reached),
            clock,
            new PrometheusRegistry());
    opened.add(database);
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    try (AppendGroup group = database.group()) {
      started(group, 1);
    }
    try (Querier querier = database.partial().querier(0, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(
              false, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("i", "0")));
      SampleBuffer buffer = new SampleBuffer();
      set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      assertThat(buffer.size()).isEqualTo(1);
      assertThat(buffer.startTimestamp(0)).isEqualTo(T0 - 1);
    }
    goOn.countDown();
    replay.get();
  }

  private static void started(AppendGroup group, int round) {
    Appender appender = group.appender();
    assertThat(appender.appendStarted(appender.series(series(0)), T0 - 1, time(round), 5))
        .isEqualTo(AppendResult.OK);
    appender.commit();
  }
}
