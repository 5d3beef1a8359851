package io.narthex.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Alarm;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A clock that can only sleep has alarms all the same. */
@Timeout(30)
final class FakeClockTest {

  private final FakeClock clock = new FakeClock(0);
  private final BlockingQueue<Long> rung = new LinkedBlockingQueue<>();
  private final Alarm alarm = clock.alarm(() -> rung.add(clock.nanos()));

  private long next() throws InterruptedException {
    Long time = rung.poll(10, TimeUnit.SECONDS);
    return time == null ? -1 : time;
  }

  private void goOn(long nanos) {
    clock.advance(Duration.ofNanos(nanos));
  }

  @Test
  void anAlarmGoesOffOnceEachTimeItIsSet() throws Exception {
    alarm.set(1_000);
    goOn(1_000);
    assertThat(next()).isEqualTo(1_000);
    assertThat(alarm.clear()).isFalse();
    alarm.set(-5);
    assertThat(next()).isEqualTo(1_000);
    assertThat(rung).isEmpty();
  }

  @Test
  void onlyTheLastTimeOfAnAlarmCounts() throws Exception {
    alarm.set(1_000);
    clock.awaitSleepers(1);
    alarm.set(5_000);
    clock.awaitSleeps(2);
    goOn(2_000);
    assertThat(rung).isEmpty();
    goOn(3_000);
    assertThat(next()).isEqualTo(5_000);
    assertThat(rung).isEmpty();
  }

  @Test
  void anAlarmDoesNothingOnceCalledOff() throws Exception {
    alarm.set(1_000);
    clock.awaitSleepers(1);
    assertThat(alarm.clear()).isTrue();
    assertThat(alarm.clear()).isFalse();
    goOn(2_000);
    alarm.set(1_000);
    goOn(1_000);
    assertThat(next()).isEqualTo(3_000);
    assertThat(rung).isEmpty();
  }
}
