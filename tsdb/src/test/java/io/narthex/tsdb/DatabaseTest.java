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
import io.narthex.storage.DatabaseAdmin.NamedCount;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          // What becomes of blocks is MaintenanceTest's matter.
          .withBlocks(BlockOptions.DEFAULT.withMaxMillis(RANGE))
          .withWal(WalCompression.SNAPPY, 1 << 20)
          .withCheckMemory(true);

  private final List<Database> opened = new ArrayList<>();
  private final FakeClock clock = new FakeClock(T0);

  private Database open(Path path, DatabaseOptions options) {
    Database database = Database.open(path, options, Disk.SYSTEM, clock, new PrometheusRegistry());
    opened.add(database);
    database.replay();
    return database;
  }

  private Database open(Path path) {
    return open(path, OPTIONS);
  }

  @AfterEach
  void close() {
    opened.forEach(Database::close);
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  /** Commits one sample for each of some series, at each of some times 15 s apart. */
  private static void fill(Database database, long from, int rounds, int series) {
    try (Appendable.AppendGroup group = database.group()) {
      for (int r = 0; r < rounds; r++) {
        Appender appender = group.appender();
        long time = from + r * 15_000L;
        for (int i = 0; i < series; i++) {
          AppendResult result = appender.append(appender.series(series(i)), time, r * 0.1 + i);
          assertThat(result).isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
    }
  }

  private static Map<Labels, List<String>> samples(Database database) {
    return samples(database, 0, Long.MAX_VALUE);
  }

  private static Map<Labels, List<String>> samples(Database database, long from, long to) {
    try (Querier querier = database.querier(from, to)) {
      return samples(querier, from, to);
    }
  }

  private static Map<Labels, List<String>> samples(Querier querier, long from, long to) {
    Map<Labels, List<String>> all = new TreeMap<>();
    SampleBuffer buffer = new SampleBuffer();
    SeriesSet set =
        querier.select(
            false,
            SelectHints.range(from, to),
            List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+")));
    SeriesSet.Reader reader = set.reader();
    for (int i = 0; i < set.size(); i++) {
      reader.read(i, from, to, buffer);
      List<String> list = new ArrayList<>();
      for (int k = 0; k < buffer.size(); k++) {
        list.add(buffer.timestamps()[k] + "=" + buffer.values()[k]);
      }
      assertThat(all.put(set.labels(i), list)).isNull();
    }
    return all;
  }

  /** Copies a directory as it is now, as though the machine had stopped here. */
  private static Path copy(Path from, Path to) throws IOException {
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

  private static List<String> first(Map<Labels, List<String>> samples) {
    return samples.getOrDefault(series(0), List.of());
  }

  @Test
  void everythingIsThereAfterACleanRestart(@TempDir Path path) {
    Database database = open(path);
    fill(database, T0, 50, 20);
    Map<Labels, List<String>> before = samples(database);
    assertThat(before).hasSize(20);
    database.close();
    assertThat(path.resolve("lock")).doesNotExist();
    Database again = open(path);
    assertThat(samples(again)).isEqualTo(before);
    assertThat(again.headStats().series()).isEqualTo(20);
    fill(again, T0 + 50 * 15_000L, 1, 20);
    assertThat(samples(again).get(series(3))).hasSize(51);
  }

  @Test
  void everythingCommittedIsThereAfterACrashAtAnyTime(@TempDir Path path) throws IOException {
    Database database = open(path.resolve("a"));
    List<Path> copies = new ArrayList<>();
    List<Map<Labels, List<String>>> expected = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      fill(database, T0 + i * 150_000L, 10, 5 + i);
      if (i % 3 == 1) {
        database.maintain();
      }
      copies.add(copy(path.resolve("a"), path.resolve("copy" + i)));
      expected.add(samples(database));
    }
    assertThat(database.blockMetas()).hasSizeGreaterThan(1);
    for (int i = 0; i < copies.size(); i++) {
      Database crashed = open(copies.get(i));
      assertThat(samples(crashed)).describedAs("copy %d", i).isEqualTo(expected.get(i));
      crashed.maintain();
      assertThat(samples(crashed)).describedAs("copy %d", i).isEqualTo(expected.get(i));
      fill(crashed, T0 + (i + 1) * 150_000L, 10, 5 + i);
      crashed.maintain();
      crashed.close();
    }
  }

  @Test
  void blocksAreCutAndReadTogetherWithTheHead(@TempDir Path path) {
    Database database = open(path);
    Map<Labels, List<String>> reference = new TreeMap<>();
    for (int i = 0; i < 20; i++) {
      fill(database, T0 + i * 150_000L, 10, 7);
      database.maintain();
    }
    for (int s = 0; s < 7; s++) {
      List<String> list = new ArrayList<>();
      for (int r = 0; r < 200; r++) {
        list.add((T0 + r * 15_000L) + "=" + ((r % 10) * 0.1 + s));
      }
      reference.put(series(s), list);
    }
    assertThat(samples(database)).isEqualTo(reference);
    assertThat(database.blockMetas()).hasSize(4);
    assertThat(database.headStats().minTime()).isEqualTo(T0 + 4 * RANGE);
    assertThat(samples(database, T0 + 100_000, T0 + 160_000).get(series(0)))
        .isEqualTo(first(reference).subList(7, 11));
    database.close();
    assertThat(samples(open(path))).isEqualTo(reference);
  }

  @Test
  void aQuerierKeepsItsViewWhileBlocksAreCut(@TempDir Path path) {
    Database database = open(path, OPTIONS.withRetentionMillis(RANGE));
    fill(database, T0, 60, 3);
    Map<Labels, List<String>> before = samples(database);
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      fill(database, T0 + 60 * 15_000L, 100, 3);
      database.maintain();
      assertThat(database.headStats().minTime()).isEqualTo(T0);
      assertThat(samples(querier, 0, Long.MAX_VALUE)).isEqualTo(before);
    }
    database.maintain();
    assertThat(database.headStats().minTime()).isGreaterThan(T0);
    assertThat(samples(database).get(series(1))).hasSizeLessThanOrEqualTo(160);
  }

  @Test
  void seriesThatEndedLeaveTheHeadAndTheLog(@TempDir Path path) {
    Database database = open(path, OPTIONS.withWal(WalCompression.NONE, 1 << 15));
    fill(database, T0, 40, 200);
    for (int i = 4; i < 20; i++) {
      fill(database, T0 + i * 150_000L, 10, 3);
      database.maintain();
    }
    assertThat(database.headStats().series()).isEqualTo(3);
    assertThat(path.resolve("wal").toFile().list())
        .anyMatch(name -> name.startsWith("checkpoint."));
    Map<Labels, List<String>> before = samples(database);
    assertThat(before).hasSize(200);
    assertThat(database.counters().checkpoints.sum()).isPositive();
    database.close();
    Database again = open(path);
    assertThat(samples(again)).isEqualTo(before);
    assertThat(again.headStats().series()).isEqualTo(3);
  }

  @Test
  void oldBlocksAreDeleted(@TempDir Path path) {
    Database database = open(path, OPTIONS.withRetentionMillis(2 * RANGE));
    for (int i = 0; i < 40; i++) {
      fill(database, T0 + i * 150_000L, 10, 2);
      database.maintain();
    }
    assertThat(database.blockMetas()).hasSize(2);
    assertThat(first(samples(database)).getFirst()).startsWith(T0 + 7 * RANGE + "=");
  }

  @Test
  void aSecondProcessGetsOneClearLine(@TempDir Path path) {
    Database database = open(path);
    assertThatThrownBy(() -> open(path))
        .isInstanceOf(StorageException.class)
        .hasMessageContaining("in use by another process")
        .hasMessageNotContaining("\n");
    database.close();
    open(path);
  }

  @Test
  void nothingIsAnsweredBeforeTheReplay(@TempDir Path path) {
    Database database = Database.open(path, OPTIONS, Disk.SYSTEM, clock, new PrometheusRegistry());
    opened.add(database);
    assertThat(database.isReady()).isFalse();
    assertThatThrownBy(() -> database.querier(0, 1)).hasMessage(Database.NOT_READY);
    assertThatThrownBy(database::group).hasMessage(Database.NOT_READY);
    database.replay();
    assertThat(database.isReady()).isTrue();
    database.close();
    assertThatThrownBy(() -> database.querier(0, 1)).hasMessage("the database is closed");
    database.close();
  }

  private static Path lastSegment(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path.resolve("wal"))) {
      return files
          .filter(Files::isRegularFile)
          .filter(f -> {
            try {
              return Files.size(f) > 0;
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          })
          .sorted()
          .toList()
          .getLast();
    }
  }

  @Test
  void aTornLastRecordCostsOnlyItself(@TempDir Path path) throws IOException {
    Database database = open(path.resolve("a"));
    fill(database, T0, 10, 4);
    Map<Labels, List<String>> before = samples(database);
    fill(database, T0 + 150_000, 1, 4);
    Path crashed = copy(path.resolve("a"), path.resolve("b"));
    Path segment = lastSegment(crashed);
    try (FileChannel file = FileChannel.open(segment, StandardOpenOption.WRITE)) {
      file.truncate(file.size() - 12);
    }
    Database again = open(crashed);
    assertThat(samples(again)).isEqualTo(before);
    assertThat(again.counters().walCorruptions.sum()).isEqualTo(1);
    fill(again, T0 + 300_000, 2, 4);
    Map<Labels, List<String>> more = samples(again);
    again.close();
    Database third = open(crashed);
    assertThat(samples(third)).isEqualTo(more);
    assertThat(third.counters().walCorruptions.sum()).isZero();
  }

  @Test
  void aFlippedByteInTheLogCostsOneCommit(@TempDir Path path) throws IOException {
    Database database = open(path.resolve("a"));
    fill(database, T0, 30, 4);
    Path crashed = copy(path.resolve("a"), path.resolve("b"));
    Path segment = lastSegment(crashed);
    try (FileChannel file =
        FileChannel.open(segment, StandardOpenOption.WRITE, StandardOpenOption.READ)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      long at = file.size() / 2;
      file.read(one, at);
      file.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ 0x55)}), at);
    }
    Database again = open(crashed);
    assertThat(again.counters().walCorruptions.sum()).isEqualTo(1);
    for (int i = 0; i < 4; i++) {
      assertThat(samples(again).get(series(i))).hasSize(29);
    }
  }

  @Test
  void aMissingSegmentOfTheLogCostsItsOwnSamples(@TempDir Path path) throws IOException {
    for (int i = 0; i < 3; i++) {
      Database database = open(path);
      fill(database, T0 + i * 150_000L, 10, 4);
      database.close();
    }
    Files.delete(path.resolve("wal/00000001"));
    Database again = open(path);
    assertThat(again.counters().walCorruptions.sum()).isEqualTo(1);
    for (int i = 0; i < 4; i++) {
      assertThat(samples(again).get(series(i))).hasSize(20);
    }
    again.close();
    assertThat(open(path).counters().walCorruptions.sum()).isZero();
  }

  @Test
  void aBrokenBlockIsSetAside(@TempDir Path path) throws IOException {
    Database database = open(path);
    for (int i = 0; i < 12; i++) {
      fill(database, T0 + i * 150_000L, 10, 2);
    }
    database.maintain();
    int blocks = database.blockMetas().size();
    assertThat(blocks).isGreaterThan(1);
    int samples = first(samples(database)).size();
    database.close();
    try (Stream<Path> files = Files.list(path)) {
      for (Path file : files.filter(f -> Files.exists(f.resolve("meta.json"))).toList()) {
        if (Files.readString(file.resolve("meta.json")).contains("\"minTime\": " + T0)) {
          Files.write(file.resolve("index"), new byte[] {1, 2, 3});
        }
      }
    }
    Database again = open(path);
    assertThat(again.blockMetas()).hasSize(blocks - 1);
    assertThat(samples(again).get(series(0))).hasSize(samples - 40);
  }

  @Test
  void aSnapshotHoldsBlocksAndHead(@TempDir Path path) {
    Database database = open(path);
    for (int i = 0; i < 12; i++) {
      fill(database, T0 + i * 150_000L, 10, 3);
    }
    database.maintain();
    Map<Labels, List<String>> before = samples(database);
    Path snapshot = database.snapshot(false);
    assertThat(snapshot.getParent()).isEqualTo(path.resolve("snapshots"));
    assertThat(String.valueOf(snapshot.getFileName())).matches("\\d{8}T\\d{6}Z-[0-9a-f]{16}");
    Path without = database.snapshot(true);
    database.close();
    assertThat(samples(open(snapshot))).isEqualTo(before);
    assertThat(first(samples(open(without))).size()).isLessThan(first(before).size()).isPositive();
  }

  @Test
  void figuresOfTheHead(@TempDir Path path) {
    Database database = open(path);
    fill(database, T0, 10, 5);
    assertThat(database.headStats().series()).isEqualTo(5);
    assertThat(database.headStats().labelPairs()).isEqualTo(6);
    assertThat(database.headStats().chunks()).isEqualTo(5);
    assertThat(database.headStats().maxTime()).isEqualTo(T0 + 135_000);
    assertThat(database.cardinality(2).seriesCountByMetricName())
        .containsExactly(new NamedCount("m", 5));
    assertThat(database.cardinality(2).labelValueCountByLabelName())
        .containsExactly(new NamedCount("i", 5), new NamedCount("__name__", 1));
    assertThat(database.cardinality(1).seriesCountByLabelValuePair())
        .containsExactly(new NamedCount("__name__=m", 5));
    assertThat(database.cardinality(9).memoryInBytesByLabelName())
        .containsExactlyInAnyOrder(new NamedCount("__name__", 55), new NamedCount("i", 20));
  }

  @Test
  void metricsHavePrometheusNames(@TempDir Path path) {
    PrometheusRegistry registry = new PrometheusRegistry();
    Database database = Database.open(path, OPTIONS, Disk.SYSTEM, clock, registry);
    opened.add(database);
    database.replay();
    fill(database, T0, 3, 5);
    List<String> names =
        registry.scrape().stream().map(snapshot -> snapshot.getMetadata().getName()).toList();
    assertThat(names)
        .contains(
            "prometheus_tsdb_head_series",
            "prometheus_tsdb_head_samples_appended",
            "prometheus_tsdb_head_series_created",
            "prometheus_tsdb_wal_segment_current",
            "prometheus_tsdb_blocks_loaded");
  }
}
