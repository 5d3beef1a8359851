package io.narthex.tsdb.head;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HeadTest {

  private static final long RANGE = 7_200_000;
  private static final long T0 = 1_700_000_000_000L / RANGE * RANGE;

  private final Head head = new Head(new HeadOptions(RANGE, 120, 0, true), CommitLog.NONE, null);

  @AfterEach
  void close() {
    assertThat(head.closeNow()).isTrue();
  }

  private static Labels series(int number) {
    return Labels.of("__name__", "m", "i", Integer.toString(number));
  }

  private static AppendResult add(Appendable.AppendGroup group, Labels labels, long time) {
    Appender appender = group.appender();
    AppendResult result = appender.append(appender.series(labels), time, 1);
    appender.commit();
    return result;
  }

  private int visible() {
    try (Querier querier = head.querier(0, Long.MAX_VALUE)) {
      SeriesSet set =
          querier.select(
              false, SelectHints.range(0, Long.MAX_VALUE), List.of(Matcher.equal("__name__", "m")));
      SampleBuffer buffer = new SampleBuffer();
      int samples = 0;
      SeriesSet.Reader reader = set.reader();
      for (int i = 0; i < set.size(); i++) {
        reader.read(i, 0, Long.MAX_VALUE, buffer);
        samples += buffer.size();
      }
      return samples;
    }
  }

  @Test
  void samplesBehindHalfTheRangeAreOutOfBounds() {
    try (Appendable.AppendGroup group = head.group()) {
      add(group, series(1), T0 + RANGE);
      assertThat(add(group, series(2), T0 + RANGE / 2)).isEqualTo(AppendResult.OK);
      assertThat(add(group, series(3), T0 + RANGE / 2 - 1)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
      assertThat(head.counters().outOfBoundSamples.sum()).isEqualTo(1);
    }
  }

  @Test
  void theFirstBatchOfAnEmptyHeadIsBoundByItsFirstSample() {
    try (Appendable.AppendGroup group = head.group()) {
      Appender appender = group.appender();
      assertThat(appender.append(appender.series(series(1)), T0, 1)).isEqualTo(AppendResult.OK);
      assertThat(appender.append(appender.series(series(2)), T0 - RANGE / 2 - 1, 1))
          .isEqualTo(AppendResult.OUT_OF_BOUNDS);
      appender.commit();
      assertThat(head.minTime()).isEqualTo(T0);
      assertThat(head.maxTime()).isEqualTo(T0);
    }
  }

  @Test
  void chunksAreCutWherePrometheusCutsThem() {
    // 480 samples of 15 s in a range: four chunks of 120, predicted at the 30th sample of each.
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 480; i++) {
        add(group, series(1), T0 + i * 15_000L);
      }
      assertThat(head.counters().chunks.sum()).isEqualTo(4);
      add(group, series(1), T0 + RANGE);
      assertThat(head.counters().chunks.sum()).isEqualTo(5);
    }
  }

  @Test
  void aFasterSeriesIsCutAtTwiceTheTarget() {
    try (Appendable.AppendGroup group = head.group()) {
      // 30 samples an hour apart predict long chunks; then they come each millisecond.
      long time = T0;
      for (int i = 0; i < 30; i++) {
        add(group, series(1), time += 120_000);
      }
      for (int i = 0; i < 211; i++) {
        add(group, series(1), ++time);
      }
      assertThat(head.counters().chunks.sum()).isEqualTo(2);
    }
  }

  @Test
  void theEndOfAChunkIsPredictedFromItsFirstQuarter() {
    assertThat(SeriesWriter.predictedEnd(0, 435_000, 7_200_000)).isEqualTo(1_800_000);
    assertThat(SeriesWriter.predictedEnd(0, 1_000_000, 7_200_000)).isEqualTo(7_200_000);
    assertThat(SeriesWriter.predictedEnd(0, 7_200_000, 7_200_000)).isEqualTo(7_200_000);
    assertThat(SeriesWriter.predictedEnd(100, 100, 1000)).isEqualTo(104);
    assertThat(SeriesWriter.rangeEnd(7_199_999, 7_200_000)).isEqualTo(7_200_000);
    assertThat(SeriesWriter.rangeEnd(7_200_000, 7_200_000)).isEqualTo(14_400_000);
  }

  @Test
  void truncationDropsChunksThenSeries() {
    try (Appendable.AppendGroup group = head.group()) {
      for (int i = 0; i < 600; i++) {
        add(group, series(1), T0 + i * 15_000L);
      }
      add(group, series(2), T0 + 6_000_000);
      assertThat(visible()).isEqualTo(601);
      long[] gone = head.truncate(T0 + RANGE);
      assertThat(gone).hasSize(1);
      assertThat(visible()).isEqualTo(120);
      assertThat(head.series()).isEqualTo(1);
      assertThat(head.minTime()).isEqualTo(T0 + RANGE);
      assertThat(add(group, series(2), T0 + RANGE - 1)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
    }
  }

  @Test
  void aHandleOfADeadSeriesIsRefusedAndTheSeriesComesBackByItsLabels() {
    try (Appendable.AppendGroup group = head.group()) {
      Appender appender = group.appender();
      long old = appender.series(series(1));
      appender.append(old, T0, 1);
      appender.commit();
      head.truncate(T0 + 1);
      appender = group.appender();
      assertThat(appender.append(old, T0 + 10, 1)).isEqualTo(AppendResult.NO_SERIES);
      long again = appender.series(series(1));
      assertThat(again).isNotEqualTo(old);
      assertThat(appender.append(again, T0 + 10, 1)).isEqualTo(AppendResult.OK);
      appender.commit();
      assertThat(visible()).isEqualTo(1);
    }
  }

  @Test
  void seriesThatShareLabelsWithTheOneBeforeKeepTheirOwn() {
    // What was found for the labels of the series made last must not outlive a pair, nor be taken
    // for another place's.
    Random random = new Random(7);
    try (Appendable.AppendGroup group = head.group()) {
      for (int round = 0; round < 30; round++) {
        Map<Labels, Long> made = new HashMap<>();
        Appender appender = group.appender();
        for (int i = 0; i < 300; i++) {
          TreeMap<String, String> pairs = new TreeMap<>();
          for (int label = random.nextInt(24); label > 0; label--) {
            int name = random.nextInt(30);
            pairs.put("l" + name, "v".repeat(random.nextInt(3)) + random.nextInt(1 + name % 4));
          }
          Labels labels = Labels.of(pairs);
          long handle = appender.series(labels);
          assertThat(made.getOrDefault(labels, handle)).isEqualTo(handle);
          made.put(labels, handle);
          appender.append(handle, T0 + round * 1000L, 1);
        }
        appender.commit();
        head.truncate(T0 + round * 1000L);
        Set<Labels> known = new HashSet<>();
        head.forEachSeries((ref, labels) -> known.add(labels));
        assertThat(known).isEqualTo(made.keySet());
        assertThat(new HashSet<>(made.values())).hasSameSizeAs(made.keySet());
      }
    }
  }

  @Test
  void memoryComesBackWithChurn() {
    try (Appendable.AppendGroup group = head.group()) {
      long used = 0;
      for (int round = 0; round < 20; round++) {
        Appender appender = group.appender();
        for (int i = 0; i < 2000; i++) {
          Labels labels = Labels.of("__name__", "m", "pod", "p" + round + "-" + i, "job", "churn");
          appender.append(appender.series(labels), T0 + round * 1000L, 1);
        }
        appender.commit();
        head.truncate(T0 + round * 1000L);
        if (round == 5) {
          used = head.usedBytes();
        }
      }
      assertThat(head.series()).isEqualTo(2000);
      assertThat(head.usedBytes()).isLessThanOrEqualTo(used + used / 10);
      head.truncate(Long.MAX_VALUE);
      assertThat(head.series()).isZero();
    }
  }

  @Test
  void aLimitOfSeriesRefusesNewOnes() {
    Head small = new Head(new HeadOptions(RANGE, 120, 2, true), CommitLog.NONE, null);
    try (Appendable.AppendGroup group = small.group()) {
      Appender appender = group.appender();
      long first = appender.series(series(1));
      assertThat(appender.series(series(2))).isNotZero();
      assertThat(appender.series(series(3))).isZero();
      assertThat(appender.series(series(1))).isEqualTo(first);
      assertThat(small.counters().seriesRefused.sum()).isEqualTo(1);
      appender.rollback();
    }
    assertThat(small.closeNow()).isTrue();
  }

  @Test
  void aCommitThatTheLogRefusesLeavesNothingBehind() {
    boolean[] full = {true};
    Head logged =
        new Head(
            new HeadOptions(RANGE, 120, 0, true),
            batch -> {
              if (full[0]) {
                throw new IllegalStateException("disk full");
              }
            },
            null);
    try (Appendable.AppendGroup group = logged.group()) {
      Appender appender = group.appender();
      long handle = appender.series(series(1));
      appender.append(handle, T0, 1);
      assertThatThrownBy(appender::commit)
          .isInstanceOf(StorageException.class)
          .hasMessageContaining("disk full");
      full[0] = false;
      appender = group.appender();
      assertThat(appender.append(handle, T0, 2)).isEqualTo(AppendResult.OK);
      appender.commit();
      assertThat(logged.counters().samplesAppended.sum()).isEqualTo(1);
    }
    assertThat(logged.closeNow()).isTrue();
  }

  @Test
  void aClosedHeadRefusesEverything() {
    Head other = new Head(HeadOptions.DEFAULT, CommitLog.NONE, null);
    Appendable.AppendGroup group = other.group();
    other.close();
    assertThatThrownBy(group::appender)
        .isInstanceOf(StorageException.class)
        .hasMessage("the database is closed");
    assertThatThrownBy(() -> other.querier(0, 1)).isInstanceOf(StorageException.class);
  }
}
