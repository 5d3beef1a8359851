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
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Late samples: which are taken, where they are, and what survives what. */
class OutOfOrderTest {

  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long RANGE = 2 * HOUR;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final Labels A = Labels.of("__name__", "m", "i", "a");
  private static final Labels B = Labels.of("__name__", "m", "i", "b");

  @TempDir Path path;

  private final FakeClock clock = new FakeClock(T0);
  private PrometheusRegistry registry = new PrometheusRegistry();

  private Database open(Disk disk, long window) {
    registry = new PrometheusRegistry();
    Database database =
        Database.open(
            path,
            DatabaseOptions.DEFAULT
                .withRetentionMillis(0)
                .withWal(WalCompression.SNAPPY, 1 << 20)
                .withLockFile(false)
                .withCheckMemory(true),
            disk,
            clock,
            registry);
    database.outOfOrderWindow(window);
    database.replay();
    return database;
  }

  private Database open(long window) {
    return open(Disk.SYSTEM, window);
  }

  private static AppendResult append(Database database, Labels labels, long time, double value) {
    try (Appendable.AppendGroup group = database.group()) {
      Appender appender = group.appender();
      AppendResult result = appender.append(appender.series(labels), time, value);
      appender.commit();
      return result;
    }
  }

  /** The samples of a series as {@code minutes since T0=value}. */
  private static String read(Database database, Labels labels) {
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      return read(querier, labels);
    }
  }

  private static String read(Querier querier, Labels labels) {
    SeriesSet set =
        querier.select(
            true,
            SelectHints.range(0, Long.MAX_VALUE),
            List.of(Matcher.equal("i", String.valueOf(labels.get("i")))));
    TreeMap<Long, String> all = new TreeMap<>();
    SampleBuffer buffer = new SampleBuffer();
    for (int i = 0; i < set.size(); i++) {
      set.reader().read(i, 0, Long.MAX_VALUE, buffer);
      for (int k = 0; k < buffer.size(); k++) {
        long minutes = Math.floorDiv(buffer.timestamps()[k] - T0, MINUTE);
        all.put(
            buffer.timestamps()[k],
            minutes + "=" + String.valueOf(buffer.values()[k]).replace(".0", ""));
      }
    }
    return String.join(" ", all.values());
  }

  private String metrics() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try {
      PrometheusTextFormatWriter.create().write(out, registry.scrape());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private List<Path> entries(String directory) throws IOException {
    if (!Files.isDirectory(path.resolve(directory))) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(path.resolve(directory))) {
      return files.sorted().toList();
    }
  }

  @Test
  void withoutAWindowLateSamplesAreRefused() throws IOException {
    try (Database database = open(0)) {
      assertThat(append(database, A, T0 + 2 * HOUR, 1)).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + 2 * HOUR - 1, 1)).isEqualTo(AppendResult.OUT_OF_ORDER);
      assertThat(append(database, A, T0, 1)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
      assertThat(append(database, B, T0, 1)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
      assertThat(read(database, A)).isEqualTo("120=1");
      assertThat(entries("wbl")).isEmpty();
      assertThat(metrics())
          .contains("prometheus_tsdb_out_of_order_samples_total{type=\"float\"} 1.0")
          .contains("prometheus_tsdb_out_of_bound_samples_total{type=\"float\"} 2.0")
          .contains("prometheus_tsdb_too_old_samples_total{type=\"float\"} 0.0")
          .contains("prometheus_tsdb_sample_ooo_delta_count 1")
          .doesNotContain("prometheus_tsdb_out_of_order_wbl_segment_current ");
    }
  }

  @Test
  void theWindowIsCountedFromTheHeadsNewestSample() {
    try (Database database = open(3 * HOUR)) {
      assertThat(append(database, A, T0 + 4 * HOUR, 4)).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + HOUR, 1)).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + HOUR - 1, 1)).isEqualTo(AppendResult.TOO_OLD);
      // A series whose newest sample is old, and one that has none: no limit but the window.
      assertThat(append(database, B, T0 + 2 * HOUR, 2)).isEqualTo(AppendResult.OK);
      assertThat(append(database, B, T0 + 2 * HOUR + MINUTE, 3)).isEqualTo(AppendResult.OK);
      assertThat(append(database, B, T0, 3)).isEqualTo(AppendResult.TOO_OLD);
      assertThat(read(database, A)).isEqualTo("60=1 240=4");
      assertThat(read(database, B)).isEqualTo("120=2 121=3");
      assertThat(AppendResult.TOO_OLD.message()).isEqualTo("too old sample");
      assertThat(metrics())
          .contains("prometheus_tsdb_too_old_samples_total{type=\"float\"} 2.0")
          .contains("prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"float\"} 3.0")
          .contains("prometheus_tsdb_head_samples_appended_total{type=\"float\"} 4.0")
          .contains("prometheus_tsdb_out_of_order_samples_total{type=\"float\"} 0.0")
          .contains("prometheus_tsdb_sample_ooo_delta_bucket{le=\"10800.0\"} 3")
          .contains("prometheus_tsdb_sample_ooo_delta_count 5")
          .contains("prometheus_tsdb_out_of_order_wbl_segment_current 0.0")
          .contains("prometheus_tsdb_out_of_order_wbl_record_part_writes_total 3.0");
    }
  }

  @Test
  void sampleOfTheNewestTimeIsADuplicateAndOneOfAnOlderTimeIsNot() {
    try (Database database = open(HOUR)) {
      append(database, A, T0 + 10 * MINUTE, 1);
      append(database, A, T0 + 20 * MINUTE, 2);
      assertThat(append(database, A, T0 + 20 * MINUTE, 2)).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + 20 * MINUTE, 3)).isEqualTo(AppendResult.DUPLICATE);
      // Prometheus does not look into chunks either: the later one stays.
      assertThat(append(database, A, T0 + 10 * MINUTE, 5)).isEqualTo(AppendResult.OK);
      assertThat(read(database, A)).isEqualTo("10=5 20=2");
      // Among late samples the first stays.
      assertThat(append(database, A, T0 + 10 * MINUTE, 6)).isEqualTo(AppendResult.OK);
      assertThat(read(database, A)).isEqualTo("10=5 20=2");
      assertThat(metrics())
          .contains("prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"float\"} 1.0");
    }
  }

  @Test
  void batchInAnyOrderIsTakenWhole() {
    try (Database database = open(HOUR)) {
      try (Appendable.AppendGroup group = database.group()) {
        Appender appender = group.appender();
        long a = appender.series(A);
        for (int minute : new int[] {30, 10, 20, 40, 20, 35, 5}) {
          assertThat(appender.append(a, T0 + minute * MINUTE, minute)).isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
      assertThat(read(database, A)).isEqualTo("5=5 10=10 20=20 30=30 35=35 40=40");
    }
    try (Database database = open(0)) {
      assertThat(read(database, A)).isEqualTo("5=5 10=10 20=20 30=30 35=35 40=40");
    }
  }

  @Test
  void whatMeansNothingWhenItIsLateIsRefused() {
    try (Database database = open(10 * HOUR);
        Appendable.AppendGroup group = database.group()) {
      append(database, A, T0 + 2 * HOUR, 1);
      Appender appender = group.appender();
      long a = appender.series(A);
      assertThat(appender.appendInOrder(a, T0 + HOUR, 2)).isEqualTo(AppendResult.OUT_OF_ORDER);
      assertThat(appender.append(a, T0 + HOUR + MINUTE, 3)).isEqualTo(AppendResult.OK);
      assertThat(appender.appendInOrder(a, T0 + 3 * HOUR, 4)).isEqualTo(AppendResult.OK);
      appender.commit();
      assertThat(read(database, A)).isEqualTo("61=3 120=1 180=4");
    }
  }

  @Test
  void chunkThatCannotBeWrittenStaysInMemory() throws IOException {
    StringBuilder expected = new StringBuilder();
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, -1);
      Path inTheWay = path.resolve("chunks_head/000001");
      Files.createDirectory(inTheWay);
      for (int minute = 80; minute > 0; minute--) {
        append(database, A, T0 + minute * MINUTE, minute);
        if (minute == 20) {
          assertThat(database.head().outOfOrder().counters().failedStores.sum()).isEqualTo(1);
          Files.delete(inTheWay);
        }
      }
      for (int minute = 1; minute <= 80; minute++) {
        expected.append(minute).append('=').append(minute).append(' ');
      }
      expected.append("120=-1");
      assertThat(read(database, A)).isEqualTo(expected.toString());
      // The next chunk took the first one along.
      assertThat(database.head().outOfOrder().counters().chunksStored.sum()).isEqualTo(1);
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo(expected.toString());
    }
  }

  @Test
  void whatWasInLostChunkFilesComesFromTheLog() throws IOException {
    StringBuilder expected = new StringBuilder();
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, -1);
      for (int minute = 1; minute <= 80; minute++) {
        append(database, A, T0 + minute * MINUTE, minute);
        expected.append(minute).append('=').append(minute).append(' ');
      }
      expected.append("120=-1");
    }
    for (Path file : entries("chunks_head")) {
      Files.delete(file);
    }
    for (int round = 0; round < 2; round++) {
      try (Database database = open(10 * HOUR)) {
        assertThat(read(database, A)).isEqualTo(expected.toString());
        // A file of the lost one's number, and chunks at the places of the lost chunks.
        for (int minute = 1; minute <= 80; minute++) {
          append(database, B, T0 + minute * MINUTE, minute);
        }
      }
    }
  }

  @Test
  void theWindowCanBeChangedWhileItRuns() throws IOException {
    try (Database database = open(0)) {
      append(database, A, T0 + HOUR, 1);
      assertThat(append(database, A, T0 + 50 * MINUTE, 2)).isEqualTo(AppendResult.OUT_OF_ORDER);
      database.outOfOrderWindow(HOUR);
      assertThat(entries("wbl")).hasSize(1);
      assertThat(append(database, A, T0 + 50 * MINUTE, 3)).isEqualTo(AppendResult.OK);
      database.outOfOrderWindow(5 * MINUTE);
      assertThat(append(database, A, T0 + 52 * MINUTE, 4)).isEqualTo(AppendResult.TOO_OLD);
      database.outOfOrderWindow(0);
      assertThat(append(database, A, T0 + 58 * MINUTE, 5)).isEqualTo(AppendResult.OUT_OF_ORDER);
      assertThat(read(database, A)).isEqualTo("50=3 60=1");
      assertThatThrownBy(() -> database.outOfOrderWindow(-1))
          .isInstanceOf(IllegalArgumentException.class);
    }
    // What was taken is compacted, also when nothing is taken any more.
    try (Database database = open(0)) {
      assertThat(read(database, A)).isEqualTo("50=3 60=1");
      append(database, A, T0 + 2 * HOUR, 6);
      append(database, A, T0 + 5 * HOUR, 7);
      database.maintain();
      assertThat(database.loadedBlocks()).hasSize(1);
      assertThat(database.loadedBlocks().getFirst().meta().stats().samples()).isEqualTo(2);
      assertThat(read(database, A)).isEqualTo("50=3 60=1 120=6 300=7");
    }
  }

  @Test
  void fullChunksGoToFilesAndAllIsMadeBlocks() throws IOException {
    StringBuilder expected = new StringBuilder();
    try (Database database = open(10 * HOUR)) {
      append(database, B, T0 + 60 * MINUTE, 1);
      append(database, A, T0 + 61 * MINUTE, 1);
      append(database, A, T0 + 5 * HOUR, 99);
      // Late ones from before the first block's range on to the third, 32 to a chunk.
      for (int i = 0; i < 100; i++) {
        int minute = (i * 37) % 100 * 3 - 60;
        assertThat(append(database, A, T0 + minute * MINUTE, minute)).isEqualTo(AppendResult.OK);
      }
      for (int minute = -60; minute < 240; minute += 3) {
        expected.append(minute).append('=').append(minute).append(' ');
        expected.append(minute == 60 ? "61=1 " : "");
      }
      expected.append("300=99");
      assertThat(read(database, A)).isEqualTo(expected.toString());
      assertThat(database.head().outOfOrder().counters().chunksStored.sum()).isEqualTo(3);
      assertThat(database.head().counters().chunks.sum()).isEqualTo(3 + 4);
      database.head().storeChunks();
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo(expected.toString());
      Querier before = database.querier(0, Long.MAX_VALUE);
      database.maintain();
      // The reader from before keeps the late samples in the head, not the blocks from the disk.
      assertThat(database.head().outOfOrder().isEmpty()).isFalse();
      assertThat(read(before, A)).isEqualTo(expected.toString());
      assertThat(read(database, A)).isEqualTo(expected.toString());
      before.close();
      database.maintain();
      assertThat(database.head().outOfOrder().isEmpty()).isTrue();
      assertThat(read(database, A)).isEqualTo(expected.toString());
      assertThat(database.loadedBlocks())
          .extracting(block -> (block.meta().minTime() - T0) / HOUR)
          .containsExactly(-2L, 0L, 2L);
      List<BlockMeta> late =
          database.loadedBlocks().stream()
              .map(Block::meta)
              .filter(meta -> meta.compaction().hints().contains(BlockMeta.OUT_OF_ORDER))
              .toList();
      assertThat(late).extracting(meta -> (meta.minTime() - T0) / HOUR).containsExactly(-2L, 2L);
      assertThat(late).allMatch(meta -> meta.maxTime() == meta.minTime() + RANGE);
      // The one between was merged with the head's.
      assertThat(database.loadedBlocks().get(1).meta().compaction().level()).isEqualTo(2);
      assertThat(entries("wbl")).hasSize(1);
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo(expected.toString());
      assertThat(database.head().outOfOrder().isEmpty())
          .as("chunks that are in blocks are not read again from the files that still have them")
          .isTrue();
    }
  }

  @Test
  void whatIsDeletedStaysDeletedAndWhatComesLaterIsThere() {
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 1);
      for (int minute = 0; minute < 100; minute++) {
        append(database, A, T0 + minute * MINUTE, minute);
      }
      database.delete(T0 + 2 * MINUTE, T0 + 3 * HOUR, List.of(Matcher.equal("__name__", "m")));
      assertThat(read(database, A)).isEqualTo("0=0 1=1");
      append(database, A, T0 + 50 * MINUTE, 7);
      assertThat(read(database, A)).isEqualTo("0=0 1=1 50=7");
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("0=0 1=1 50=7");
      append(database, B, T0 + 4 * HOUR, 1);
      database.maintain();
      assertThat(read(database, A)).isEqualTo("0=0 1=1 50=7");
    }
  }

  @Test
  void seriesWithLateSamplesAloneIsNotCollected() {
    try (Database database = open(10 * HOUR)) {
      append(database, B, T0 + 2 * HOUR, 1);
      append(database, A, T0 + MINUTE, 5);
      database.head().truncate(T0 + HOUR);
      assertThat(read(database, A)).isEqualTo("1=5");
      assertThat(database.head().series()).isEqualTo(2);
      append(database, B, T0 + 6 * HOUR, 1);
      database.maintain();
      database.head().truncate(T0 + 4 * HOUR);
      assertThat(database.head().series()).isEqualTo(1);
      assertThat(read(database, A)).isEqualTo("1=5");
    }
  }

  @Test
  void snapshotHasTheLateSamplesToo() {
    Path copy;
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 1);
      append(database, A, T0 + MINUTE, 5);
      copy = database.snapshot(false);
      assertThat(read(database, A)).isEqualTo("1=5 120=1");
    }
    path = copy;
    try (Database database = open(0)) {
      assertThat(read(database, A)).isEqualTo("1=5 120=1");
    }
  }

  /** The log of late samples as it was before the last commit; the other log has that commit. */
  @Test
  void killBetweenTheLogs(@TempDir Path killed) throws IOException {
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 1);
      append(database, A, T0 + MINUTE, 5);
      Path log = entries("wbl").getLast();
      byte[] before = Files.readAllBytes(log);
      append(database, A, T0 + 2 * MINUTE, 6);
      assertThat(Files.size(log)).isGreaterThan(before.length);
      copy(path, killed);
      Files.write(killed.resolve(path.relativize(log)), before);
    }
    path = killed;
    try (Database database = open(10 * HOUR)) {
      // Nobody was told that the last one was taken; sent again, it is.
      assertThat(read(database, A)).isEqualTo("1=5 120=1");
      assertThat(append(database, A, T0 + 2 * MINUTE, 6)).isEqualTo(AppendResult.OK);
      assertThat(read(database, A)).isEqualTo("1=5 2=6 120=1");
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("1=5 2=6 120=1");
    }
  }

  /** A byte flipped in the first record, and the last one torn. */
  @Test
  void brokenLogOfLateSamplesIsMended() throws IOException {
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 1);
      for (int minute = 1; minute <= 5; minute++) {
        append(database, A, T0 + minute * MINUTE, minute);
      }
    }
    Path log = entries("wbl").getLast();
    byte[] bytes = Files.readAllBytes(log);
    bytes[10] ^= 4;
    Files.write(log, bytes);
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("2=2 3=3 4=4 5=5 120=1");
      assertThat(metrics()).contains("prometheus_tsdb_wal_corruptions_total 1.0");
    }
    bytes = Files.readAllBytes(log);
    int end = bytes.length;
    while (bytes[end - 1] == 0) {
      end--; // the rest of the page
    }
    Files.write(log, Arrays.copyOf(bytes, end - 3));
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("2=2 3=3 4=4 120=1");
      assertThat(metrics()).contains("prometheus_tsdb_wal_corruptions_total 1.0");
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("2=2 3=3 4=4 120=1");
      assertThat(metrics()).contains("prometheus_tsdb_wal_corruptions_total 0.0");
    }
  }

  @Test
  void commitWhoseLateSamplesCannotBeLoggedFailsAsAWhole() {
    FaultyDisk disk = new FaultyDisk();
    try (Database database = open(disk, 10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 1);
      try (Appendable.AppendGroup group = database.group()) {
        Appender appender = group.appender();
        appender.append(appender.series(A), T0 + 2 * HOUR + MINUTE, 2);
        appender.append(appender.series(A), T0 + MINUTE, 3);
        appender.append(appender.series(B), T0 + 2 * MINUTE, 4);
        disk.failAfter(1, true); // the write of the WAL, not that of the WBL
        assertThatThrownBy(appender::commit).isInstanceOf(StorageException.class);
        disk.heal();
        assertThat(read(database, A)).isEqualTo("120=1");
        assertThat(read(database, B)).isEmpty();
        database.head().cutOutOfOrder();
        assertThat(database.head().outOfOrder().slots()).as("nothing is left of it").isEmpty();
        appender = group.appender();
        appender.append(appender.series(A), T0 + 2 * HOUR + MINUTE, 2);
        appender.append(appender.series(A), T0 + MINUTE, 3);
        appender.append(appender.series(B), T0 + 2 * MINUTE, 4);
        appender.commit();
      }
      assertThat(read(database, A)).isEqualTo("1=3 120=1 121=2");
      assertThat(read(database, B)).isEqualTo("2=4");
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("1=3 120=1 121=2");
      assertThat(read(database, B)).isEqualTo("2=4");
    }
  }

  @Test
  void commitIsSeenWholeOrNotAtAll() throws InterruptedException {
    int commits = 4_000;
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, 0);
      append(database, B, T0 + 2 * HOUR, 0);
      AtomicBoolean over = new AtomicBoolean();
      AtomicReference<@Nullable String> torn = new AtomicReference<>();
      Thread reader =
          Thread.ofPlatform()
              .start(() -> {
                while (!over.get()) {
                  try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
                    int a = count(querier, A);
                    int b = count(querier, B);
                    int again = count(querier, A);
                    if (a != b || a != again) {
                      torn.compareAndSet(
                          null, a + " of A, " + b + " of B, then " + again + " of A");
                    }
                  }
                }
              });
      try (Appendable.AppendGroup group = database.group()) {
        for (int i = 0; i < commits; i++) {
          Appender appender = group.appender();
          long time = T0 + (i * 7919L) % commits * 1_000;
          appender.append(appender.series(A), time, i);
          appender.append(appender.series(B), time, i);
          appender.commit();
          if (i % 500 == 499) {
            Thread.yield();
          }
        }
      } finally {
        over.set(true);
        reader.join();
      }
      assertThat(torn.get()).isNull();
      try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
        assertThat(count(querier, A)).isEqualTo(commits + 1);
      }
    }
  }

  private static int count(Querier querier, Labels labels) {
    SeriesSet set =
        querier.select(
            false,
            SelectHints.range(0, Long.MAX_VALUE),
            List.of(Matcher.equal("i", String.valueOf(labels.get("i")))));
    SampleBuffer buffer = new SampleBuffer();
    set.reader().read(0, 0, Long.MAX_VALUE, buffer);
    return buffer.size();
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
}
