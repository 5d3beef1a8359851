package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.histogram.FloatHistogram.ResetHint;
import io.narthex.model.histogram.SpanHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.model.value.StaleMarker;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.Querier;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.FaultyDisk;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.expositionformats.PrometheusTextFormatWriter;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Native histograms that come late: which are taken, where they are, and what survives what. */
class OutOfOrderHistogramsTest {

  private static final long MINUTE = 60_000;
  private static final long HOUR = 60 * MINUTE;
  private static final long RANGE = 2 * HOUR;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final Labels A = Labels.of("__name__", "m", "i", "a");
  private static final Labels B = Labels.of("__name__", "m", "i", "b");

  @TempDir Path path;
  @TempDir Path elsewhere;

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

  /** A counter of whole counts in two buckets. */
  private static SpanHistogram whole(long count) {
    SpanHistogram histogram =
        new SpanHistogram().reset(false).schema(2).zero(0.001, 1).count(count + 1).sum(count / 2.0);
    histogram.positive().addSpan(-1, 2);
    histogram.positive().addBucket(count - count / 3);
    histogram.positive().addBucket(count / 3);
    return histogram;
  }

  private static SpanHistogram custom(double count) {
    SpanHistogram histogram =
        new SpanHistogram()
            .reset(true)
            .schema(FloatHistogram.CUSTOM_BUCKETS)
            .count(Double.doubleToRawLongBits(count))
            .sum(count);
    histogram.positive().addSpan(0, 1);
    histogram.positive().addBucket(Double.doubleToRawLongBits(count));
    histogram.addBound(0.5);
    histogram.addBound(2.5);
    return histogram;
  }

