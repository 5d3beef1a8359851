package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.MappedFile;
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
import io.narthex.tsdb.Database;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * A database on a disk and a clock that misbehave when told to, and the memory of what it has
 * acknowledged. A test does some damage, opens the database anew, says what may be missing, and
 * ends with {@link #assertRunsOnAndPrometheusAgrees}.
 */
abstract class FaultBed {

  static final long RANGE = 600_000;
  static final long STEP = 15_000;
  static final int STEPS = (int) (RANGE / STEP);
  static final long T0 = 1_700_000_000_000L / (27 * RANGE) * (27 * RANGE);
  static final int SERIES = 4;
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");

  static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          // Chunks of ten samples: some are in files before a block is due.
          .withSamplesPerChunk(10)
          .withWal(WalCompression.NONE, 1 << 15)
          .withCheckMemory(true);

  @TempDir Path temporary;
  Path path = Path.of("");
  final FakeClock clock = new FakeClock(T0);
  final FaultyDisk disk = new FaultyDisk();
  final LogLines log = new LogLines();
  final Map<Labels, TreeMap<Long, Double>> acknowledged = new TreeMap<>();
  PrometheusRegistry registry = new PrometheusRegistry();
  long now = T0;
  private final List<Database> opened = new ArrayList<>();
  private int mappings;

  @BeforeEach
  void choosePath() {
    path = temporary.resolve("data");
    mappings = MappedFile.openCount();
  }

  @AfterEach
  void closeAll() {
    disk.heal();
    opened.forEach(Database::close);
    log.close();
    assertThat(MappedFile.openCount()).as("%s", MappedFile.openFiles()).isEqualTo(mappings);
    assertThat(disk.openOutputs()).isZero();
  }

  /** How the database behaves. */
  DatabaseOptions options() {
    return OPTIONS;
  }

  Database open() {
    return open(options());
  }

  Database open(DatabaseOptions options) {
    registry = new PrometheusRegistry();
    Database database = Database.open(path, options, disk, clock, registry);
    opened.add(database);
    boolean done = false;
    try {
      database.replay();
      done = true;
      return database;
    } finally {
      if (!done) {
        database.close();
      }
    }
  }

  static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  /** Commits a sample of each series; false if the storage refuses it. */
  boolean commit(Database database, long time, int fromSeries, int series) {
    try (Appendable.AppendGroup group = database.group()) {
      Appender appender = group.appender();
      for (int i = fromSeries; i < fromSeries + series; i++) {
        assertThat(appender.append(appender.series(series(i)), time, value(time, i)))
            .isEqualTo(AppendResult.OK);
      }
      try {
        appender.commit();
      } catch (StorageException e) {
        assertThat(e).hasMessageContaining("write-ahead log").hasMessageNotContaining("\n");
        return false;
      }
    }
    for (int i = fromSeries; i < fromSeries + series; i++) {
      acknowledged.computeIfAbsent(series(i), l -> new TreeMap<>()).put(time, value(time, i));
    }
    return true;
  }

  static double value(long time, int series) {
    return (time - T0) / 1000.0 * 0.37 + series;
  }

  /** Commits samples of all series for some steps, which must be taken. */
  void fill(Database database, int steps) {
    for (int i = 0; i < steps; i++) {
      assertThat(commit(database, now, 0, SERIES)).isTrue();
      now += STEP;
    }
  }

  /** The same with a round of maintenance for every quarter of a block. */
  void live(Database database, int ranges) {
    for (int i = 0; i < 4 * ranges; i++) {
      fill(database, STEPS / 4);
      database.maintain();
    }
  }

  /** What was acknowledged, as {@link #samples(Database)} has it. */
  Map<Labels, List<String>> expected() {
    Map<Labels, List<String>> all = new TreeMap<>();
    acknowledged.forEach((labels, samples) -> {
      if (!samples.isEmpty()) {
        all.put(
            labels, samples.entrySet().stream().map(e -> text(e.getKey(), e.getValue())).toList());
      }
    });
    return all;
  }

  static String text(long time, double value) {
    return time + "=" + value;
  }

  /** These samples need not be there any more. */
  void forget(int fromSeries, int series, long from, long to) {
    for (int i = fromSeries; i < fromSeries + series; i++) {
      TreeMap<Long, Double> samples = acknowledged.get(series(i));
      if (samples != null) {
        samples.subMap(from, true, to, true).clear();
      }
    }
  }

  /**
   * Forgets what the database does not have any more.
   *
   * @param most how many samples that may be
   * @return how many it is
   */
  int forgetMissing(Database database, int most) {
    Map<Labels, List<String>> there = samples(database);
    int missing = 0;
    for (Map.Entry<Labels, TreeMap<Long, Double>> series : acknowledged.entrySet()) {
      Set<String> list = Set.copyOf(there.getOrDefault(series.getKey(), List.of()));
      int before = series.getValue().size();
      series.getValue().entrySet().removeIf(e -> !list.contains(text(e.getKey(), e.getValue())));
      missing += before - series.getValue().size();
    }
    assertThat(missing).isLessThanOrEqualTo(most);
    return missing;
  }

  static Map<Labels, List<String>> samples(Database database) {
    return samples(database, 0, Long.MAX_VALUE);
  }

  static Map<Labels, List<String>> samples(Database database, long from, long to) {
    Map<Labels, List<String>> all = new TreeMap<>();
    try (Querier querier = database.querier(from, to)) {
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet set = querier.select(false, SelectHints.range(from, to), List.of(ANY));
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, from, to, buffer);
        List<String> list = new ArrayList<>();
        for (int k = 0; k < buffer.size(); k++) {
          list.add(text(buffer.timestamps()[k], buffer.values()[k]));
        }
        if (!list.isEmpty()) {
          all.put(set.labels(i), list);
        }
      }
    }
    return all;
  }

  /** The value of a metric, without {@code prometheus_tsdb_} and {@code _total}. */
  double metric(String name) {
    return registry.scrape().stream()
        .filter(m ->
            m.getMetadata().getName().equals("prometheus_tsdb_" + name)
                || m.getMetadata().getName().equals(name))
        .flatMap(m ->
            switch (m) {
              case CounterSnapshot counter ->
                  counter.getDataPoints().stream().map(point -> point.getValue());
              case GaugeSnapshot gauge ->
                  gauge.getDataPoints().stream().map(point -> point.getValue());
              default -> Stream.<Double>empty();
            })
        .mapToDouble(Double::doubleValue)
        .sum();
  }

  /**
   * The database has all that was acknowledged and not forgotten; it takes samples, cuts blocks and
   * starts again without a complaint; and Prometheus starts on the directory and answers the same.
   */
  void assertRunsOnAndPrometheusAgrees(Database database) throws IOException {
    assertThat(samples(database)).isEqualTo(expected());
    double failed = metric("compactions_failed");
    live(database, 2);
    assertThat(samples(database)).isEqualTo(expected());
    assertThat(metric("compactions_failed")).isEqualTo(failed);
    fill(database, 3);
    database.close();
    Database again = open();
    assertThat(metric("wal_corruptions")).isZero();
    assertThat(metric("mmap_chunk_corruptions")).isZero();
    assertThat(metric("reloads_failures")).isZero();
    assertThat(samples(again)).isEqualTo(expected());
    again.close();
    assertPrometheusAgrees();
  }

  /** Prometheus starts on the directory and answers what was acknowledged and not forgotten. */
  void assertPrometheusAgrees() throws IOException {
    try (Prometheus prometheus = new Prometheus(path)) {
      assertThat(prometheus.awaitReady().samples(T0, now)).isEqualTo(expected());
    }
  }

  // Damage.

  static void flip(Path file, long at) throws IOException {
    try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
      bytes.seek(at);
      int old = bytes.read();
      bytes.seek(at);
      bytes.write(old ^ 0x10);
    }
  }

  /** The files of a directory that are numbered, ascending. */
  static List<Path> numbered(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> String.valueOf(file.getFileName()).matches("[0-9]+"))
          .sorted()
          .toList();
    }
  }

  /** The segments of the log that have something in them. */
  List<Path> segments() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path file : numbered(path.resolve("wal"))) {
      if (Files.size(file) > 0) {
        found.add(file);
      }
    }
    return found;
  }

  List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> String.valueOf(file.getFileName())).sorted().toList();
    }
  }

  static void copy(Path from, Path to) throws IOException {
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
}
