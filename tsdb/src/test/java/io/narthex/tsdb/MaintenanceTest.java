package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a database makes of its blocks, seen from outside. */
class MaintenanceTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / (27 * RANGE) * (27 * RANGE);
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withWal(WalCompression.NONE, 1 << 15)
          .withCheckMemory(true);

  @TempDir Path path;
  private final List<Database> opened = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);
  private final FaultyDisk disk = new FaultyDisk();
  private PrometheusRegistry registry = new PrometheusRegistry();

  private Database open(DatabaseOptions options) {
    registry = new PrometheusRegistry();
    Database database = Database.open(path, options, disk, clock, registry);
    opened.add(database);
    database.replay();
    return database;
  }

  private static DatabaseOptions with(BlockOptions blocks) {
    return OPTIONS.withBlocks(blocks);
  }

  @AfterEach
  void close() {
    disk.heal();
    opened.forEach(Database::close);
  }

  /** Commits one sample every 15 s for each of some series, for some ranges of a block's length. */
  private static void fill(Database database, int fromRange, int ranges, int series) {
    try (Appendable.AppendGroup group = database.group()) {
      for (int r = 0; r < ranges * 40; r++) {
        Appender appender = group.appender();
        long time = T0 + fromRange * RANGE + r * 15_000L;
        for (int i = 0; i < series; i++) {
          Labels labels = Labels.of("__name__", "m", "i", Integer.toString(i));
          assertThat(appender.append(appender.series(labels), time, time % 977 + i))
              .isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
    }
  }

  /** The same with a round of maintenance for each range. */
  private static void live(Database database, int ranges) {
    for (int i = 0; i < ranges; i++) {
      fill(database, i, 1, 3);
      database.maintain();
    }
  }

  private static Map<Labels, List<String>> samples(Database database) {
    Map<Labels, List<String>> all = new TreeMap<>();
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet set = querier.select(false, SelectHints.range(0, Long.MAX_VALUE), List.of(ANY));
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, 0, Long.MAX_VALUE, buffer);
        List<String> list = new ArrayList<>();
        for (int k = 0; k < buffer.size(); k++) {
          list.add(buffer.timestamps()[k] + "=" + buffer.values()[k]);
        }
        if (!list.isEmpty()) {
          all.put(set.labels(i), list);
        }
      }
    }
    return all;
  }

  private static int count(Database database) {
    return samples(database).values().stream().mapToInt(List::size).sum();
  }

  private static List<BlockMeta> metas(Database database) {
    return database.blockMetas().stream()
        .map(json -> BlockMeta.parse(json.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  /** Blocks as {@code <from>-<to>} in lengths of the shortest block. */
  private static List<String> ranges(Database database) {
    return metas(database).stream()
        .map(meta -> (meta.minTime() - T0) / RANGE + "-" + (meta.maxTime() - T0) / RANGE)
        .toList();
  }

  private Set<String> directories() throws IOException {
    Set<String> names = new TreeSet<>();
    try (Stream<Path> files = Files.list(path)) {
      files
          .map(file -> String.valueOf(file.getFileName()))
          .filter(name -> name.startsWith("0"))
          .forEach(names::add);
    }
    return names;
  }

  private static void copy(Path from, Path to) throws IOException {
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
  }

  private double metric(String name) {
    return registry.scrape().stream()
        .filter(metric -> metric.getMetadata().getName().equals(name))
        .flatMap(metric ->
            switch (metric) {
              case CounterSnapshot counter ->
                  counter.getDataPoints().stream().map(point -> point.getValue());
              case GaugeSnapshot gauge ->
                  gauge.getDataPoints().stream().map(point -> point.getValue());
              default -> Stream.<Double>empty();
            })
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  @Test
  void blocksGrowByThrees() throws IOException {
    Database database = open(OPTIONS);
    live(database, 21);
    // The head has the last range; the newest block is left alone.
    assertThat(ranges(database)).containsExactly("0-9", "9-18", "18-19", "19-20");
    assertThat(metas(database).getFirst().compaction().level()).isEqualTo(3);
    assertThat(metas(database).getFirst().compaction().sources()).hasSize(9);
    assertThat(count(database)).isEqualTo(21 * 40 * 3);
    Map<Labels, List<String>> before = samples(database);
    assertThat(directories()).hasSize(4);
    assertThat(metric("prometheus_tsdb_compactions")).isEqualTo(20 + 6 + 2);
    assertThat(metric("prometheus_tsdb_compactions_failed")).isZero();
    database.close();
    assertThat(samples(open(OPTIONS))).isEqualTo(before);
  }

  @Test
  void blocksGrowNoLongerThanAllowed() {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(3 * RANGE)));
    live(database, 12);
    assertThat(ranges(database)).containsExactly("0-3", "3-6", "6-9", "9-10", "10-11");
    database.close();
    // A tenth of the retention time, if nothing is said.
    Database other = open(OPTIONS.withRetentionMillis(90 * RANGE));
    other.maintain();
    assertThat(ranges(other)).containsExactly("0-9", "9-10", "10-11");
  }

  @Test
  void aQuerierThatIsOpenKeepsItsBlocks() throws IOException {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(RANGE)));
    live(database, 8);
    Map<Labels, List<String>> before = samples(database);
    database.close();
    Database growing = open(OPTIONS);
    try (Querier querier = growing.querier(0, Long.MAX_VALUE)) {
      SeriesSet set = querier.select(true, SelectHints.range(0, Long.MAX_VALUE), List.of(ANY));
      growing.maintain();
      assertThat(directories()).hasSizeLessThan(6);
      SampleBuffer buffer = new SampleBuffer();
      set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      assertThat(buffer.size()).isEqualTo(before.getOrDefault(set.labels(0), List.of()).size());
    }
    assertThat(samples(growing)).isEqualTo(before);
  }

  @Test
  void parentsThatACrashLeftGoAtTheNextStart() throws IOException {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(RANGE)));
    live(database, 6);
    Map<Labels, List<String>> before = samples(database);
    database.close();
    Path copies = Files.createTempDirectory("parents");
    for (String name : directories()) {
      copy(path.resolve(name), copies.resolve(name));
    }
    Database growing = open(OPTIONS);
    growing.maintain();
    List<String> after = ranges(growing);
    assertThat(after).containsExactly("0-3", "3-4", "4-5");
    growing.close();
    Set<String> whole = directories();
    // The parents are there again, one of them without its index, and what else a crash may leave.
    List<Path> parents =
        disk.list(copies).stream()
            .filter(copy -> !whole.contains(String.valueOf(copy.getFileName())))
            .toList();
    assertThat(parents).hasSize(3);
    for (Path parent : parents) {
      copy(parent, path.resolve(parent.getFileName()));
    }
    Files.delete(path.resolve(parents.getFirst().getFileName()).resolve("index"));
    copy(parents.get(1), path.resolve("01BX5ZZKBKACTAV9WEVGEMMVRZ.tmp-for-deletion"));
    copy(parents.get(1), path.resolve("01BX5ZZKBKACTAV9WEVGEMMVRX.tmp-for-creation"));
    Database mended = open(OPTIONS);
    assertThat(ranges(mended)).isEqualTo(after);
    assertThat(directories()).isEqualTo(whole);
    assertThat(samples(mended)).isEqualTo(before);
    disk.deleteTree(copies);
  }

  @Test
  void aDiskThatFillsDuringCompactionIsTriedAgain() throws IOException {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(RANGE)));
    live(database, 6);
    Map<Labels, List<String>> before = samples(database);
    database.close();
    Database growing = open(OPTIONS);
    Set<String> directories = directories();
    for (int n = 0; n < 12; n += 3) {
      disk.failAfter(n, true);
      growing.maintain();
      disk.heal();
      assertThat(directories()).isEqualTo(directories);
      assertThat(samples(growing)).isEqualTo(before);
      assertThat(growing.blockMetas()).noneMatch(meta -> meta.contains("failed"));
    }
    assertThat(metric("prometheus_tsdb_compactions_failed")).isPositive();
    growing.maintain();
    assertThat(ranges(growing)).containsExactly("0-3", "3-4", "4-5");
    assertThat(samples(growing)).isEqualTo(before);
  }

  @Test
  void aBlockThatCannotBeOpenedAfterItWasWrittenCostsNothing() throws IOException {
    Database database = open(OPTIONS);
    fill(database, 0, 2, 3);
    disk.failReads(file -> file.endsWith("index"));
    database.maintain();
    assertThat(ranges(database)).isEmpty();
    assertThat(directories()).isEmpty();
    assertThat(count(database)).isEqualTo(2 * 40 * 3);
    disk.heal();
    database.maintain();
    assertThat(ranges(database)).containsExactly("0-1");
    assertThat(count(database)).isEqualTo(2 * 40 * 3);
  }

  @Test
  void aBlockThatIsDroppedIntoTheDirectoryIsLoaded() throws IOException {
    Database database = open(OPTIONS);
    live(database, 6);
    Map<Labels, List<String>> before = samples(database);
    assertThat(ranges(database)).containsExactly("0-3", "3-4", "4-5");
    Path block = path.resolve(metas(database).getFirst().ulid().toString());
    Path aside = Files.createTempDirectory("aside").resolve(block.getFileName());
    Files.move(block, aside);
    database.maintain();
    assertThat(ranges(database)).containsExactly("3-4", "4-5");
    // Copied half: it is set aside, and nothing else suffers.
    Files.createDirectories(block.resolve("chunks"));
    Files.copy(aside.resolve("meta.json"), block.resolve("meta.json"));
    Files.copy(aside.resolve("chunks/000001"), block.resolve("chunks/000001"));
    database.maintain();
    assertThat(ranges(database)).containsExactly("3-4", "4-5");
    assertThat(metric("prometheus_tsdb_reloads_failures")).isEqualTo(1);
    assertThat(block).isDirectoryContaining("glob:**meta.json");
    Files.copy(aside.resolve("index"), block.resolve("index"));
    database.maintain();
    assertThat(ranges(database)).containsExactly("0-3", "3-4", "4-5");
    assertThat(metric("prometheus_tsdb_reloads_failures")).isEqualTo(1);
    assertThat(samples(database)).isEqualTo(before);
  }

  @Test
  void blocksThatOverlapAreMerged() throws IOException {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(RANGE)));
    live(database, 5);
    Map<Labels, List<String>> before = samples(database);
    Path block = path.resolve(metas(database).getFirst().ulid().toString());
    Path twin = path.resolve("01BX5ZZKBKACTAV9WEVGEMMVRZ");
    copy(block, twin);
    String meta = Files.readString(twin.resolve("meta.json"));
    Files.writeString(
        twin.resolve("meta.json"),
        meta.replace(String.valueOf(block.getFileName()), String.valueOf(twin.getFileName())));
    database.maintain();
    assertThat(ranges(database)).containsExactly("0-1", "1-2", "2-3", "3-4");
    assertThat(metas(database).getFirst().compaction().parents()).hasSize(2);
    assertThat(metric("prometheus_tsdb_vertical_compactions")).isEqualTo(1);
    assertThat(samples(database)).isEqualTo(before);
  }

  @Test
  void theOldestBlocksGoWhenAllAreTooMuch() throws IOException {
    Database database = open(with(BlockOptions.DEFAULT.withMaxMillis(RANGE)));
    live(database, 10);
    assertThat(ranges(database)).hasSize(9);
    long blocks = database.blockSet().bytes();
    long others = database.wal().files().size() + database.headChunkBytes();
    database.retention(new Retention(0, others + blocks / 2, 0));
    database.maintain();
    assertThat(ranges(database)).hasSizeBetween(3, 6).last().isEqualTo("8-9");
    assertThat(directories()).hasSameSizeAs(ranges(database));
    assertThat(metric("prometheus_tsdb_size_retentions")).isEqualTo(1);
    assertThat(metric("prometheus_tsdb_time_retentions")).isZero();
    assertThat(metric("prometheus_tsdb_retention_limit_bytes")).isEqualTo(others + blocks / 2);
    database.retention(new Retention(2 * RANGE, 0, 0));
    database.maintain();
    assertThat(ranges(database)).containsExactly("7-8", "8-9");
    assertThat(metric("prometheus_tsdb_time_retentions")).isEqualTo(1);
    database.retention(new Retention(0, 0, 1e-9));
    assertThat(metric("prometheus_tsdb_retention_limit_percentage")).isEqualTo(1e-9);
    if (Disk.SYSTEM.totalBytes(path) > 0) {
      database.maintain();
      assertThat(ranges(database)).containsExactly("8-9"); // the next start needs it
    }
  }

  @Test
  void whatIsDeletedIsGoneFromBlocksAndHeadForGood() {
    Database database = open(OPTIONS);
    live(database, 6);
    assertThat(ranges(database)).containsExactly("0-3", "3-4", "4-5");
    List<Matcher> one = List.of(Matcher.equal("i", "1"));
    Map<Labels, List<String>> expected = samples(database);
    List<String> list = new ArrayList<>(expected.get(Labels.of("__name__", "m", "i", "1")));
    // From the middle of the second range to the middle of the head.
    long from = T0 + RANGE + RANGE / 2;
    long to = T0 + 5 * RANGE + RANGE / 2;
    list.removeIf(sample -> {
      long time = Long.parseLong(sample.substring(0, sample.indexOf('=')));
      return from <= time && time <= to;
    });
    expected.put(Labels.of("__name__", "m", "i", "1"), list);
    database.delete(from, to, one);
    database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("i", "2")));
    database.delete(0, Long.MAX_VALUE, List.of(Matcher.equal("i", "none")));
    database.delete(0, Long.MAX_VALUE, List.of());
    expected.remove(Labels.of("__name__", "m", "i", "2"));
    assertThat(samples(database)).isEqualTo(expected);
    assertThat(metas(database)).allMatch(meta -> meta.stats().tombstones() == 2);
    database.close();
    Database again = open(OPTIONS);
    assertThat(samples(again)).isEqualTo(expected);
    // The next blocks do not have it, nor does what comes later suffer.
    fill(again, 6, 3, 3);
    again.maintain();
    Map<Labels, List<String>> later = samples(again);
    assertThat(later.get(Labels.of("__name__", "m", "i", "2"))).hasSize(3 * 40);
    assertThat(later.get(Labels.of("__name__", "m", "i", "1"))).hasSize(list.size() + 3 * 40);
    for (BlockMeta meta : metas(again)) {
      boolean old = meta.maxTime() <= T0 + 3 * RANGE;
      assertThat(meta.stats().tombstones()).isEqualTo(old ? 2 : 0);
    }
    again.cleanTombstones();
    assertThat(metas(again)).allMatch(meta -> meta.stats().tombstones() == 0);
    assertThat(samples(again)).isEqualTo(later);
    again.close();
    assertThat(samples(open(OPTIONS))).isEqualTo(later);
  }

  @Test
  void cleaningBlocksOfWhichNothingIsLeftRemovesAllButTheNewest() throws IOException {
    Database database = open(OPTIONS);
    live(database, 6);
    database.delete(0, T0 + 5 * RANGE - 1, List.of(ANY));
    Map<Labels, List<String>> left = samples(database);
    assertThat(ranges(database)).hasSize(3);
    database.cleanTombstones();
    assertThat(ranges(database))
        .as("its end is what the next start goes by")
        .containsExactly("4-5");
    assertThat(directories()).hasSize(1);
    assertThat(samples(database)).isEqualTo(left);
    assertThat(count(database)).isEqualTo(40 * 3);
  }

  @Test
  void aDeletionThatTheLogRefusesIsAnError() {
    Database database = open(OPTIONS);
    fill(database, 0, 1, 3);
    disk.failAfter(0, true);
    assertThatThrownBy(() -> database.delete(0, Long.MAX_VALUE, List.of(ANY)))
        .isInstanceOf(StorageException.class);
    disk.heal();
    assertThat(count(database)).isEqualTo(40 * 3);
    database.delete(0, Long.MAX_VALUE, List.of(ANY));
    assertThat(count(database)).isZero();
  }

  @Test
  void theHeadsBlockCanBeDelayed() {
    Database database = open(with(BlockOptions.DEFAULT.withDelayPercent(1000)));
    fill(database, 0, 4, 3);
    database.maintain();
    assertThat(ranges(database)).isEmpty();
    // Ten times the block's range is the most.
    int waited = 0;
    while (ranges(database).isEmpty()) {
      clock.advance(Duration.ofSeconds(60));
      database.maintain();
      assertThat(++waited).isLessThanOrEqualTo(100);
    }
    assertThat(ranges(database)).hasSize(3);
    assertThat(count(database)).isEqualTo(4 * 40 * 3);
  }

  @Test
  void blocksWaitForTheirUpload() throws IOException {
    Path uploads = path.resolve("thanos.shipper.json");
    Database database = open(with(BlockOptions.DEFAULT.withUploads(uploads)));
    Files.writeString(uploads, "{\"version\":1,\"uploaded\":[]}");
    live(database, 6);
    assertThat(ranges(database)).containsExactly("0-1", "1-2", "2-3", "3-4", "4-5");
    List<String> names =
        metas(database).subList(0, 3).stream()
            .map(meta -> '"' + meta.ulid().toString() + '"')
            .toList();
    Files.writeString(uploads, "{\"version\":1,\"uploaded\":[" + String.join(",", names) + "]}");
    clock.advance(Duration.ofMinutes(1));
    database.maintain();
    // The fourth is held, and those behind it not considered: the third is the planner's newest.
    assertThat(ranges(database)).containsExactly("0-1", "1-2", "2-3", "3-4", "4-5");
    Files.delete(uploads);
    clock.advance(Duration.ofMinutes(1));
    database.maintain();
    assertThat(ranges(database)).containsExactly("0-3", "3-4", "4-5");
  }
}
