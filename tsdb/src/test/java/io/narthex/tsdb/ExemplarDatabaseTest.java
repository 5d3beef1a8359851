package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.file.Disk;
import io.narthex.model.exposition.MetricType;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.model.sample.Exemplar;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable.AppendGroup;
import io.narthex.storage.Appender;
import io.narthex.storage.ExemplarQuerier.SeriesExemplars;
import io.narthex.storage.ExemplarResult;
import io.narthex.storage.StorageException;
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.wal.RecordType;
import io.narthex.tsdb.wal.WalDecoder;
import io.narthex.tsdb.wal.WalDirectory;
import io.narthex.tsdb.wal.WalHandler;
import io.narthex.tsdb.wal.WalReader;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Exemplars and metadata through the database's doors, and across its restarts. */
class ExemplarDatabaseTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;
  private static final Labels A = Labels.of("__name__", "a");
  private static final Labels B = Labels.of("__name__", "b");

  @TempDir private Path path;
  private PrometheusRegistry registry = new PrometheusRegistry();
  private @Nullable Database database;

  @AfterEach
  void close() {
    if (database != null) {
      database.close();
    }
  }

  private Database open(int exemplars) {
    if (database != null) {
      database.close();
    }
    registry = new PrometheusRegistry();
    Database opened =
        Database.open(
            path,
            DatabaseOptions.DEFAULT.withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            registry);
    database = opened;
    opened.maxExemplars(exemplars);
    opened.replay();
    return opened;
  }

  private static Labels trace(String id) {
    return Labels.of("trace_id", id);
  }

  private static void add(Database to, Labels series, long time, String... traces) {
    try (AppendGroup group = to.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series);
      assertThat(appender.append(handle, time, 1)).isEqualTo(AppendResult.OK);
      for (String trace : traces) {
        assertThat(appender.exemplar(handle, time, true, 0.5, trace(trace)))
            .isEqualTo(ExemplarResult.OK);
      }
      appender.commit();
    }
  }

  private static List<SeriesExemplars> all(Database in) {
    return in.exemplars()
        .select(
            Long.MIN_VALUE,
            Long.MAX_VALUE,
            List.of(List.of(new Matcher(Matcher.Type.REGEX, "__name__", ".+"))));
  }

  private static SeriesExemplars one(Labels series, long time, String... traces) {
    return new SeriesExemplars(
        series,
        List.of(traces).stream().map(trace -> new Exemplar(trace(trace), 0.5, time)).toList());
  }

  private double metric(String name) {
    for (MetricSnapshot snapshot : registry.scrape()) {
      String full = snapshot.getMetadata().getPrometheusName();
      if (full.equals("prometheus_tsdb_exemplar_" + name)) {
        return snapshot instanceof CounterSnapshot counter
            ? counter.getDataPoints().getFirst().getValue()
            : ((GaugeSnapshot) snapshot).getDataPoints().getFirst().getValue();
      }
    }
    throw new AssertionError("no metric " + name);
  }

  @Test
  void areThereAfterTheCommitAndAfterARestart() {
    Database first = open(10);
    add(first, A, T0, "x");
    add(first, B, T0 + 1, "y");
    List<SeriesExemplars> expected = List.of(one(A, T0, "x"), one(B, T0 + 1, "y"));
    assertThat(all(first)).isEqualTo(expected);
    assertThat(metric("exemplars_appended")).isEqualTo(2);
    assertThat(metric("exemplars_in_storage")).isEqualTo(2);
    assertThat(metric("series_with_exemplars_in_storage")).isEqualTo(2);
    assertThat(metric("last_exemplars_timestamp_seconds")).isEqualTo(T0 / 1e3);
    assertThat(metric("max_exemplars")).isEqualTo(10);
    Database second = open(10);
    assertThat(all(second)).isEqualTo(expected);
    assertThat(all(open(0))).isEmpty();
    assertThat(all(open(1))).isEqualTo(List.of(one(B, T0 + 1, "y")));
  }

  @Test
  void areNotThereBeforeTheCommitOrAfterARollback() {
    Database there = open(10);
    add(there, A, T0);
    try (AppendGroup group = there.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      appender.exemplar(handle, T0, true, 1, trace("x"));
      assertThat(all(there)).isEmpty();
      appender.rollback();
      assertThat(all(there)).isEmpty();
      appender = group.appender();
      appender.exemplar(handle, T0, true, 0.5, trace("y"));
      appender.commit(); // without a sample
    }
    assertThat(all(there)).isEqualTo(List.of(one(A, T0, "y")));
    assertThat(all(open(10))).isEqualTo(List.of(one(A, T0, "y")));
  }

  @Test
  void answersTellWhatIsWrongWithOne() {
    Database there = open(10);
    add(there, A, T0, "x");
    try (AppendGroup group = there.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      assertThat(appender.exemplar(handle, T0, true, 0.5, trace("x")))
          .isEqualTo(ExemplarResult.DUPLICATE);
      assertThat(appender.exemplar(handle, T0 - 1, true, 0.5, trace("x")))
          .isEqualTo(ExemplarResult.OUT_OF_ORDER);
      assertThat(appender.exemplar(handle, T0 + 1, true, 0.5, trace("x".repeat(121))))
          .isEqualTo(ExemplarResult.TOO_LONG);
      assertThat(appender.exemplar(0x7777_0000_0123L, T0, true, 0.5, trace("x")))
          .isEqualTo(ExemplarResult.NO_SERIES);
      // In order when they are appended, and not any more when the second one is committed.
      assertThat(appender.exemplar(handle, T0 + 9, true, 0.5, trace("z")))
          .isEqualTo(ExemplarResult.OK);
      assertThat(appender.exemplar(handle, T0 + 8, true, 0.5, trace("y")))
          .isEqualTo(ExemplarResult.OK);
      appender.commit();
    }
    assertThat(metric("out_of_order_exemplars")).isEqualTo(1);
    assertThat(all(there).getFirst().exemplars()).hasSize(2);
  }

  @Test
  void aDatabaseWithoutRoomSaysSo() {
    Database there = open(0);
    try (AppendGroup group = there.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      assertThat(appender.exemplar(handle, T0, true, 1, trace("x")))
          .isEqualTo(ExemplarResult.DISABLED);
      appender.rollback();
    }
    there.maxExemplars(5);
    add(there, A, T0, "x");
    assertThat(all(there)).hasSize(1);
    there.maxExemplars(0);
    assertThat(all(there)).isEmpty();
  }

  @Test
  void oneOfASeriesWithoutSamplesIsLeftOut() throws IOException {
    Database there = open(10);
    try (AppendGroup group = there.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      assertThat(appender.exemplar(handle, T0, true, 1, trace("x"))).isEqualTo(ExemplarResult.OK);
      appender.metadata(handle, MetricType.GAUGE, "", "help");
      appender.commit();
      assertThat(all(there)).isEmpty();
      // With the first sample in the same batch it is kept, in whatever order they come.
      appender = group.appender();
      assertThat(appender.exemplar(handle, T0, true, 0.5, trace("x"))).isEqualTo(ExemplarResult.OK);
      appender.append(handle, T0, 1);
      appender.commit();
    }
    assertThat(all(there)).isEqualTo(List.of(one(A, T0, "x")));
    there.close();
    assertThat(metadataInLog()).isEmpty();
  }

  @Test
  void surviveACheckpointIfTheyAreYoungEnough() {
    Database there = open(10);
    for (int i = 0; i < 4; i++) {
      for (int k = 0; k < 4; k++) {
        add(there, A, T0 + i * RANGE + k * RANGE / 4, "x" + i + k);
      }
      there.wal().cut();
    }
    there.maintain();
    assertThat(there.blockMetas()).isNotEmpty();
    // In memory all are left, whatever the head has let go.
    assertThat(all(there).getFirst().exemplars()).hasSize(10);
    Database again = open(100);
    List<Exemplar> left = all(again).getFirst().exemplars();
    assertThat(left).isNotEmpty();
    assertThat(left.getFirst().timestamp()).isGreaterThanOrEqualTo(again.head().minTime());
    assertThat(left.getLast().labels()).isEqualTo(trace("x33"));
  }

  @Test
  void aFullDiskKeepsNone() {
    Database there = open(10);
    add(there, A, T0);
    there.wal().close(); // as good as a disk that takes nothing
    try (AppendGroup group = there.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      appender.exemplar(handle, T0, true, 1, trace("x"));
      assertThatThrownBy(appender::commit).isInstanceOf(StorageException.class);
    }
    assertThat(all(there)).isEmpty();
  }

  /** The metadata records of the log, as text. */
  private List<String> metadataInLog() throws IOException {
    List<String> found = new ArrayList<>();
    WalDirectory directory = new WalDirectory(Disk.SYSTEM, path.resolve("wal"));
    try (WalReader reader = new WalReader(Disk.SYSTEM, directory.replay(Integer.MAX_VALUE))) {
      WalDecoder decoder = new WalDecoder();
      while (reader.next()) {
        reader.decode(decoder, new MetadataOnly(found));
      }
    }
    return found;
  }

  private record MetadataOnly(List<String> found) implements WalHandler {
    @Override
    public boolean wants(int type) {
      return type == RecordType.METADATA;
    }

    @Override
    public void series(long ref, byte[] bytes, int from, int length) {}

    @Override
    public void samples(long[] refs, long[] timestamps, double[] values, int n) {}

    @Override
    public void tombstone(long ref, long minTime, long maxTime) {}

    @Override
    public void metadata(
        long ref,
        int type,
        byte[] bytes,
        int unitFrom,
        int unitLength,
        int helpFrom,
        int helpLength) {
      found.add(
          WalDecoder.metricType(type).text()
              + " "
              + new String(bytes, unitFrom, unitLength, StandardCharsets.UTF_8)
              + " "
              + new String(bytes, helpFrom, helpLength, StandardCharsets.UTF_8));
    }
  }

  private static void describe(Database in, long time, MetricType type, String unit, String help) {
    try (AppendGroup group = in.group()) {
      Appender appender = group.appender();
      long handle = appender.series(A);
      appender.append(handle, time, 1);
      appender.metadata(handle, type, unit, help);
      appender.commit();
    }
  }

  @Test
  void metadataIsLoggedWhenItChanges() throws IOException {
    Database there = open(0);
    describe(there, T0, MetricType.COUNTER, "seconds", "some help");
    describe(there, T0 + 1, MetricType.COUNTER, "seconds", "some help");
    assertThat(metadataInLog()).containsExactly("counter seconds some help");
    describe(there, T0 + 2, MetricType.GAUGE, "seconds", "some help");
    describe(there, T0 + 3, MetricType.GAUGE, "seconds", "some help");
    assertThat(metadataInLog())
        .containsExactly("counter seconds some help", "gauge seconds some help");
    Database again = open(0);
    describe(again, T0 + 4, MetricType.GAUGE, "seconds", "some help");
    assertThat(metadataInLog()).hasSize(2);
    describe(again, T0 + 5, MetricType.GAUGE, "", "");
    assertThat(metadataInLog()).hasSize(3).last().isEqualTo("gauge  ");
  }

  @Test
  void metadataOfASeriesThatCameBackIsLoggedAnew() throws IOException {
    Database there = open(0);
    describe(there, T0, MetricType.COUNTER, "", "help");
    add(there, B, T0 + 3 * RANGE);
    there.maintain(); // a is in a block now, and not in the head any more
    assertThat(there.headStats().series()).isEqualTo(1);
    describe(there, T0 + 3 * RANGE, MetricType.COUNTER, "", "help");
    assertThat(metadataInLog()).containsExactly("counter  help", "counter  help");
  }
}
