package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarQuerier.SeriesExemplars;
import io.narthex.storage.ExemplarResult;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
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
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Floats, histograms, exemplars and late samples that are written while the log of the process
 * before is being replayed. A twin that was never stopped tells what must be there.
 */
class StartOfAllKindsTest {

  private static final long MINUTE = 60_000;
  private static final long RANGE = 10 * MINUTE;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final long WINDOW = 60 * MINUTE;
  private static final Labels A = Labels.of("__name__", "float", "i", "0");

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock(T0);
  private final List<Database> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private CountDownLatch goOn = new CountDownLatch(1);
  private final List<List<HistogramSeries.Sample>> histograms = new ArrayList<>();

  StartOfAllKindsTest() {
    for (int i = 0; i < 4; i++) {
      histograms.add(HistogramSeries.random(new Random(i), T0, i % 2 == 0));
    }
  }

  @AfterEach
  void close() throws InterruptedException {
    goOn.countDown();
    opened.forEach(Database::close);
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  private Database open(Path path, Disk disk, long window) {
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(RANGE)
            .withRetentionMillis(0)
            .withWal(WalCompression.SNAPPY, 1 << 15)
            .withCheckMemory(true);
    Database database = Database.open(path, options, disk, clock, new PrometheusRegistry());
    opened.add(database);
    database.maxExemplars(50);
    database.outOfOrderWindow(window);
    database.imagesAfter(1, 0);
    return database;
  }

  private Database replayed(Path path) {
    Database database = open(path, Disk.SYSTEM, WINDOW);
    database.replay();
    return database;
  }

  private Database withSnapshots(Path path) {
    Database database = open(path, Disk.SYSTEM, WINDOW);
    database.useChunkSnapshots();
    database.replay();
    return database;
  }

  private static Labels series(String name, int number) {
    return Labels.of("__name__", name, "i", Integer.toString(number));
  }

  /** Rounds of scrapes, each a batch, in which all kinds of things come. */
  private void fill(Database database, int fromRound, int toRound) {
    try (AppendGroup group = database.group()) {
      for (int r = fromRound; r < toRound; r++) {
        Appender appender = group.appender();
        long time = T0 + (long) r * STEP;
        for (int i = 0; i < 20 + r / 30; i++) {
          add(appender, series("float", i), time, r * 0.1 + i);
        }
        for (int i = 0; i < histograms.size(); i++) {
          long handle = appender.series(series("histogram", i));
          List<HistogramSeries.Sample> all = histograms.get(i);
          var histogram = all.get(r % all.size()).histogram();
          assertThat(appender.append(handle, time, histogram)).isEqualTo(AppendResult.OK);
        }
        // Of several kinds by turns, and now and then at an end.
        long handle = appender.series(series("mixed", 0));
        if (r % 11 == 10) {
          appender.append(handle, time, StaleMarker.VALUE);
        } else if (r / 7 % 2 == 0) {
          appender.append(handle, time, histograms.getFirst().get(r % 50).histogram());
        } else {
          appender.append(handle, time, r);
        }
        if (r % 3 == 0) {
          long of = appender.series(A);
          assertThat(
                  appender.exemplar(of, time, true, r, Labels.of("trace_id", Integer.toString(r))))
              .isEqualTo(ExemplarResult.OK);
          appender.metadata(of, MetricType.COUNTER, "", "round " + r / 30);
        }
        appender.commit();
        if (r % 2 == 1) {
          late(database, r);
          lateHistograms(database, r);
        }
      }
    }
  }

  private static void late(Database database, int round) {
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      long time = T0 + (long) round * STEP - 3L * round; // no time comes twice
      add(appender, series("float", 1), time - (round % 20) * MINUTE - 7, -round);
      add(appender, series("float", round % 5), time - 20 * MINUTE - 8, -round);
      add(appender, series("sender", 0), time - (round % 3) * MINUTE - 9, -round);
      appender.commit();
    }
  }