  private static AppendResult append(
      Database database, Labels labels, long time, SpanHistogram histogram) {
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      AppendResult result = appender.append(appender.series(labels), time, histogram);
      appender.commit();
      return result;
    }
  }

  private static AppendResult append(Database database, Labels labels, long time, double value) {
    try (AppendGroup group = database.group()) {
      Appender appender = group.appender();
      AppendResult result = appender.append(appender.series(labels), time, value);
      appender.commit();
      return result;
    }
  }

  /** The samples of a series as {@code minutes since T0=value}, histograms as {@code h} and sum. */
  private static String read(Database database, Labels labels) {
    SampleBuffer buffer = buffer(database, labels);
    List<String> all = new ArrayList<>();
    for (int i = 0; i < buffer.size(); i++) {
      FloatHistogram histogram = buffer.histogram(i);
      double value = histogram == null ? buffer.values()[i] : histogram.sum();
      String text = StaleMarker.is(value) ? "stale" : String.valueOf(value).replace(".0", "");
      all.add(
          Math.floorDiv(buffer.timestamps()[i] - T0, MINUTE)
              + "="
              + (histogram == null ? "" : "h")
              + text);
    }
    return String.join(" ", all);
  }

  private static SampleBuffer buffer(Database database, Labels labels) {
    SampleBuffer buffer = new SampleBuffer();
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(
              true,
              SelectHints.range(0, Long.MAX_VALUE),
              List.of(Matcher.equal("i", String.valueOf(labels.get("i")))));
      if (set.size() > 0) {
        set.reader().read(0, 0, Long.MAX_VALUE, buffer);
      }
    }
    return buffer;
  }

  private String metrics() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrometheusTextFormatWriter.create().write(out, registry.scrape());
    return out.toString(StandardCharsets.UTF_8);
  }

  @Test
  void withoutAWindowLateHistogramsAreRefused() throws IOException {
    try (Database database = open(0)) {
      assertThat(append(database, A, T0 + 2 * HOUR, whole(8))).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + 2 * HOUR - 1, whole(8)))
          .isEqualTo(AppendResult.OUT_OF_ORDER);
      assertThat(append(database, A, T0, whole(8))).isEqualTo(AppendResult.OUT_OF_BOUNDS);
      assertThat(append(database, B, T0, custom(8))).isEqualTo(AppendResult.OUT_OF_BOUNDS);
      assertThat(read(database, A)).isEqualTo("120=h4");
      assertThat(path.resolve("wbl")).doesNotExist();
      assertThat(metrics())
          .contains("prometheus_tsdb_out_of_order_samples_total{type=\"histogram\"} 1.0")
          .contains("prometheus_tsdb_out_of_bound_samples_total{type=\"histogram\"} 2.0")
          .contains("prometheus_tsdb_out_of_order_samples_total{type=\"float\"} 0.0")
          .contains("prometheus_tsdb_sample_ooo_delta_count 1");
    }
  }

  @Test
  void theWindowIsCountedFromTheHeadsNewestSample() throws IOException {
    try (Database database = open(3 * HOUR)) {
      assertThat(append(database, A, T0 + 4 * HOUR, whole(8))).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + HOUR, whole(2))).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + HOUR - 1, whole(2))).isEqualTo(AppendResult.TOO_OLD);
      // A series that has none: no limit but the window.
      assertThat(append(database, B, T0 + 2 * HOUR, custom(2))).isEqualTo(AppendResult.OK);
      assertThat(append(database, B, T0, custom(2))).isEqualTo(AppendResult.TOO_OLD);
      assertThat(read(database, A)).isEqualTo("60=h1 240=h4");
      assertThat(read(database, B)).isEqualTo("120=h2");
      assertThat(metrics())
          .contains("prometheus_tsdb_too_old_samples_total{type=\"histogram\"} 2.0")
          .contains("prometheus_tsdb_too_old_samples_total{type=\"float\"} 0.0")
          .contains(
              "prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"histogram\"} 2.0")
          .contains("prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"float\"} 0.0")
          .contains("prometheus_tsdb_head_samples_appended_total{type=\"histogram\"} 3.0")
          .contains("prometheus_tsdb_sample_ooo_delta_count 4");
    }
  }

  /** The first sample of an empty head says what its newest is, also where it is a histogram. */
  @Test
  void aBatchThatBeginsAHeadIsJudgedByItsFirstSample() {
    try (Database database = open(HOUR);
        AppendGroup group = database.group()) {
      Appender appender = group.appender();
      long a = appender.series(A);
      assertThat(appender.append(a, T0 + 2 * HOUR, whole(8))).isEqualTo(AppendResult.OK);
      assertThat(appender.append(a, T0 + HOUR, whole(2))).isEqualTo(AppendResult.OK);
      assertThat(appender.append(a, T0 + HOUR - 1, whole(2))).isEqualTo(AppendResult.TOO_OLD);
      appender.commit();
      assertThat(read(database, A)).isEqualTo("60=h1 120=h4");
    }
  }

  @Test
  void histogramOfTheNewestTimeIsADuplicateAndOneOfAnOlderTimeIsNot() throws IOException {
    try (Database database = open(HOUR)) {
      append(database, A, T0 + 10 * MINUTE, whole(2));
      append(database, A, T0 + 20 * MINUTE, whole(4));
      assertThat(append(database, A, T0 + 20 * MINUTE, whole(4))).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + 20 * MINUTE, whole(6))).isEqualTo(AppendResult.DUPLICATE);
      assertThat(append(database, A, T0 + 20 * MINUTE, 6)).isEqualTo(AppendResult.DUPLICATE);
      // The later one stays.
      assertThat(append(database, A, T0 + 10 * MINUTE, whole(10))).isEqualTo(AppendResult.OK);
      assertThat(read(database, A)).isEqualTo("10=h5 20=h2");
      // Among late samples the first stays, of whatever kind.
      assertThat(append(database, A, T0 + 10 * MINUTE, whole(12))).isEqualTo(AppendResult.OK);
      assertThat(append(database, A, T0 + 10 * MINUTE, 12)).isEqualTo(AppendResult.OK);
      assertThat(read(database, A)).isEqualTo("10=h5 20=h2");
      assertThat(metrics())
          .contains(
              "prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"histogram\"} 1.0")
          .contains("prometheus_tsdb_head_out_of_order_samples_appended_total{type=\"float\"} 0.0");
    }
  }

  @Test
  void aStaleMarkerThatComesLateTakesTheKindOfTheNewestSample() {
    try (Database database = open(HOUR)) {
      append(database, A, T0 + 20 * MINUTE, whole(4));
      append(database, B, T0 + 20 * MINUTE, 4);
      append(database, A, T0 + 10 * MINUTE, StaleMarker.VALUE);
      append(database, B, T0 + 10 * MINUTE, new SpanHistogram().reset(true).sum(StaleMarker.VALUE));
      assertThat(read(database, A)).isEqualTo("10=hstale 20=h2");
      assertThat(read(database, B)).isEqualTo("10=stale 20=4");
    }
    try (Database database = open(HOUR)) {
      assertThat(read(database, A)).isEqualTo("10=hstale 20=h2");
      assertThat(read(database, B)).isEqualTo("10=stale 20=4");
    }
  }

  @Test
  void batchInAnyOrderIsTakenWhole() {
    String expected = "5=5 10=h5 20=h10 30=h15 35=35 40=h20";
    try (Database database = open(HOUR)) {
      try (AppendGroup group = database.group()) {
        Appender appender = group.appender();
        long a = appender.series(A);
        for (int minute : new int[] {30, 10, 20, 40, 20, 35, 5}) {
          long time = T0 + minute * MINUTE;
          assertThat(
                  minute % 10 == 0
                      ? appender.append(a, time, whole(minute))
                      : appender.append(a, time, minute))
              .isEqualTo(AppendResult.OK);
        }
        appender.commit();
      }
      assertThat(read(database, A)).isEqualTo(expected);
    }
    try (Database database = open(0)) {
      assertThat(read(database, A)).isEqualTo(expected);
    }
  }

  @Test
  void commitWhoseLateHistogramsCannotBeLoggedFailsAsAWhole() {
    FaultyDisk disk = new FaultyDisk();
    try (Database database = open(disk, 10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, whole(2));
      try (AppendGroup group = database.group()) {
        Appender appender = group.appender();
        appender.append(appender.series(A), T0 + 2 * HOUR + MINUTE, whole(4));
        appender.append(appender.series(A), T0 + MINUTE, whole(6));
        appender.append(appender.series(B), T0 + 2 * MINUTE, custom(4));
        disk.failAfter(1, true); // the write of the WAL, not that of the WBL
        assertThatThrownBy(appender::commit).isInstanceOf(StorageException.class);
        disk.heal();
        assertThat(read(database, A)).isEqualTo("120=h1");
        assertThat(read(database, B)).isEmpty();
        appender = group.appender();
        appender.append(appender.series(A), T0 + 2 * HOUR + MINUTE, whole(4));
        appender.append(appender.series(A), T0 + MINUTE, whole(6));
        appender.append(appender.series(B), T0 + 2 * MINUTE, custom(4));
        appender.commit();
      }
      assertThat(read(database, A)).isEqualTo("1=h3 120=h1 121=h2");
      assertThat(read(database, B)).isEqualTo("2=h4");
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(read(database, A)).isEqualTo("1=h3 120=h1 121=h2");
      assertThat(read(database, B)).isEqualTo("2=h4");
    }
  }

  @Test
  void theWindowCanBeChangedWhileItRuns() {
    try (Database database = open(0)) {
      append(database, A, T0 + HOUR, whole(2));
      assertThat(append(database, A, T0 + 50 * MINUTE, whole(4)))
          .isEqualTo(AppendResult.OUT_OF_ORDER);
      database.outOfOrderWindow(HOUR);
      assertThat(append(database, A, T0 + 50 * MINUTE, whole(6))).isEqualTo(AppendResult.OK);
      database.outOfOrderWindow(5 * MINUTE);
      assertThat(append(database, A, T0 + 52 * MINUTE, whole(8))).isEqualTo(AppendResult.TOO_OLD);
      database.outOfOrderWindow(0);
      assertThat(append(database, A, T0 + 58 * MINUTE, whole(8)))
          .isEqualTo(AppendResult.OUT_OF_ORDER);
      assertThat(read(database, A)).isEqualTo("50=h3 60=h1");
    }
    try (Database database = open(0)) {
      assertThat(read(database, A)).isEqualTo("50=h3 60=h1");
      append(database, A, T0 + 2 * HOUR, whole(10));
      append(database, A, T0 + 5 * HOUR, whole(12));
      database.maintain();
      assertThat(database.loadedBlocks()).hasSize(1);
      BlockMeta.Stats stats = database.loadedBlocks().getFirst().meta().stats();
      assertThat(stats.samples()).isEqualTo(2);
      assertThat(stats.histogramSamples()).isEqualTo(2);
      assertThat(read(database, A)).isEqualTo("50=h3 60=h1 120=h5 300=h6");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void allKindsSurviveARestartAKillAndACompaction(int seed) throws IOException {
    Random random = new Random(seed);
    Map<Labels, TreeMap<Long, SpanHistogram>> all = new TreeMap<>();
    List<Map.Entry<Labels, Long>> late = new ArrayList<>();
    Path first = path;
    try (Database database = open(10 * HOUR)) {
      for (int n = 0; n < 8; n++) {
        Labels labels = Labels.of("__name__", "m", "i", Integer.toString(n));
        TreeMap<Long, SpanHistogram> samples = new TreeMap<>();
        HistogramSeries.random(random, T0 + 10 * MINUTE, n % 2 == 0)
            .forEach(sample -> samples.put(sample.time(), sample.histogram()));
        all.put(labels, samples);
        long newest = samples.lastKey();
        // Every other one as it should come, the others at last.
        int number = 0;
        for (Long time : samples.keySet()) {
          if (number++ % 2 == 0 || time == newest) {
            assertThat(append(database, labels, time, samples.get(time)))
                .isEqualTo(AppendResult.OK);
          } else {
            late.add(Map.entry(labels, time));
          }
        }
      }
      Collections.shuffle(late, random);
      try (AppendGroup group = database.group()) {
        for (int i = 0; i < late.size(); ) {
          Appender appender = group.appender();
          for (int more = 1 + random.nextInt(20); more > 0 && i < late.size(); more--) {
            Labels labels = late.get(i).getKey();
            long time = late.get(i).getValue();
            SpanHistogram histogram =
                Objects.requireNonNull(all.getOrDefault(labels, new TreeMap<>()).get(time));
            assertThat(appender.append(appender.series(labels), time, histogram))
                .isEqualTo(AppendResult.OK);
            i++;
          }
          appender.commit();
        }
      }
      assertThat(database.head().outOfOrder().counters().histogramsAppended.sum())
          .isGreaterThanOrEqualTo(late.size());
      assertThat(database.head().outOfOrder().counters().chunksStored.sum()).isGreaterThan(4);
      assertHas(database, all);
      path = copy(first, "killed");
    }
    List<Path> ways = List.of(path, first);
    for (Path way : ways) {
      path = way;
      try (Database database = open(10 * HOUR)) {
        assertHas(database, all);
        append(database, A, T0 + 9 * HOUR, 1);
        database.maintain();
        assertThat(database.head().outOfOrder().isEmpty()).isTrue();
        assertThat(database.blockMetas()).isNotEmpty();
        assertHas(database, all);
      }
      try (Database database = open(0)) {
        assertHas(database, all);
      }
    }
  }

  private Path copy(Path from, String name) throws IOException {
    Path to = elsewhere.resolve(name);
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

  /** Every sample one by one, and no hint that is not so. */
  private static void assertHas(Database database, Map<Labels, TreeMap<Long, SpanHistogram>> all) {
    Map<Labels, List<String>> there = HistogramText.samples(database, true);
    all.forEach((labels, samples) -> {
      List<String> expected = new ArrayList<>();
      samples.forEach(
          (time, histogram) -> expected.add(HistogramText.line(time, histogram.toFloat())));
      assertThat(there.get(labels)).as("%s", labels).isEqualTo(expected);
      SampleBuffer buffer = buffer(database, labels);
      FloatHistogram previous = null;
      for (int i = 0; i < buffer.size(); i++) {
        FloatHistogram histogram = buffer.histogram(i);
        assertThat(histogram).isNotNull();
        if (previous != null && histogram != null && histogram.hint() == ResetHint.NO_RESET) {
          assertThat(histogram.withoutResetHint().isResetAfter(previous))
              .as("%s says that there is no reset at %s", labels, buffer.timestamps()[i])
              .isFalse();
        }
        SpanHistogram sent = samples.get(buffer.timestamps()[i]);
        if (histogram != null && sent != null && !StaleMarker.is(histogram.sum())) {
          assertThat(histogram.hint() == ResetHint.GAUGE)
              .as("a gauge stays one")
              .isEqualTo(sent.hint() == ResetHint.GAUGE);
        }
        previous = histogram;
      }
    });
  }

  @Test
  void howManyThereAreAndTheirBuckets() throws IOException {
    try (Database database = open(10 * HOUR)) {
      append(database, A, T0 + 2 * HOUR, whole(8));
      append(database, B, T0 + 2 * HOUR, custom(8));
      append(database, Labels.of("__name__", "m", "i", "float"), T0 + 2 * HOUR, 8);
      assertThat(metrics())
          .contains("prometheus_tsdb_head_native_histogram_series 2.0")
          .contains("prometheus_tsdb_head_native_histogram_buckets 3.0");
      // What comes late is not the newest.
      SpanHistogram wide = whole(3);
      wide.positive().addSpan(3, 1);
      wide.positive().addBucket(0);
      append(database, A, T0 + HOUR, wide);
      append(database, B, T0 + HOUR, 1);
      assertThat(metrics())
          .contains("prometheus_tsdb_head_native_histogram_series 2.0")
          .contains("prometheus_tsdb_head_native_histogram_buckets 3.0");
      append(database, A, T0 + 2 * HOUR + MINUTE, wide);
      assertThat(metrics()).contains("prometheus_tsdb_head_native_histogram_buckets 4.0");
      database.maintain();
    }
    try (Database database = open(10 * HOUR)) {
      assertThat(metrics())
          .contains("prometheus_tsdb_head_native_histogram_series 2.0")
          .contains("prometheus_tsdb_head_native_histogram_buckets 4.0");
      append(database, A, T0 + 2 * HOUR + 2 * MINUTE, StaleMarker.VALUE);
      append(database, B, T0 + 2 * HOUR + 2 * MINUTE, 7);
      assertThat(metrics())
          .contains("prometheus_tsdb_head_native_histogram_series 1.0")
          .contains("prometheus_tsdb_head_native_histogram_buckets 0.0");
    }
  }

  /** The newest histogram of a series lies in a chunk file alone. */
  @Test
  void bucketsOfWhatOnlyAFileHas() throws IOException {
    try (Database database = open(0)) {
      for (int i = 0; i < 400; i++) {
        append(database, A, T0 + i * 15_000L, whole(i + 1));
      }
      append(database, A, T0 + 400 * 15_000L, custom(1));
      append(database, A, T0 + 401 * 15_000L, whole(1));
      database.maintain();
    }
    // A log without its last segment's end: the newest samples are those of the files.
    try (Stream<Path> segments = Files.list(path.resolve("wal"))) {
      for (Path segment : segments.toList()) {
        Files.write(segment, Arrays.copyOf(Files.readAllBytes(segment), 4096));
      }
    }
    try (Database database = open(0)) {
      assertThat(read(database, A)).endsWith("100=h1");
      assertThat(metrics())
          .contains("prometheus_tsdb_head_native_histogram_series 1.0")
          .contains("prometheus_tsdb_head_native_histogram_buckets 1.0");
    }
  }
}
