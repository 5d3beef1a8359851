package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockChunks;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.RecordTypes;
import io.narthex.tsdb.wal.WalCompression;
import io.narthex.tsdb.wal.WalDirectory;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
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

/** Start timestamps through the doors of a database, and what flags make of them. */
class StartTimestampsTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 15_000;
  private static final SampleForms ALL = new SampleForms(true, true, true);
  private static final Labels FLOAT = Labels.of("__name__", "float");
  private static final Labels WHOLE = Labels.of("__name__", "whole");
  private static final Labels FLOATS = Labels.of("__name__", "floats");

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock(T0);
  private final List<Database> opened = new ArrayList<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final List<HistogramSeries.Sample> whole =
      HistogramSeries.random(new Random(5), T0, false);
  private final List<HistogramSeries.Sample> floats =
      HistogramSeries.random(new Random(6), T0, true);

  @AfterEach
  void close() throws InterruptedException {
    opened.forEach(Database::close);
    threads.shutdown();
    assertThat(threads.awaitTermination(1, TimeUnit.MINUTES)).isTrue();
  }

  private Database open(Path path, SampleForms forms, Disk disk) {
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(RANGE)
            .withRetentionMillis(0)
            .withSamplesPerChunk(20)
            .withWal(WalCompression.NONE, 1 << 15)
            .withForms(forms)
            .withCheckMemory(true);
    Database database = Database.open(path, options, disk, clock, new PrometheusRegistry());
    opened.add(database);
    return database;
  }

  private Database open(Path path, SampleForms forms) {
    Database database = open(path, forms, Disk.SYSTEM);
    database.replay();
    return database;
  }

  /** Rounds of scrapes of a counter and two histograms, which began anew every 50th round. */
  private void fill(Database database, int fromRound, int toRound, boolean withStarts) {
    try (AppendGroup group = database.group()) {
      for (int r = fromRound; r < toRound; r++) {
        Appender appender = group.appender();
        long time = time(r);
        long start = withStarts ? start(r) : 0;
        SpanHistogram a = whole.get(r % whole.size()).histogram();
        SpanHistogram b = floats.get(r % floats.size()).histogram();
        if (withStarts) {
          ok(appender.appendStarted(appender.series(FLOAT), start, time, r));
          ok(appender.appendStarted(appender.series(WHOLE), start, time, a));
          ok(appender.appendStarted(appender.series(FLOATS), start, time, b));
        } else {
          ok(appender.append(appender.series(FLOAT), time, r));
          ok(appender.append(appender.series(WHOLE), time, a));
          ok(appender.append(appender.series(FLOATS), time, b));
        }
        appender.commit();
      }
    }
  }

  private static long time(int round) {
    return T0 + (long) round * STEP;
  }

  private static long start(int round) {
    return T0 + round / 50 * 50L * STEP - 7;
  }

  private static void ok(AppendResult result) {
    assertThat(result).isEqualTo(AppendResult.OK);
  }

  /** What {@link #fill} wrote. */
  private Map<Labels, TreeMap<Long, String>> expected(
      int rounds, boolean floatStarts, boolean histogramStarts) {
    TreeMap<Long, String> one = new TreeMap<>();
    TreeMap<Long, String> two = new TreeMap<>();
    TreeMap<Long, String> three = new TreeMap<>();
    for (int r = 0; r < rounds; r++) {
      long ofHistogram = histogramStarts ? start(r) : 0;
      SpanHistogram a = whole.get(r % whole.size()).histogram();
      SpanHistogram b = floats.get(r % floats.size()).histogram();
      one.put(time(r), StartedText.line(floatStarts ? start(r) : 0, r));
      two.put(time(r), StartedText.line(ofHistogram, a.sum(), a.count()));
      three.put(
          time(r), StartedText.line(ofHistogram, b.sum(), Double.longBitsToDouble(b.count())));
    }
    return new TreeMap<>(Map.of(FLOAT, one, WHOLE, two, FLOATS, three));
  }

  private static TreeMap<Long, String> of(
      Map<Labels, TreeMap<Long, String>> samples, Labels labels) {
    return Objects.requireNonNull(samples.get(labels));
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

  private static List<Path> blocks(Path path) throws IOException {
    try (Stream<Path> all = Files.list(path)) {
      // Not by their names, which are by chance.
      return all.filter(file -> Files.exists(file.resolve("meta.json")))
          .sorted(Comparator.comparingLong(StartTimestampsTest::minTime))
          .toList();
    }
  }

  private static long minTime(Path block) {
    try (Block opened = Block.open(Disk.SYSTEM, block)) {
      return opened.meta().minTime();
    }
  }

  /** The encodings of the chunks of all blocks, by series. */
  private static Map<Labels, Set<String>> encodings(Path path) throws IOException {
    Map<Labels, Set<String>> all = new TreeMap<>();
    for (Path each : blocks(path)) {
      try (Block block = Block.open(Disk.SYSTEM, each)) {
        BlockChunks.lines(block)
            .forEach((labels, lines) ->
                lines.forEach(line ->
                    all.computeIfAbsent(labels, l -> new TreeSet<>()).add(line.split(" ", 4)[2])));
      }
    }
    return all;
  }

  @Test
  void theyStayInLogHeadFilesAndBlocks() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    fill(database, 0, 130, true);
    Map<Labels, TreeMap<Long, String>> all = expected(130, true, true);
    assertThat(StartedText.samples(database)).isEqualTo(all);
    // Some chunks are in files, some in memory, none in blocks.
    assertThat(StartedText.samples(open(killed(path, "killed"), ALL))).isEqualTo(all);

    database.maintain();
    assertThat(blocks(path)).isNotEmpty();
    assertThat(encodings(path))
        .isEqualTo(Map.of(FLOAT, Set.of("4"), WHOLE, Set.of("5"), FLOATS, Set.of("6")));
    assertThat(StartedText.samples(database)).isEqualTo(all);
    assertThat(StartedText.samples(open(killed(path, "killed-again"), ALL))).isEqualTo(all);
    database.close();
    assertThat(StartedText.samples(open(path, ALL))).isEqualTo(all);
  }

  @Test
  void blocksAreMergedWithThem() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    int rounds = 40 * 12;
    for (int r = 0; r < rounds; r += 40) {
      fill(database, r, r + 40, true);
      database.maintain();
    }
    assertThat(database.blockMetas()).anyMatch(meta -> meta.contains("\"level\": 2"));
    assertThat(encodings(path))
        .isEqualTo(Map.of(FLOAT, Set.of("4"), WHOLE, Set.of("5"), FLOATS, Set.of("6")));
    assertThat(StartedText.samples(database)).isEqualTo(expected(rounds, true, true));
  }

  @Test
  void theLogHasRecordsOfTheSecondFormAlone() {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    fill(database, 0, 10, true);
    fill(database, 10, 20, false); // without a start too: upstream asks the flag, not the samples
    database.close();
    assertThat(RecordTypes.of(path.resolve("wal")))
        .containsExactlyInAnyOrder(
            RecordType.SERIES,
            RecordType.SAMPLES_V2,
            RecordType.HISTOGRAM_SAMPLES_V2,
            RecordType.FLOAT_HISTOGRAM_SAMPLES_V2);
  }

  @Test
  void withoutTheFlagNotAByteIsAnother() throws IOException {
    Path with = folder.resolve("with");
    Path without = folder.resolve("without");
    for (Path path : List.of(with, without)) {
      Database database = open(path, SampleForms.DEFAULT);
      fill(database, 0, 130, path == with);
      assertThat(StartedText.samples(database)).isEqualTo(expected(130, false, false));
      database.maintain();
      fill(database, 130, 140, path == with);
      database.close();
    }
    for (String part : List.of("wal", "chunks_head")) {
      List<Path> files;
      try (Stream<Path> all = Files.walk(with.resolve(part))) {
        files = all.filter(Files::isRegularFile).toList();
      }
      assertThat(files).isNotEmpty();
      for (Path file : files) {
        assertThat(without.resolve(with.relativize(file))).hasSameBinaryContentAs(file);
      }
    }
    List<Path> ofOne = blocks(with);
    List<Path> ofOther = blocks(without);
    assertThat(ofOne).isNotEmpty().hasSameSizeAs(ofOther);
    for (int i = 0; i < ofOne.size(); i++) {
      for (String file : List.of("index", "chunks/000001")) {
        assertThat(ofOne.get(i).resolve(file)).hasSameBinaryContentAs(ofOther.get(i).resolve(file));
      }
    }
  }

  @Test
  void histogramsKeepNoneInChunksWithoutAPlaceForThem() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, new SampleForms(true, true, false));
    fill(database, 0, 130, true);
    assertThat(StartedText.samples(database)).isEqualTo(expected(130, true, false));
    Path killed = killed(path, "killed");
    database.maintain();
    assertThat(encodings(path))
        .isEqualTo(Map.of(FLOAT, Set.of("4"), WHOLE, Set.of("2"), FLOATS, Set.of("3")));
    assertThat(StartedText.samples(database)).isEqualTo(expected(130, true, false));

    // The log has them: who turns the encoding on gets those of what only the log has.
    Map<Labels, TreeMap<Long, String>> later = StartedText.samples(open(killed, ALL));
    assertThat(of(later, WHOLE).lastEntry().getValue()).startsWith("@" + start(129) + " ");
    assertThat(later.get(FLOAT)).isEqualTo(expected(130, true, true).get(FLOAT));
  }

  @Test
  void whoTurnsThemOffKeepsWhatChunksHave() {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    fill(database, 0, 130, true);
    database.maintain();
    database.close();
    Database plain = open(path, SampleForms.DEFAULT);
    fill(plain, 130, 140, true);
    Map<Labels, TreeMap<Long, String>> found = StartedText.samples(plain);
    Map<Labels, TreeMap<Long, String>> all = expected(140, true, true);
    Map<Labels, TreeMap<Long, String>> bare = expected(140, false, false);
    for (Labels labels : all.keySet()) {
      TreeMap<Long, String> have = of(found, labels);
      assertThat(have.keySet()).isEqualTo(of(all, labels).keySet());
      // In blocks and files they are there, what is newer has none.
      assertThat(have.headMap(T0 + RANGE)).isEqualTo(of(all, labels).headMap(T0 + RANGE));
      assertThat(have.tailMap(time(130))).isEqualTo(of(bare, labels).tailMap(time(130)));
    }
  }

  @Test
  void samplesOfAStartKeepThem() throws Exception {
    Path path = folder.resolve("data");
    fill(open(path, ALL), 0, 60, true);
    Path killed = killed(path, "killed");
    int last = new WalDirectory(Disk.SYSTEM, killed.resolve("wal")).segments().getLast().number();
    Path slow = killed.resolve("wal").resolve(String.format("%08d", last));
    CountDownLatch reached = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger readings = new AtomicInteger();
    FaultyDisk disk = new FaultyDisk();
    disk.failReads(file -> {
      // First the series are read, then the samples.
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
    Database database = open(killed, ALL, disk);
    Future<?> replay = threads.submit(database::replay);
    assertThat(reached.await(1, TimeUnit.MINUTES)).isTrue();
    fill(database, 60, 120, true);
    assertThat(database.isReady()).isFalse();
    Path again = killed(killed, "killed-again");
    goOn.countDown();
    replay.get();
    assertThat(StartedText.samples(database)).isEqualTo(expected(120, true, true));
    assertThat(StartedText.samples(open(again, ALL))).isEqualTo(expected(120, true, true));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void deletionLeavesTheOthersTheirs(boolean inBlock) {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    fill(database, 0, 130, true);
    if (inBlock) {
      database.maintain();
    }
    database.delete(time(15), time(17), List.of(Matcher.equal("__name__", "float")));
    if (!inBlock) {
      database.maintain();
    }
    Map<Labels, TreeMap<Long, String>> all = expected(130, true, true);
    of(all, FLOAT).subMap(time(15), true, time(17), true).clear();
    assertThat(StartedText.samples(database)).isEqualTo(all);
    database.cleanTombstones();
    assertThat(StartedText.samples(database)).isEqualTo(all);
  }

  @Test
  void theEncodingOfFloatsChangesWithTheNextChunk() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, SampleForms.DEFAULT);
    fill(database, 0, 10, true);
    database.floatChunks(true);
    fill(database, 10, 60, true);
    database.floatChunks(false);
    fill(database, 60, 130, true);
    assertThat(StartedText.samples(database)).isEqualTo(expected(130, false, false));
    Path killed = killed(path, "killed");
    database.maintain();
    assertThat(encodings(path).get(FLOAT)).containsExactly("1", "4");
    assertThat(StartedText.samples(database)).isEqualTo(expected(130, false, false));
    assertThat(StartedText.samples(open(killed, SampleForms.DEFAULT)))
        .isEqualTo(expected(130, false, false));
  }

  @Test
  void aLongBatchMayBeginWithThem() {
    Database database = open(folder.resolve("data"), ALL);
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      for (int i = 0; i < 1000; i++) {
        long handle = appender.series(Labels.of("__name__", "m", "i", Integer.toString(i)));
        ok(
            i < 3
                ? appender.appendStarted(handle, T0 - i - 1, T0, i)
                : appender.append(handle, T0, i));
      }
      appender.commit();
    }
    Map<Labels, TreeMap<Long, String>> all = StartedText.samples(database);
    for (int i = 0; i < 1000; i++) {
      assertThat(of(all, Labels.of("__name__", "m", "i", Integer.toString(i))))
          .containsExactlyEntriesOf(Map.of(T0, StartedText.line(i < 3 ? T0 - i - 1 : 0, i)));
    }
  }

  /** Every third round comes late, behind all others. */
  private void fillWithLate(Database database, int rounds) {
    for (int r = 0; r < rounds; r++) {
      if (r % 3 != 1) {
        fill(database, r, r + 1, true);
      }
    }
    for (int r = 1; r < rounds; r += 3) {
      fill(database, r, r + 1, true);
    }
  }

  @Test
  void lateSamplesKeepThem() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, ALL);
    database.outOfOrderWindow(6 * RANGE);
    int rounds = 130;
    fillWithLate(database, rounds);
    Map<Labels, TreeMap<Long, String>> all = expected(rounds, true, true);
    assertThat(StartedText.samples(database)).isEqualTo(all);
    assertThat(RecordTypes.of(path.resolve("wbl")))
        .containsExactlyInAnyOrder(
            RecordType.MMAP_MARKERS,
            RecordType.SAMPLES_V2,
            RecordType.HISTOGRAM_SAMPLES_V2,
            RecordType.FLOAT_HISTOGRAM_SAMPLES_V2);
    assertThat(StartedText.samples(open(killed(path, "killed"), ALL))).isEqualTo(all);
    database.maintain();
    assertThat(StartedText.samples(database)).isEqualTo(all);
    assertThat(blocks(path)).isNotEmpty();
    assertThat(encodings(path))
        .isEqualTo(Map.of(FLOAT, Set.of("4"), WHOLE, Set.of("5"), FLOATS, Set.of("6")));
    database.close();
    assertThat(StartedText.samples(open(path, ALL))).isEqualTo(all);
  }

  @Test
  void whatIsEncodedAnewHasTheUsualEncodingToo() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path, new SampleForms(false, true, true));
    database.outOfOrderWindow(6 * RANGE);
    fillWithLate(database, 130);
    database.maintain();
    assertThat(database.blockMetas()).anyMatch(meta -> meta.contains("\"parents\""));
    assertThat(encodings(path))
        .isEqualTo(Map.of(FLOAT, Set.of("4"), WHOLE, Set.of("5"), FLOATS, Set.of("6")));
    assertThat(StartedText.samples(database)).isEqualTo(expected(130, false, false));
  }

  @Test
  void plainChunksOfFloatsAreRefusedWithThem() {
    assertThatThrownBy(() -> new SampleForms(true, false, true))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("xor2");
    Database database = open(folder.resolve("data"), ALL);
    assertThatThrownBy(() -> database.floatChunks(false))
        .isInstanceOf(IllegalArgumentException.class);
    fill(database, 0, 5, true);
    assertThat(StartedText.samples(database)).isEqualTo(expected(5, true, true));
  }

  @Test
  void anotherSampleOfTheSameTimeIsRefused() {
    Database database = open(folder.resolve("data"), ALL);
    fill(database, 0, 3, true);
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      long handle = appender.series(FLOAT);
      ok(appender.appendStarted(handle, start(2), time(2), 2));
      assertThat(appender.appendStarted(handle, start(2), time(2), 3))
          .isEqualTo(AppendResult.DUPLICATE);
      assertThat(appender.appendStarted(handle, start(1), time(1), 3))
          .isEqualTo(AppendResult.OUT_OF_ORDER);
      ok(appender.appendStarted(handle, start(3), time(3), 3));
      appender.rollback();
      appender = group.appender();
      // What was rolled back leaves no start behind in the batch that is used again.
      ok(appender.append(handle, time(3), 3));
      appender.commit();
    }
    Map<Labels, TreeMap<Long, String>> all = StartedText.samples(database);
    assertThat(List.copyOf(of(all, FLOAT).values())).endsWith(StartedText.line(0, 3));
  }
}