  private void lateHistograms(Database database, int round) {
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      long time = T0 + (long) round * STEP - 3L * round;
      for (int i = 0; i < histograms.size(); i++) {
        List<HistogramSeries.Sample> all = histograms.get(i);
        SpanHistogram histogram = all.get((round * 7) % all.size()).histogram();
        for (Labels labels :
            List.of(series("histogram", i), series("mixed", 0), series("sender", 1 + i % 2))) {
          long at = time - (round % 25) * MINUTE - 10 - i;
          long handle = appender.series(labels);
          AppendResult result =
              round % 5 == 1
                  ? appender.append(handle, at, round)
                  : appender.append(handle, at, histogram);
          assertThat(result).isEqualTo(AppendResult.OK);
        }
      }
      appender.commit();
    }
  }

  private static void add(Appender appender, Labels series, long time, double value) {
    assertThat(appender.append(appender.series(series), time, value)).isEqualTo(AppendResult.OK);
  }

  /** What is there; a stale marker is one of either kind. */
  private static Map<Labels, List<String>> samples(Database database) {
    Map<Labels, List<String>> all = HistogramText.samples(database, true);
    all.replaceAll((labels, lines) ->
        lines.stream().map(line -> line.replace("histogram stale", "stale")).toList());
    return all;
  }

  private static List<SeriesExemplars> exemplars(Database database, long from) {
    return database
        .exemplars()
        .select(
            from,
            Long.MAX_VALUE,
            List.of(List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+"))));
  }

  private static void assertSame(Database database, Database twin) {
    assertThat(samples(database)).isEqualTo(samples(twin));
    // Of what is in blocks a start does not read the exemplars.
    long from = database.blockSet().maxTime();
    assertThat(exemplars(database, from)).isEqualTo(exemplars(twin, from)).isNotEmpty();
  }

  private Path killed(Path from, String name) throws IOException {
    Path to = folder.resolve(name);
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Path target = to.resolve(from.relativize(file).toString());
        if (Files.isDirectory(file)) {
          Files.createDirectories(target);
        } else {
          Files.copy(file, target);
        }
      }
    }
    return to;
  }

  private static int segments(Path path) {
    return new WalDirectory(Disk.SYSTEM, path.resolve("wal")).segments().getLast().number() + 1;
  }

  /** Begins a start on another thread, which stops where the newest segment's samples come. */
  private Start start(Path path, long window) throws InterruptedException {
    return start(path, window, false);
  }

  private Start start(Path path, long window, boolean snapshots) throws InterruptedException {
    FaultyDisk disk = new FaultyDisk();
    Path slow = path.resolve("wal").resolve(String.format("%08d", segments(path) - 1));
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch mayGoOn = goOn;
    AtomicInteger readings = new AtomicInteger();
    disk.failReads(file -> {
      if (file.equals(slow) && readings.incrementAndGet() == 2) {
        reached.countDown();
        try {
          mayGoOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return false;
    });
    Database database = open(path, disk, window);
    if (snapshots) {
      database.useChunkSnapshots();
    }
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    return new Start(database, replay);
  }

  private record Start(Database database, Future<?> replay) {}

  private static Path mark(Path path) {
    return path.resolve(LateInWal.NAME);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everythingIsThereAsWithoutAStop(boolean withBlocks) throws Exception {
    Path path = folder.resolve("data");
    Database first = replayed(path);
    Database twin = replayed(folder.resolve("twin"));
    fill(first, 0, 90);
    fill(twin, 0, 90);
    if (withBlocks) {
      first.maintain();
      twin.maintain();
      assertThat(first.blockMetas()).isNotEmpty();
      fill(first, 90, 110);
      fill(twin, 90, 110);
    }
    int next = withBlocks ? 110 : 90;
    assertSame(first, twin);
    Path killed = killed(path, "killed");

    Start start = start(killed, WINDOW);
    Database database = start.database;
    fill(database, next, next + 50);
    fill(twin, next, next + 50);
    assertThat(database.isReady()).isFalse();
    assertThat(mark(killed)).hasContent(Integer.toString(segments(path)));
    Path killedAgain = killed(killed, "killed-again");
    goOn.countDown();
    start.replay.get();
    assertThat(database.isReady()).isTrue();
    assertThat(mark(killed)).doesNotExist();
    assertSame(database, twin);
    Path killedBehind = killed(killed, "killed-behind");

    // The start that was killed in its midst has left late samples in the log alone.
    assertThat(mark(killedAgain)).exists();
    Database again = replayed(killedAgain);
    assertSame(again, twin);
    assertThat(mark(killedAgain)).doesNotExist();
    assertSame(replayed(killedBehind), twin);

    for (Database each : List.of(database, again, twin)) {
      fill(each, next + 50, next + 100);
      each.maintain();
    }
    assertSame(database, twin);
    assertSame(again, twin);
    database.close();
    assertSame(replayed(killed), twin);
  }

  @Test
  void twoStartsInARowAreKilled() throws Exception {
    Path path = folder.resolve("data");
    Database twin = replayed(folder.resolve("twin"));
    fill(replayed(path), 0, 40);
    fill(twin, 0, 60);
    Path killed = killed(path, "killed");
    Start start = start(killed, WINDOW);
    fill(start.database, 40, 50);
    Path second = killed(killed, "second");
    Start again = start(second, WINDOW);
    fill(again.database, 50, 60);
    assertThat(mark(second)).hasContent(Integer.toString(segments(path)));
    Path third = killed(second, "third");
    assertSame(replayed(third), twin);
    goOn.countDown();
    start.replay.get();
    again.replay.get();
    assertSame(again.database, twin);
  }

  /** Lives that end in every way, with writing in each start, blocks and snapshots in between. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5, 6})
  void manyLives(int seed) throws Exception {
    Random random = new Random(seed);
    Path path = folder.resolve("life0");
    Database twin = replayed(folder.resolve("twin"));
    Database first = replayed(path);
    fill(first, 0, 30);
    fill(twin, 0, 30);
    first.close();
    int round = 30;
    for (int life = 1; life <= 8; life++) {
      goOn = new CountDownLatch(1);
      Start start = start(path, WINDOW, random.nextBoolean());
      int rounds = random.nextInt(25);
      fill(start.database, round, round + rounds);
      fill(twin, round, round + rounds);
      round += rounds;
      if (random.nextInt(3) == 0) {
        Path next = killed(path, "life" + life);
        goOn.countDown();
        start.replay.get();
        start.database.close();
        path = next;
        continue;
      }
      goOn.countDown();
      start.replay.get();
      assertSame(start.database, twin);
      fill(start.database, round, round + rounds);
      fill(twin, round, round + rounds);
      round += rounds;
      if (random.nextBoolean()) {
        start.database.maintain();
        assertSame(start.database, twin);
      }
      if (random.nextBoolean()) {
        path = killed(path, "life" + life);
      }
      start.database.close();
    }
    assertSame(replayed(path), twin);
  }

  @Test
  void aBatchThatIsOpenWhenTheReplayEndsIsJudgedByTheRows() throws Exception {
    Path path = folder.resolve("data");
    Database twin = replayed(folder.resolve("twin"));
    fill(replayed(path), 0, 40);
    fill(twin, 0, 40);
    Start start = start(killed(path, "killed"), WINDOW);
    AppendGroup group = start.database.group();
    Appender open = group.appender();
    long newest = T0 + 39L * STEP;
    add(open, A, newest - 3 * MINUTE - 1, 7);
    add(open, A, newest + STEP, 8);
    add(open, series("histogram", 0), newest + STEP, 3);
    assertThat(
            open.append(
                open.series(series("histogram", 1)),
                newest - 1,
                histograms.get(1).getFirst().histogram()))
        .isEqualTo(AppendResult.OK);
    goOn.countDown();
    start.replay.get();
    open.commit();
    group.close();
    assertThat(start.database.head().counters().outOfOrderHistograms.sum()).isZero();
    try (AppendGroup of = twin.group()) {
      Appender appender = of.appender();
      add(appender, A, newest - 3 * MINUTE - 1, 7);
      add(appender, A, newest + STEP, 8);
      add(appender, series("histogram", 0), newest + STEP, 3);
      appender.append(
          appender.series(series("histogram", 1)),
          newest - 1,
          histograms.get(1).getFirst().histogram());
      appender.commit();
    }
    assertSame(start.database, twin);
  }

  @Test
  void whatIsBehindTheWindowIsCountedAndLeftOut() throws Exception {
    Path path = folder.resolve("data");
    fill(replayed(path), 0, 40);
    Start start = start(killed(path, "killed"), 10 * MINUTE);
    Database database = start.database;
    long newest = T0 + 39L * STEP;
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      add(appender, A, newest - 9 * MINUTE, 7);
      add(appender, A, newest - 11 * MINUTE, 7);
      for (long behind : new long[] {1, 9 * MINUTE, 11 * MINUTE}) {
        appender.append(
            appender.series(series("histogram", 0)),
            newest - behind,
            histograms.get(1).get(0).histogram());
      }
      appender.commit();
    }
    goOn.countDown();
    start.replay.get();
    assertThat(database.head().outOfOrder().counters().floatsAppended.sum()).isEqualTo(1);
    assertThat(database.head().outOfOrder().counters().floatsTooOld.sum()).isEqualTo(1);
    assertThat(database.head().outOfOrder().counters().histogramsAppended.sum()).isEqualTo(2);
    assertThat(database.head().outOfOrder().counters().histogramsTooOld.sum()).isEqualTo(1);
  }

  /** A sender with an hour's old samples of a new series, or a clock that is wrong. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatIsFarBehindTheHeadIsNotAppended(boolean empty) throws Exception {
    Path path = folder.resolve("data");
    Database first = open(path, Disk.SYSTEM, 0);
    first.replay();
    if (!empty) {
      fillFloats(first);
    }
    Path killed = killed(path, "killed");
    Start start = start(killed, 0);
    try (AppendGroup group = start.database.group()) {
      Appender appender = group.appender();
      add(appender, A, T0 + 40L * STEP, 40);
      add(appender, series("new", 0), T0 - RANGE, 7);
      add(appender, series("new", 1), T0 + 30L * STEP, 8);
      appender.commit();
    }
    goOn.countDown();
    start.replay.get();
    assertThat(samples(start.database))
        .containsKey(series("new", 1))
        .doesNotContainKey(series("new", 0));
    assertThat(start.database.head().counters().outOfBoundSamples.sum()).isEqualTo(1);
    assertThat(start.database.head().minTime()).isGreaterThanOrEqualTo(T0);
  }

  private static void fillFloats(Database database) {
    try (AppendGroup group = database.group()) {
      for (int r = 0; r < 40; r++) {
        Appender appender = group.appender();
        add(appender, A, T0 + (long) r * STEP, r);
        appender.commit();
      }
    }
  }

  @Test
  void withoutAWindowLateSamplesAreCountedAndLeftOut() throws Exception {
    Path path = folder.resolve("data");
    Database first = open(path, Disk.SYSTEM, 0);
    first.replay();
    fillFloats(first);
    Map<Labels, List<String>> before = samples(first);
    Path killed = killed(path, "killed");
    Start start = start(killed, 0);
    assertThat(mark(killed)).doesNotExist();
    try (AppendGroup group = start.database.group()) {
      Appender appender = group.appender();
      add(appender, A, T0 + 8 * MINUTE + 1, 7);
      add(appender, A, T0 + MINUTE + 1, 7); // further back than half a block's range
      for (long behind : new long[] {8 * MINUTE + 2, MINUTE + 2}) {
        SpanHistogram histogram = histograms.getFirst().getFirst().histogram();
        assertThat(appender.append(appender.series(A), T0 + behind, histogram))
            .isEqualTo(AppendResult.OK);
      }
      appender.commit();
    }
    goOn.countDown();
    start.replay.get();
    assertThat(samples(start.database)).isEqualTo(before);
    assertThat(start.database.head().counters().outOfOrderSamples.sum()).isEqualTo(1);
    assertThat(start.database.head().counters().outOfOrderHistograms.sum()).isEqualTo(1);
    assertThat(start.database.head().counters().outOfBoundSamples.sum()).isEqualTo(1);
    assertThat(start.database.head().counters().outOfBoundHistograms.sum()).isEqualTo(1);
    assertThat(killed.resolve("wbl")).doesNotExist();
  }

  /** A kill between the move and the removal of the mark, or a mark that cannot be removed. */
  @Test
  void whatIsMovedTwiceIsThereOnce() throws Exception {
    Path path = folder.resolve("data");
    Database twin = replayed(folder.resolve("twin"));
    fill(replayed(path), 0, 40);
    Path killed = killed(path, "killed");
    Start start = start(killed, WINDOW);
    fill(start.database, 40, 240);
    fill(twin, 0, 240);
    goOn.countDown();
    start.replay.get();
    assertSame(start.database, twin);
    start.database.maintain();
    Path again = killed(killed, "again");
    Files.writeString(mark(again), Integer.toString(segments(path)));
    Database third = replayed(again);
    assertSame(third, twin);
    third.maintain();
    assertSame(third, twin);
    third.close();
    assertSame(replayed(again), twin);
  }

  @Test
  void anUnreadableMarkDoesNotPreventTheStart() throws IOException {
    Path path = folder.resolve("data");
    Database twin = replayed(folder.resolve("twin"));
    Database first = replayed(path);
    fill(first, 0, 20);
    fill(twin, 0, 20);
    first.close();
    Files.writeString(mark(path), "7x");
    assertSame(replayed(path), twin);
    assertThat(mark(path)).doesNotExist();
  }

  /** Everything that a head has in memory alone is in a snapshot, or in a log that is read too. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aSnapshotHasAllKinds(boolean withBlocks) throws IOException {
    Path path = folder.resolve("data");
    Database twin = replayed(folder.resolve("twin"));
    Database database = withSnapshots(path);
    for (Database each : List.of(database, twin)) {
      fill(each, 0, 90);
      if (withBlocks) {
        each.maintain();
        fill(each, 90, 110);
      }
    }
    int next = withBlocks ? 110 : 90;
    database.close();
    try (Stream<Path> files = Files.list(path)) {
      assertThat(files.filter(f -> String.valueOf(f.getFileName()).startsWith("chunk_snapshot.")))
          .hasSize(1);
    }
    // Proof that the log is not what was read: its samples are broken.
    Path segment = path.resolve("wal").resolve(String.format("%08d", segments(path) - 1));
    byte[] bytes = Files.readAllBytes(segment);
    bytes[bytes.length / 2] ^= 0x55;
    Files.write(segment, bytes);

    Database again = withSnapshots(path);
    assertThat(again.counters().failedSnapshotReplays.sum()).isZero();
    assertThat(again.counters().walCorruptions.sum()).isZero();
    assertSame(again, twin);
    fill(again, next, next + 50);
    fill(twin, next, next + 50);
    assertSame(again, twin);
    again.close();
    assertSame(withSnapshots(path), twin);
  }
}
