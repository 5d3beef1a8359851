package io.narthex.tsdb.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.labels.Labels;
import io.narthex.storage.AppendResult;
import io.narthex.storage.Appendable;
import io.narthex.storage.Appender;
import io.narthex.tsdb.Database;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** A clock that is set: samples bear its time, maintenance goes by the stopwatch. */
class ClockTest extends FaultBed {

  private static final long HOUR = 3_600_000;

  private static AppendResult append(Database database, long time, int series) {
    try (Appendable.AppendGroup group = database.group()) {
      Appender appender = group.appender();
      Labels labels = series(series);
      AppendResult result = appender.append(appender.series(labels), time, value(time, series));
      appender.rollback();
      return result;
    }
  }

  @Test
  void aClockThatJumpsAheadLeavesAGap() throws IOException {
    Database database = open();
    live(database, 3);
    clock.jumpTo(now + 5 * HOUR);
    now += 5 * HOUR;
    live(database, 3);
    assertThat(samples(database)).isEqualTo(expected());
    // The empty ranges between cost no blocks.
    assertThat(database.blockMetas()).hasSizeLessThan(8);
    database.close();
    assertRunsOnAndPrometheusAgrees(open());
  }

  @Test
  void aJumpOfAYearIsOneStepForMaintenance() throws IOException {
    Database database = open();
    live(database, 2);
    now += 365 * 24 * HOUR;
    clock.jumpTo(now);
    fill(database, 3);
    double before = metric("compactions");
    database.maintain();
    assertThat(metric("compactions") - before).isLessThan(5);
    assertThat(samples(database)).isEqualTo(expected());
    assertThat(metric("head_min_time")).isGreaterThan(now - HOUR);
  }

  @Test
  void samplesOfNowAreRefusedAfterAJumpAheadAndBack() throws IOException {
    Database database = open();
    clock.jumpTo(now);
    live(database, 2);
    long right = now;
    now += 5 * HOUR;
    clock.jumpTo(now);
    fill(database, 2);
    clock.jumpTo(right);
    // As in Prometheus: too old for the head as a whole, whichever series it is.
    assertThat(append(database, right, 0)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
    assertThat(append(database, right, 99)).isEqualTo(AppendResult.OUT_OF_BOUNDS);
    assertThat(metric("out_of_bound_samples")).isEqualTo(2);
    database.maintain();
    database.maintain();
    assertThat(log.count("in the future of this machine's clock")).isEqualTo(1);
    log.assertSays("WARN", "in the future of this machine's clock");
    // Once the clock has caught up all is as before.
    clock.jumpTo(now);
    fill(database, 2);
    assertRunsOnAndPrometheusAgrees(database);
  }

  @Test
  void aSmallStepBackIsOutOfOrderUntilTheClockHasCaughtUp() {
    Database database = open();
    fill(database, 5);
    assertThat(append(database, now - 2 * STEP, 0)).isEqualTo(AppendResult.OUT_OF_ORDER);
    assertThat(append(database, now - 2 * STEP, 99)).isEqualTo(AppendResult.OK);
    assertThat(metric("out_of_order_samples")).isEqualTo(1);
    fill(database, 5);
    assertThat(samples(database)).isEqualTo(expected());
  }

  @Test
  void maintenanceGoesByTheStopwatch() throws Exception {
    Database database = open();
    clock.awaitSleepers(1);
    clock.jumpTo(T0 - 5 * HOUR);
    double before = metric("compactions_triggered");
    for (int i = 1; i <= 3; i++) {
      int sleeps = clock.sleeps();
      clock.advance(Duration.ofMinutes(1));
      clock.awaitSleeps(sleeps + 1);
      assertThat(metric("compactions_triggered")).isEqualTo(before + i);
      clock.jumpTo(T0 + i * 7 * HOUR);
    }
    assertThat(database.isReady()).isTrue();
  }
}
