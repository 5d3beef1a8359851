package io.narthex.tsdb;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.file.Disk;
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
import io.narthex.testkit.FakeClock;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.wal.WalCompression;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Series that have ended leave the head early, and nobody misses a sample. */
class StaleCompactionTest {

  private static final long RANGE = 600_000;
  private static final long T0 = 1_700_000_000_000L / (27 * RANGE) * (27 * RANGE);
  private static final Matcher ANY = new Matcher(Matcher.Type.REGEX, "__name__", ".+");

  @TempDir private Path path;
  private final Map<Labels, TreeMap<Long, Double>> written = new TreeMap<>();
  private @Nullable Database database;

  @AfterEach
  void close() {
    if (database != null) {
      database.close();
    }
  }

  private Database open(double threshold) {
    close();
    Database opened =
        Database.open(
            path,
            DatabaseOptions.DEFAULT
                .withMinBlockMillis(RANGE)
                .withWal(WalCompression.NONE, 1 << 15)
                .withCheckMemory(true),
            Disk.SYSTEM,
            new FakeClock(T0),
            new PrometheusRegistry());
    database = opened;
    opened.staleSeriesThreshold(threshold);
    opened.replay();
    return opened;
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private void add(Database to, long time, double value, int... numbers) {
    try (AppendGroup group = to.group()) {
      Appender appender = group.appender();
      for (int number : numbers) {
        assertThat(appender.append(appender.series(series(number)), T0 + time, value))
            .isEqualTo(AppendResult.OK);
        written.computeIfAbsent(series(number), l -> new TreeMap<>()).put(T0 + time, value);
      }
      appender.commit();
    }
  }

  /** Ten series with some samples, of which eight end. */
  private void fill(Database to) {
    int[] all = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
    for (int t = 0; t < 20; t++) {
      add(to, t * 15_000, t, all);
    }
    add(to, 300_000, StaleMarker.VALUE, 0, 1, 2, 3, 4, 5, 6, 7);
    add(to, 300_000, 1, 8, 9);
  }

  private static Map<Labels, TreeMap<Long, Long>> bits(Map<Labels, TreeMap<Long, Double>> samples) {
    Map<Labels, TreeMap<Long, Long>> all = new TreeMap<>();
    samples.forEach((labels, list) -> {
      TreeMap<Long, Long> copy = new TreeMap<>();
      list.forEach((time, value) -> copy.put(time, Double.doubleToRawLongBits(value)));
      all.put(labels, copy);
    });
    return all;
  }

  private static Map<Labels, TreeMap<Long, Double>> samples(Database database) {
    Map<Labels, TreeMap<Long, Double>> all = new TreeMap<>();
    try (Querier querier = database.querier(0, Long.MAX_VALUE)) {
      SampleBuffer buffer = new SampleBuffer();
      SeriesSet set = querier.select(false, SelectHints.range(0, Long.MAX_VALUE), List.of(ANY));
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, 0, Long.MAX_VALUE, buffer);
        TreeMap<Long, Double> list = new TreeMap<>();
        for (int k = 0; k < buffer.size(); k++) {
          list.put(buffer.timestamps()[k], buffer.values()[k]);
        }
        if (!list.isEmpty()) {
          all.put(set.labels(i), list);
        }
      }
    }
    return all;
  }

  private void assertNothingMissing(Database database) {
    assertThat(bits(samples(database))).isEqualTo(bits(written));
  }

  private static List<BlockMeta> metas(Database database) {
    return database.blockMetas().stream()
        .map(json -> BlockMeta.parse(json.getBytes(StandardCharsets.UTF_8)))
        .toList();
  }

  @Test
  void theyMoveToABlockThatSaysSo() {
    Database there = open(0.8);
    fill(there);
    there.maintain();
    assertThat(there.headStats().series()).isEqualTo(2);
    assertThat(metas(there)).hasSize(1);
    BlockMeta meta = metas(there).getFirst();
    assertThat(meta.compaction().hints()).containsExactly("from-stale-series");
    assertThat(meta.compaction().level()).isEqualTo(1);
    assertThat(meta.stats().series()).isEqualTo(8);
    assertThat(meta.minTime()).isEqualTo(T0);
    assertThat(meta.maxTime()).isEqualTo(T0 + RANGE);
    assertNothingMissing(there);
    there.maintain();
    assertThat(metas(there)).hasSize(1);
    assertThat(there.counters().staleSeriesCompactions.sum()).isEqualTo(1);
    // The others are where they were.
    add(there, 315_000, 5, 8, 9);
    assertNothingMissing(there);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.81})
  void fewerThanAskedForStay(double threshold) {
    Database there = open(threshold);
    fill(there);
    there.maintain();
    assertThat(metas(there)).isEmpty();
    assertThat(there.headStats().series()).isEqualTo(10);
  }

  @Test
  void theThresholdMayChange() {
    Database there = open(0);
    fill(there);
    there.staleSeriesThreshold(0.5);
    there.maintain();
    assertThat(there.headStats().series()).isEqualTo(2);
  }

  @Test
  void aHeadThatIsDueSoonIsLeftAlone() {
    Database there = open(0.5);
    fill(there);
    add(there, 480_000, 1, 8);
    there.maintain();
    assertThat(metas(there)).isEmpty();
  }

  @Test
  void aSeriesThatGoesOnMeanwhileStaysWithAllItHas() {
    Database there = open(0.5);
    fill(there);
    try (Querier before = there.querier(0, Long.MAX_VALUE)) {
      there.maintain();
      assertThat(metas(there)).hasSize(1);
      assertThat(there.headStats().series()).isEqualTo(10); // the querier needs them
      // One goes on, another one goes on and ends again.
      add(there, 315_000, 5, 0, 1);
      add(there, 330_000, StaleMarker.VALUE, 1);
      there.maintain();
      assertThat(metas(there)).hasSize(1);
    }
    assertNothingMissing(there);
    there.maintain();
    assertThat(there.headStats().series()).isEqualTo(4);
    assertNothingMissing(there);
  }

  @Test
  void aRestartBringsThemBackAndLosesNothing() {
    Database there = open(0.5);
    fill(there);
    there.maintain();
    Database again = open(0.5);
    assertNothingMissing(again);
    again.maintain();
    assertNothingMissing(again);
    add(again, 315_000, 7, 0, 9);
    assertNothingMissing(again);
    assertNothingMissing(open(0));
  }

  @Test
  void theirBlocksAreNotMixedWithOthers() {
    Database there = open(0.5);
    fill(there);
    there.maintain();
    for (int t = 21; t < 400; t++) {
      add(there, t * 15_000, t, 8, 9);
      if (t % 40 == 0) {
        there.maintain();
        assertNothingMissing(there);
      }
    }
    there.maintain();
    assertNothingMissing(there);
    List<BlockMeta> all = metas(there);
    assertThat(all).hasSizeGreaterThan(2);
    assertThat(all.stream().filter(meta -> !meta.compaction().hints().isEmpty()).toList())
        .singleElement()
        .satisfies(meta -> assertThat(meta.stats().series()).isEqualTo(8));
    assertNothingMissing(open(0.5));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void whateverEndsAndComesBackNothingIsMissing(long seed) {
    Random random = new Random(seed);
    Database there = open(0.3);
    boolean[] alive = new boolean[12];
    List<Querier> readers = new ArrayList<>();
    for (int t = 0; t < 300; t++) {
      for (int i = 0; i < alive.length; i++) {
        if (alive[i] && random.nextInt(12) == 0) {
          alive[i] = false;
          add(there, t * 15_000L, StaleMarker.VALUE, i);
        } else if (alive[i] || random.nextInt(15) == 0) {
          alive[i] = true;
          add(there, t * 15_000L, random.nextInt(100), i);
        }
      }
      if (random.nextInt(25) == 0) {
        readers.add(there.querier(0, Long.MAX_VALUE));
      }
      if (random.nextInt(10) == 0) {
        readers.forEach(Querier::close);
        readers.clear();
      }
      if (readers.isEmpty() && random.nextInt(60) == 0) {
        there = open(0.3);
      }
      if (random.nextInt(5) == 0 && readers.isEmpty()) {
        there.maintain();
        assertNothingMissing(there);
      }
    }
    readers.forEach(Querier::close);
    assertThat(metas(there)).anyMatch(meta -> !meta.compaction().hints().isEmpty());
    assertNothingMissing(there);
  }
}
