package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalBatch;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a start makes of an image of the head. */
class HeadImageTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final int STEP = 5_000;

  @TempDir private Path folder;

  private final FakeClock clock = new FakeClock(T0);
  private final List<Database> opened = new ArrayList<>();
  private final Map<Labels, List<String>> expected = new TreeMap<>();

  @AfterEach
  void close() {
    opened.forEach(Database::close);
  }

  private static DatabaseOptions options() {
    return DatabaseOptions.DEFAULT
        .withMinBlockMillis(RANGE)
        .withWal(WalCompression.SNAPPY, 1 << 15)
        .withCheckMemory(true);
  }

  private Database open(Path path) {
    return open(path, options());
  }

  private Database open(Path path, DatabaseOptions options) {
    Database database = Database.open(path, options, Disk.SYSTEM, clock, new PrometheusRegistry());
    opened.add(database);
    database.imagesAfter(1, 0);
    database.replay();
    return database;
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private void fill(Database database, int fromRound, int toRound, int series) {
    try (AppendGroup group = database.group()) {
      for (int r = fromRound; r < toRound; r++) {
        Appender appender = group.appender();
        long time = T0 + (long) r * STEP;
        for (int i = 0; i < series; i++) {
          double value = r % 3 == 0 ? i : r * 0.1 + i;
          assertThat(appender.append(appender.series(series(i)), time, value))
              .isEqualTo(AppendResult.OK);
          expected.computeIfAbsent(series(i), k -> new ArrayList<>()).add(time + "=" + value);
        }
        appender.commit();
      }
    }
  }

  private static Map<Labels, List<String>> samples(Database database) {
    return PrometheusTest.samples(database, 0, Long.MAX_VALUE);
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

  private Path killedBehindAnImage() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 60, 300);
    database.maintain();
    return killed(path, "killed");
  }

  private static List<Path> images(Path path) throws IOException {
    try (Stream<Path> files = Files.list(path)) {
      return files.filter(f -> String.valueOf(f.getFileName()).startsWith("head_image.")).toList();
    }
  }

  private static void flip(Path file, long at) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    bytes[(int) at] ^= 0x55;
    Files.write(file, bytes);
  }

  @Test
  void itTakesThePlaceOfTheLog() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 39, 100);
    database.maintain();
    assertThat(images(path)).hasSize(1);
    fill(database, 39, 42, 110);
    Path killed = killed(path, "killed");
    // What the image stands for is not read again: a broken sample there is not noticed.
    Path segment = killed.resolve("wal/00000000");
    flip(segment, Files.size(segment) / 2);
    Database again = open(killed);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().walCorruptions.sum()).isZero();
    assertThat(again.counters().failedSnapshotReplays.sum()).isZero();
  }

  @Test
  void chunksThatMayNotBeSoLongAnyMoreAreCutAnew() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 39, 300);
    database.maintain();
    fill(database, 39, 42, 310);
    Path killed = killed(path, "killed");
    Path segment = killed.resolve("wal/00000000");
    flip(segment, Files.size(segment) / 2);
    Database again = open(killed, options().withMinBlockMillis(RANGE / 6));
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().walCorruptions.sum()).isZero();
    fill(again, 42, 60, 310);
    assertThat(samples(again)).isEqualTo(expected);
  }

  @Test
  void chunksGoOnWhereTheyWere() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    // From one sample in a chunk on, through words and blocks of all fillings.
    for (int round = 0; round < 130; round++) {
      fill(database, round, round + 1, 3 + round / 10);
      database.maintain();
      if (round % 7 == 0) {
        Path killed = killed(path, "killed-" + round);
        database.close();
        path = killed;
        database = open(path);
        assertThat(samples(database)).isEqualTo(expected);
      }
    }
    Path twin = folder.resolve("twin");
    Database never = open(twin);
    try (AppendGroup group = never.group()) {
      expected.forEach((labels, list) -> {
        for (String sample : list) {
          Appender appender = group.appender();
          int equals = sample.indexOf('=');
          appender.append(
              appender.series(labels),
              Long.parseLong(sample.substring(0, equals)),
              Double.parseDouble(sample.substring(equals + 1)));
          appender.commit();
        }
      });
    }
    assertThat(database.headStats().chunks()).isEqualTo(never.headStats().chunks());
  }

  /** Between images series end, others get their rows, and chunks go to files. */
  @Test
  void rowsThatOtherSeriesHadBefore() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    int rounds = (int) (3 * RANGE / STEP);
    for (int round = 0; round < rounds; round++) {
      int from = round % 100 < 50 ? 0 : 40; // of each hundred rounds one half of the series ends
      try (AppendGroup group = database.group()) {
        Appender appender = group.appender();
        long time = T0 + (long) round * STEP;
        for (int i = from; i < 60; i++) {
          Labels labels = i < 40 ? series(1000 * (round / 100) + i) : series(i);
          appender.append(appender.series(labels), time, round * 0.7 + i);
          expected
              .computeIfAbsent(labels, k -> new ArrayList<>())
              .add(time + "=" + (round * 0.7 + i));
        }
        appender.commit();
      }
      if (round % 3 == 0) {
        database.maintain();
      }
      if (round % 17 == 0) {
        Database again = open(killed(path, "killed-" + round));
        assertThat(samples(again)).isEqualTo(expected);
        assertThat(again.counters().failedSnapshotReplays.sum()).isZero();
        again.close();
      }
    }
    assertThat(database.headStats().series()).isLessThan(expected.size());
  }

  @Test
  void whatWasDeletedStaysDeleted() throws Exception {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 20, 10);
    database.maintain();
    database.delete(0, T0 + 10L * STEP, List.of(new Matcher(Matcher.Type.EQUAL, "i", "3")));
    expected.computeIfPresent(
        series(3), (labels, before) -> new ArrayList<>(before.subList(11, before.size())));
    fill(database, 20, 21, 10);
    database.maintain();
    assertThat(images(path)).hasSize(1);
    assertThat(samples(open(killed(path, "killed")))).isEqualTo(expected);
  }

  @Test
  void itIsOfNoUseWithoutTheChunkFiles() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 130, 20);
    database.maintain();
    assertThat(images(path)).hasSize(1);
    Path killed = killed(path, "killed");
    try (Stream<Path> files = Files.list(killed.resolve("chunks_head"))) {
      List<Path> all = files.toList();
      assertThat(all).isNotEmpty();
      for (Path file : all) {
        Files.delete(file);
      }
    }
    Database again = open(killed);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
  }

  @Test
  void aBrokenOneCostsTimeOnly() throws IOException {
    Path killed = killedBehindAnImage();
    Path file = images(killed).getFirst().resolve("00000000");
    flip(file, Files.size(file) * 2 / 3);
    Database again = open(killed);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
  }

  @Test
  void oneOfUnknownContentCostsTimeOnly() throws IOException {
    Path killed = killedBehindAnImage();
    Path image = images(killed).getFirst();
    Files.delete(image.resolve("00000000"));
    try (Wal records = Wal.open(Disk.SYSTEM, clock, image, WalCompression.NONE)) {
      WalBatch batch = new WalBatch();
      batch.raw(new byte[] {101, 2, 0, 0, 0, 0, 0, 0, 0, 0}, 0, 10); // an image
      batch.raw(new byte[] {100, 2, 2, 2, 2, 2, 1, 0, 0, 9, 1, 1}, 0, 12); // a value of 9 bytes
      batch.raw(new byte[] {102}, 0, 1);
      records.append(batch);
    }
    Database again = open(killed);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
  }

  /** A mended log has its records elsewhere, so that no later start may begin where one did. */
  @Test
  void itIsGoneWhenTheLogIsMended() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 20, 100);
    database.maintain();
    assertThat(images(path)).hasSize(1);
    long place = Files.size(path.resolve("wal/00000000"));
    fill(database, 20, 22, 3);
    Path killed = killed(path, "killed");
    Path segment = killed.resolve("wal/00000000");
    flip(segment, place + 20); // of the samples behind the image
    flip(segment, place / 2); // and of those before, which the start has no need to look at
    Database again = Database.open(killed, options(), Disk.SYSTEM, clock, new PrometheusRegistry());
    again.imagesAfter(0);
    opened.add(again);
    again.replay();
    Map<Labels, List<String>> found = samples(again);
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    assertThat(images(killed)).isEmpty();
    fill(again, 22, 25, 100);
    Map<Labels, List<String>> before = samples(again);
    // The start after it reads all of the log that is left, and what is behind the broken place.
    Database third = open(killed(killed, "twice"));
    Map<Labels, List<String>> after = samples(third);
    before.forEach((labels, samples) ->
        assertThat(after.get(labels))
            .containsAll(samples.subList(samples.size() - 3, samples.size())));
  }

  @Test
  void aFullDiskCostsTheImageOnly() throws IOException {
    Path path = folder.resolve("data");
    FaultyDisk disk = new FaultyDisk();
    Database database = Database.open(path, options(), disk, clock, new PrometheusRegistry());
    opened.add(database);
    database.imagesAfter(1, 0);
    database.replay();
    fill(database, 0, 10, 200);
    database.maintain();
    List<Path> first = images(path);
    assertThat(first).hasSize(1);
    fill(database, 10, 20, 200);
    disk.room(1000);
    database.maintain();
    assertThat(images(path)).isEqualTo(first);
    disk.room(Long.MAX_VALUE);
    fill(database, 20, 21, 200);
    Path killed = killed(path, "killed");
    assertThat(samples(open(killed))).isEqualTo(expected);
    database.maintain();
    assertThat(images(path)).hasSize(1).doesNotContainAnyElementsOf(first);
  }

  @Test
  void noneIfNotWanted() throws IOException {
    Path path = folder.resolve("data");
    Database database =
        Database.open(path, options(), Disk.SYSTEM, clock, new PrometheusRegistry());
    opened.add(database);
    database.imagesAfter(0);
    database.replay();
    fill(database, 0, 100, 50);
    database.maintain();
    database.close();
    assertThat(images(path)).isEmpty();
  }

  /** What a power cut may leave of an image that was being deleted, or of a long one's files. */
  @Test
  void aPartOfOneIsOfNoUse() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 20, 300);
    database.maintain();
    Path killed = killed(path, "killed");
    Files.delete(images(killed).getFirst().resolve("00000000"));
    Database again = open(killed);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
    Path later = killed(path, "later");
    Path file = images(later).getFirst().resolve("00000000");
    Files.move(file, file.resolveSibling("00000001"));
    again = open(later);
    assertThat(samples(again)).isEqualTo(expected);
    assertThat(again.counters().failedSnapshotReplays.sum()).isEqualTo(1);
  }

  @Test
  void aStopLeavesOne() throws IOException {
    Path path = folder.resolve("data");
    Database database = open(path);
    fill(database, 0, 20, 10);
    database.close();
    assertThat(images(path)).hasSize(1);
    assertThat(samples(open(path))).isEqualTo(expected);
  }

  /** So many batches each writer may write until the next copy. */
  private static final int AHEAD = 400;

  @Test
  void writersGoOnWhileItIsWritten() throws Exception {
    Path path = folder.resolve("data");
    Database database = open(path);
    Map<Integer, Long> acknowledged = new ConcurrentHashMap<>();
    AtomicBoolean over = new AtomicBoolean();
    List<Semaphore> allowed = new ArrayList<>();
    List<Thread> writers = new ArrayList<>();
    int perWriter = 40;
    for (int w = 0; w < 3; w++) {
      int writer = w;
      Semaphore batches = new Semaphore(AHEAD);
      allowed.add(batches);
      writers.add(
          Thread.ofVirtual()
              .start(() -> {
                try (AppendGroup group = database.group()) {
                  long t = T0;
                  while (!over.get()) {
                    batches.acquireUninterruptibly();
                    Appender appender = group.appender();
                    for (int i = 0; i < perWriter; i++) {
                      long handle = appender.series(series(writer * perWriter + i));
                      appender.append(handle, t, t + i);
                    }
                    appender.commit();
                    acknowledged.put(writer, t);
                    t += 100;
                  }
                }
              }));
    }
    try {
      for (int copy = 0; copy < 8; copy++) {
        database.maintain();
        database.maintain();
        Map<Integer, Long> before = Map.copyOf(acknowledged);
        Database again = open(killed(path, "killed-" + copy));
        assertThat(again.counters().failedSnapshotReplays.sum()).isZero();
        Map<Labels, List<String>> found = samples(again);
        for (int w = 0; w < 3; w++) {
          int size = -1;
          for (int i = 0; i < perWriter; i++) {
            List<String> samples = found.getOrDefault(series(w * perWriter + i), List.of());
            long t = T0;
            for (String sample : samples) {
              assertThat(sample).isEqualTo(t + "=" + (double) (t + i));
              t += 100;
            }
            assertThat(t - 100).isGreaterThanOrEqualTo(before.getOrDefault(w, T0 - 100));
            // A batch is there as a whole.
            assertThat(samples.size()).isEqualTo(size < 0 ? samples.size() : size);
            size = samples.size();
          }
        }
        again.close();
        allowed.forEach(batches -> batches.release(AHEAD));
      }
    } finally {
      over.set(true);
      allowed.forEach(Semaphore::release);
      for (Thread writer : writers) {
        writer.join();
      }
    }
  }
}
