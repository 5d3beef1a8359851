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
import io.narthex.testkit.PowerDisk;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is gone from a database, deleted or of another series, does not come back with a start. */
class DeletionStaysTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / (27 * RANGE) * (27 * RANGE);
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");
  private static final int SERIES = 200;
  private static final DatabaseOptions OPTIONS =
      DatabaseOptions.DEFAULT
          .withMinBlockMillis(RANGE)
          .withSamplesPerChunk(8)
          .withBlocks(BlockOptions.DEFAULT.withMaxMillis(RANGE))
          .withWal(WalCompression.NONE, 1 << 15)
          .withCheckMemory(true);

  @TempDir Path path;
  private final List<Database> opened = new ArrayList<>();

  private Database open(Path directory, Disk disk) {
    Database database =
        Database.open(directory, OPTIONS, disk, new FakeClock(T0), new PrometheusRegistry());
    opened.add(database);
    database.replay();
    return database;
  }

  private Database open() {
    return open(path, Disk.SYSTEM);
  }

  @AfterEach
  void close() {
    opened.forEach(Database::close);
  }

  /** A sample of each series every 15 s, for the length of a block. */
  private static void fill(Database database, int range, String... names) {
    try (Appendable.AppendGroup group = database.group()) {
      for (long time = T0 + range * RANGE; time < T0 + (range + 1) * RANGE; time += 15_000) {
        Appender appender = group.appender();
        for (String name : names) {
          for (int i = 0; i < SERIES; i++) {
            Labels labels = Labels.of("__name__", name, "i", Integer.toString(i));
            assertThat(appender.append(appender.series(labels), time, time % 977 + i))
                .isEqualTo(AppendResult.OK);
          }
        }
        appender.commit();
      }
    }
  }

  private static void deleteRange(Database database, int range) {
    database.delete(T0 + range * RANGE, T0 + (range + 1) * RANGE - 1, List.of(ANY));
  }

  /** The blocks' ranges that have samples, by the series' names. */
  private static TreeSet<String> ranges(Database database) {
    TreeSet<String> found = new TreeSet<>();
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet set = querier.select(false, SelectHints.range(0, Long.MAX_VALUE), List.of(ANY));
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, 0, Long.MAX_VALUE, buffer);
        for (int k = 0; k < buffer.size(); k++) {
          found.add(set.labels(i).metricName() + (buffer.timestamps()[k] - T0) / RANGE);
        }
      }
    }
    return found;
  }

  private static int blocks(Database database) {
    return database.blockMetas().size();
  }

  @Test
  void ofWhatTheHeadGaveToNoBlock() {
    Database database = open();
    fill(database, 0, "m");
    deleteRange(database, 0);
    fill(database, 1, "m");
    database.maintain();
    assertThat(blocks(database)).as("nothing was left for a block").isZero();
    assertThat(Files.exists(path.resolve("wal").resolve("00000000")))
        .as("the log is shorter, and a checkpoint stands for its beginning")
        .isFalse();
    assertThat(ranges(database)).containsExactly("m1");
    database.close();
    assertThat(ranges(open())).containsExactly("m1");
  }

  @Test
  void ofTheNewestBlock() {
    Database database = open();
    for (int range = 0; range < 4; range++) {
      fill(database, range, "m");
      database.maintain();
    }
    assertThat(blocks(database)).isEqualTo(3);
    deleteRange(database, 2);
    database.cleanTombstones();
    assertThat(ranges(database)).containsExactly("m0", "m1", "m3");
    database.close();

    Database again = open();
    assertThat(ranges(again)).containsExactly("m0", "m1", "m3");
    fill(again, 4, "m");
    again.maintain();
    again.cleanTombstones();
    assertThat(blocks(again)).as("of 0, 1 and 3: now there is a younger block").isEqualTo(3);
    assertThat(ranges(again)).containsExactly("m0", "m1", "m3", "m4");
    again.close();
    assertThat(ranges(open())).containsExactly("m0", "m1", "m3", "m4");
  }

  @Test
  void whenAllBlocksAreTooMuch() {
    Database database = open();
    for (int range = 0; range < 4; range++) {
      fill(database, range, "m");
      if (range == 2) {
        deleteRange(database, 2); // of the head
      }
      database.maintain();
    }
    deleteRange(database, 1);
    assertThat(ranges(database)).containsExactly("m0", "m3");
    database.retention(new Retention(0, 1, 0));
    database.maintain();
    assertThat(ranges(database)).containsExactly("m3");
    database.close();
    Database again = open();
    assertThat(ranges(again)).containsExactly("m3");
    fill(again, 4, "m");
    again.retention(new Retention(0, 1, 0));
    again.maintain();
    again.maintain();
    assertThat(ranges(again)).containsExactly("m3", "m4");
    assertThat(blocks(again)).isEqualTo(1);
    deleteRange(again, 3);
    again.cleanTombstones();
    again.close();
    assertThat(ranges(open())).containsExactly("m4");
  }

  @Test
  void ofTheHeadWhenThePowerGoes() throws Exception {
    Path root = Files.createDirectory(path.resolve("root"));
    Database database = open(root.resolve("data"), Disk.SYSTEM);
    fill(database, 0, "m");
    fill(database, 1, "m");
    database.close();

    PowerDisk disk = new PowerDisk(root);
    Database again = open(root.resolve("data"), disk);
    deleteRange(again, 0);
    disk.cut();
    opened.remove(again);
    Path left = path.resolve("left");
    disk.restore(left, PowerDisk.Survival.NOTHING, new Random(1));
    assertThat(ranges(open(left.resolve("data"), Disk.SYSTEM))).containsExactly("m1");
  }

  @Test
  void whatTheLogHasLostIsNotOfTheNextSeries() {
    Database database = open();
    fill(database, 0, "lasting", "old"); // so the old ones have the greatest references
    fill(database, 1, "lasting");
    database.maintain();
    assertThat(blocks(database)).isEqualTo(1);
    database.close();
    // The log is gone; files of the head's chunks still know series by their numbers.
    Disk.SYSTEM.deleteTree(path.resolve("wal"));

    Database again = open();
    assertThat(ranges(again)).containsExactly("lasting0", "old0");
    fill(again, 3, "new");
    again.close();
    for (Path entry : Disk.SYSTEM.list(path)) {
      if (Files.exists(entry.resolve("meta.json"))) {
        Disk.SYSTEM.deleteTree(entry);
      }
    }
    assertThat(ranges(open())).containsExactly("new3");
  }
}
