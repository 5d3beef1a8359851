package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
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
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is written while the log of the process before is still being replayed. */
class StartTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withWal(WalCompression.SNAPPY, 1 << 15)
          .withCheckMemory(true);

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock(T0);
  private final List<Database> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final CountDownLatch goOn = new CountDownLatch(1);

  @AfterEach
  void close() throws InterruptedException {
    goOn.countDown();
    opened.forEach(Database::close);
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  private Database open(Path path, Disk disk) {
    return open(path, disk, OPTIONS);
  }

  private Database open(Path path, Disk disk, DatabaseOptions options) {
    Database database = Database.open(path, options, disk, clock, new PrometheusRegistry());
    opened.add(database);
    return database;
  }

  private Database replayed(Path path) {
    Database database = open(path, Disk.SYSTEM);
    database.replay();
    return database;
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private static void fill(
      Database database, long from, int rounds, int series, Map<Labels, List<String>> expected) {
    try (AppendGroup group = database.group()) {
      for (int r = 0; r < rounds; r++) {
        Appender appender = group.appender();
        long time = from + (long) r * STEP;
        for (int i = 0; i < series; i++) {
          double value = r * 0.1 + i;
          assertThat(appender.append(appender.series(series(i)), time, value))
              .isEqualTo(AppendResult.OK);
          expected.computeIfAbsent(series(i), k -> new ArrayList<>()).add(time + "=" + value);
        }
        appender.commit();
      }
    }
  }

  /** A directory that was killed with 50 rounds of 100 series. */
  private Path filledAndKilled(Map<Labels, List<String>> expected) throws IOException {
    Path path = folder.resolve("data");
    fill(replayed(path), T0, 50, 100, expected);
    return killed(path, "killed");
  }

  private static Map<Labels, List<String>> samples(Database database) {
    return PrometheusTest.samples(database, 0, Long.MAX_VALUE);
  }

  /** What a process that is killed now leaves behind. */
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

  /** A disk on which the second reading of the log, that of the samples, stops at a segment. */
  private FaultyDisk slowDisk(Path path, int segment, CountDownLatch reached) {
    FaultyDisk disk = new FaultyDisk();
    Path slow = path.resolve("wal").resolve(String.format("%08d", segment));
    AtomicInteger readings = new AtomicInteger();
    disk.failReads(file -> {
      if (file.equals(slow) && readings.incrementAndGet() == 2) {
        reached.countDown();
        try {
          goOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return false;
    });
    return disk;
  }

  private static List<Long> seriesRecords(Path path, int fromSegment) {
    List<Long> refs = new ArrayList<>();
    WalHandler handler =
        new WalHandler() {
          @Override
          public boolean wants(int type) {
            return type == RecordType.SERIES;
          }

          @Override
          public void series(long ref, byte[] bytes, int from, int length) {
            refs.add(ref);
          }

          @Override
          public void samples(long[] all, long[] timestamps, double[] values, int n) {
            throw new AssertionError();
          }

          @Override
          public void tombstone(long ref, long minTime, long maxTime) {
            throw new AssertionError();
          }
        };
    List<WalDirectory.Segment> segments =
        new WalDirectory(Disk.SYSTEM, path.resolve("wal"))
            .segments().stream().filter(s -> s.number() >= fromSegment).toList();
    try (WalReader reader = new WalReader(Disk.SYSTEM, segments)) {
      assertThat(reader.readAll(new WalDecoder(), handler)).isNull();
    }
    return refs;
  }

  private static int segments(Path path) {
    return new WalDirectory(Disk.SYSTEM, path.resolve("wal")).segments().size();
  }

  @ParameterizedTest
  @EnumSource(WalCompression.class)
  void samplesOfARunningReplayAreThereBehindTheOldOnes(WalCompression compression)
      throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    DatabaseOptions options = OPTIONS.withWal(compression, 1 << 15);
    Database first = open(path, Disk.SYSTEM, options);
    first.replay();
    fill(first, T0, 50, 200, expected);
    Path killed = killed(path, "killed");
    int own = segments(killed);
    assertThat(own).isGreaterThan(1);

    CountDownLatch reached = new CountDownLatch(1);
    Database database = open(killed, slowDisk(killed, own - 1, reached), options);
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    fill(database, T0 + 50L * STEP, 30, 230, expected);
    assertThat(database.isReady()).isFalse();
    assertThatThrownBy(() -> database.querier(0, 1)).hasMessage(Database.NOT_READY);
    assertThat(database.replayProgress().max()).isEqualTo(own - 1);
    Path killedAgain = killed(killed, "killed-again");
    // A batch that is open while the replay ends.
    AppendGroup group = database.group();
    Appender open = group.appender();
    long late = T0 + 80L * STEP;
    open.append(open.series(series(0)), late, 7);
    long fresh = open.series(series(500));
    goOn.countDown();
    replay.get();
    assertThat(database.isReady()).isTrue();
    assertThat(samples(database)).isEqualTo(expected);
    open.append(fresh, late, 8);
    open.commit();
    group.close();
    expected.computeIfAbsent(series(500), k -> new ArrayList<>()).add(late + "=8.0");
    expected.getOrDefault(series(0), List.of()).add(late + "=7.0");
    assertThat(samples(database)).isEqualTo(expected);
    // 200 series kept their references, the others got theirs once.
    assertThat(seriesRecords(killed, own)).hasSize(31).doesNotHaveDuplicates();
    assertThat(seriesRecords(killed, 0)).hasSize(231).doesNotHaveDuplicates();

    fill(database, late + STEP, 30, 231, expected);
    assertThat(samples(database)).isEqualTo(expected);
    database.maintain();
    assertThat(database.blockMetas()).isNotEmpty();
    assertThat(samples(database)).isEqualTo(expected);
    database.close();
    assertThat(samples(replayed(killed))).isEqualTo(expected);

    expected.replaceAll((labels, list) ->
        list.stream()
            .filter(sample -> Long.parseLong(sample.substring(0, sample.indexOf('='))) < late)
            .toList());
    expected.values().removeIf(List::isEmpty);
    assertThat(samples(replayed(killedAgain))).isEqualTo(expected);
  }

  @Test
  void samplesThatAreThereAlreadyAreLeftOut() throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    fill(replayed(path), T0, 10, 3, expected);
    Path killed = killed(path, "killed");
    CountDownLatch reached = new CountDownLatch(1);
    Database database = open(killed, slowDisk(killed, 0, reached));
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    // A sender that got no answer from the killed process sends again, and goes on.
    fill(database, T0 + 8L * STEP, 2, 3, new TreeMap<>());
    fill(database, T0 + 10L * STEP, 2, 3, expected);
    goOn.countDown();
    replay.get();
    assertThat(samples(database)).isEqualTo(expected);
  }

  @Test
  void samplesThatBlocksHaveAreRefusedAtOnce() throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    Database first = replayed(path);
    fill(first, T0, 120, 3, expected);
    first.maintain();
    assertThat(first.blockMetas()).isNotEmpty();
    Path killed = killed(path, "killed");
    int last = segments(killed) - 1;
    CountDownLatch reached = new CountDownLatch(1);
    Database database = open(killed, slowDisk(killed, last, reached));
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      assertThat(appender.append(appender.series(series(0)), T0, 1))
          .isEqualTo(AppendResult.OUT_OF_BOUNDS);
      appender.rollback();
    }
    goOn.countDown();
    replay.get();
    assertThat(samples(database)).isEqualTo(expected);
  }

  @Test
  void aStopDuringTheReplayLosesNothing() throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path killed = filledAndKilled(expected);
    CountDownLatch reached = new CountDownLatch(1);
    Database database = open(killed, slowDisk(killed, 0, reached));
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    fill(database, T0 + 50L * STEP, 5, 100, expected);
    Thread close = Thread.ofPlatform().start(database::close);
    while (close.getState() != Thread.State.WAITING) {
      Thread.onSpinWait(); // until it waits for the replay, which knows of it then
    }
    goOn.countDown();
    close.join();
    assertThatThrownBy(replay::get)
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(StorageException.class)
        .hasMessageContaining("the database is closed");
    assertThat(samples(replayed(killed))).isEqualTo(expected);
  }

  @Test
  void whoWaitsForAReplayThatDoesNotComeIsSentAway() throws Exception {
    Database database = open(folder.resolve("data"), Disk.SYSTEM);
    AppendGroup group = database.group();
    Future<Appender> waiting = threads.submit(group::appender);
    database.close();
    assertThatThrownBy(waiting::get)
        .hasCauseInstanceOf(StorageException.class)
        .hasMessageContaining("the database is closed");
    group.close();
    assertThatThrownBy(database::replay).hasMessage("the database is closed");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aFailedReplaySendsWritersAwayAndLeavesTheLogAsItIs(boolean begun) throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path killed = filledAndKilled(expected);
    FaultyDisk disk = new FaultyDisk();
    Database database = open(killed, disk);
    disk.failReads(file -> file.endsWith("00000001"));
    if (begun) {
      database.beginReplay();
    }
    AppendGroup group = database.group();
    Future<Appender> waiting = threads.submit(group::appender);
    assertThatThrownBy(database::replay)
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("Input/output error");
    assertThatThrownBy(waiting::get).hasCauseInstanceOf(StorageException.class);
    group.close();
    disk.heal();
    database.close();
    assertThat(samples(replayed(killed))).isEqualTo(expected);
  }

  @Test
  void aReplayThatHasBegunGoesOn() throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path killed = filledAndKilled(expected);
    Database database = open(killed, Disk.SYSTEM);
    database.beginReplay();
    Future<?> writer = threads.submit(() -> fill(database, T0 + 50L * STEP, 5, 120, expected));
    database.replay();
    writer.get();
    assertThat(samples(database)).isEqualTo(expected);
  }

  @Test
  void whoClosesAReplayThatHasBegunLosesNothing() throws Exception {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path killed = filledAndKilled(expected);
    Database database = open(killed, Disk.SYSTEM);
    database.beginReplay();
    database.close();
    assertThat(Thread.getAllStackTraces().keySet())
        .extracting(Thread::getName)
        .doesNotContain("replay-series");
    assertThatThrownBy(database::replay).hasMessage("the database is closed");
    assertThat(samples(replayed(killed))).isEqualTo(expected);
  }

  /** Writers that do not care whether a replay is going on, over several kills. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void writersNeverStop(int seed) throws Exception {
    Random random = new Random(seed);
    int writers = 3;
    List<Map<Labels, List<String>>> acknowledged = new ArrayList<>();
    int[] next = new int[writers];
    for (int w = 0; w < writers; w++) {
      acknowledged.add(new TreeMap<>());
    }
    Path path = folder.resolve("start0");
    for (int life = 1; life <= 6; life++) {
      Database database = open(path, Disk.SYSTEM);
      AtomicBoolean stop = new AtomicBoolean();
      List<Future<?>> writing = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int writer = w;
        writing.add(
            threads.submit(() -> {
              try (AppendGroup group = database.group()) {
                while (!stop.get()) {
                  Appender appender = group.appender();
                  int round = next[writer]++;
                  long time = T0 + round * 100L;
                  for (int i = 0; i < 20 + round / 200; i++) {
                    Labels labels = Labels.of("__name__", "w" + writer, "i", Integer.toString(i));
                    assertThat(appender.append(appender.series(labels), time, i))
                        .isEqualTo(AppendResult.OK);
                    acknowledged
                        .get(writer)
                        .computeIfAbsent(labels, k -> new ArrayList<>())
                        .add(time + "=" + (double) i);
                  }
                  appender.commit();
                }
              }
            }));
      }
      database.replay();
      if (random.nextBoolean()) {
        database.maintain();
      }
      TimeUnit.MILLISECONDS.sleep(random.nextInt(150));
      stop.set(true);
      for (Future<?> one : writing) {
        one.get();
      }
      Map<Labels, List<String>> expected = new TreeMap<>();
      acknowledged.forEach(expected::putAll);
      assertThat(samples(database)).isEqualTo(expected);
      path = killed(path, "start" + life);
      if (random.nextInt(3) == 0) {
        database.maintain();
      }
      database.close();
    }
    Map<Labels, List<String>> expected = new TreeMap<>();
    acknowledged.forEach(expected::putAll);
    Database last = replayed(path);
    assertThat(samples(last)).isEqualTo(expected);
    assertThat(seriesRecords(path, 0)).doesNotHaveDuplicates();
  }

  private enum Stop {
    CLEAN,
    KILLED
  }

  private Database withSnapshots(Path path) {
    Database database = open(path, Disk.SYSTEM);
    database.useChunkSnapshots();
    database.replay();
    return database;
  }

  private static List<Path> snapshots(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).startsWith("chunk_snapshot."))
          .toList();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 0x55;
    Files.write(file, bytes);
  }

  @ParameterizedTest
  @EnumSource(Stop.class)
  void aSnapshotTakesThePlaceOfTheLog(Stop stop) throws IOException {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    Database database = withSnapshots(path);
    fill(database, T0, 39, 100, expected);
    database.close();
    assertThat(snapshots(path)).hasSize(1);
    Map<Labels, List<String>> before = new TreeMap<>();
    expected.forEach((labels, list) -> before.put(labels, List.copyOf(list)));
    // What the snapshot stands for is not read again: a broken sample there is not noticed.
    flip(path.resolve("wal/00000000"), Files.size(path.resolve("wal/00000000")) / 2);

    Database again = withSnapshots(path);
    assertThat(samples(again)).isEqualTo(before);
    assertThat(again.counters().walCorruptions.sum()).isZero();
    fill(again, T0 + 39L * STEP, 5, 110, expected);
    if (stop == Stop.CLEAN) {
      again.close();
      assertThat(snapshots(path)).hasSize(1);
    } else {
      again.maintain();
      path = killed(path, "killed");
    }
    Database third = withSnapshots(path);
    assertThat(samples(third)).isEqualTo(expected);
    assertThat(third.counters().walCorruptions.sum()).isZero();
    assertThat(third.counters().failedSnapshotReplays.sum()).isZero();
    third.close();
    // Who does not look at snapshots finds the broken record.
    assertThat(replayed(path).counters().walCorruptions.sum()).isEqualTo(1);
  }

  @Test
  void aSnapshotIsOfNoUseBesideRepairedChunkFiles() throws IOException {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    Database database = withSnapshots(path);
    fill(database, T0, 45, 100, expected);
    database.close();
    assertThat(snapshots(path)).hasSize(1);
    Path chunks = path.resolve("chunks_head/000001");
    flip(chunks, Files.size(chunks) / 2);
    Database again = withSnapshots(path);
    assertThat(again.counters().headChunkCorruptions.sum()).isEqualTo(1);
    assertThat(samples(again)).isEqualTo(expected);
    // What was in the files is in memory alone now.
    Path killed = killed(path, "killed");
    assertThat(snapshots(killed)).isEmpty();
    assertThat(samples(withSnapshots(killed))).isEqualTo(expected);
  }

  @Test
  void aBrokenSnapshotCostsTimeOnly() throws IOException {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    Database database = withSnapshots(path);
    fill(database, T0, 100, 500, expected);
    database.close();
    Path segment = snapshots(path).getFirst().resolve("00000000");
    flip(segment, Files.size(segment) / 2);
    Database again = withSnapshots(path);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
  }

  @Test
  void deletionsAreInASnapshot() {
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("data");
    Database database = withSnapshots(path);
    fill(database, T0, 20, 5, expected);
    database.delete(
        T0 + 3L * STEP, T0 + 6L * STEP, List.of(io.narthex.model.labels.Matcher.equal("i", "2")));
    Map<Labels, List<String>> before = samples(database);
    assertThat(before.get(series(2))).hasSize(16);
    database.close();
    assertThat(samples(withSnapshots(path))).isEqualTo(before);
  }

  /** Lives with and without snapshots, ended in either way, blocks cut in between. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void snapshotsOldAndNewNeverChangeWhatIsThere(int seed) throws IOException {
    Random random = new Random(seed);
    Map<Labels, List<String>> expected = new TreeMap<>();
    Path path = folder.resolve("start0");
    int round = 0;
    for (int life = 1; life <= 16; life++) {
      Database database = random.nextInt(3) > 0 ? withSnapshots(path) : replayed(path);
      assertThat(samples(database)).describedAs("life %d", life).isEqualTo(expected);
      int rounds = random.nextInt(25);
      fill(database, T0 + (long) round * STEP, rounds, 20 + random.nextInt(30), expected);
      round += rounds;
      if (random.nextBoolean()) {
        database.maintain();
      }
      if (random.nextBoolean()) {
        database.close();
      } else {
        path = killed(path, "start" + life);
        database.close();
      }
    }
    assertThat(samples(withSnapshots(path))).isEqualTo(expected);
  }
}
