package io.narthex.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.yaml.Yaml;
import io.narthex.discovery.TargetGroup;
import io.narthex.model.labels.Labels;
import io.narthex.scrape.config.ScrapeConfig;
import io.narthex.scrape.config.ScrapeDefaults;
import io.narthex.testkit.FakeClock;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TicksTest {

  private static final long SECOND = 1_000_000_000;
  private static final long START = 1_700_000_000_000L;

  private final FakeClock clock = new FakeClock(START);

  private static List<Target> targets(int count, int seconds) {
    ScrapeConfig config =
        Yaml.decode(
                "job_name: j\nscrape_interval: " + seconds + "s\nscrape_timeout: 1s\n",
                Path.of("/"),
                ScrapeConfig::decode)
            .complete(ScrapeDefaults.DEFAULT);
    List<Labels> found =
        IntStream.range(0, count).mapToObj(i -> Labels.of("__address__", "host:" + i)).toList();
    return new TargetFactory(config)
        .make(List.of(new TargetGroup("0", Labels.of(), found)))
        .targets;
  }

  private Ticks ticks(Target target) {
    return new Ticks(target, ScrapeOptions.defaults("x"), clock);
  }

  private Ticks begun() {
    Ticks ticks = ticks(targets(1, 10).getFirst());
    ticks.begin(null);
    return ticks;
  }

  private void goTo(long nanos) {
    clock.advance(Duration.ofNanos(nanos - clock.nanos()));
  }

  @Test
  void firstTicksAreSpreadOverTheIntervalInGrains() {
    int[] inSecond = new int[11];
    List<Target> all = targets(1_000, 10);
    for (Target target : all) {
      Ticks ticks = ticks(target);
      ticks.begin(null);
      assertThat(ticks.next() % Ticks.GRAIN).isZero();
      // Where Prometheus would scrape: START is a multiple of the interval.
      long exact = Long.remainderUnsigned(target.hash(), 10 * SECOND);
      assertThat(ticks.next() - exact).isBetween(0L, Ticks.GRAIN - 1);
      inSecond[(int) (ticks.next() / SECOND)]++;
    }
    for (int i = 0; i < 10; i++) {
      assertThat(inSecond[i]).isBetween(60, 140);
    }
  }

  @Test
  void missedTicksAreNotMadeUpFor() {
    Ticks ticks = begun();
    long first = ticks.next();
    goTo(first + 3 * SECOND);
    ticks.advance();
    assertThat(ticks.next()).isEqualTo(first + 10 * SECOND);
    goTo(first + 45 * SECOND);
    ticks.advance();
    // The one that has come due last is scraped at once.
    assertThat(ticks.next()).isEqualTo(first + 40 * SECOND);
  }

  @Test
  void firstTicksOfShortIntervalsAreFinerThanThoseOfLongOnes() {
    for (Target target : targets(100, 1)) {
      Ticks ticks = ticks(target);
      ticks.begin(null);
      assertThat(ticks.next() - Long.remainderUnsigned(target.hash(), SECOND))
          .isBetween(0L, SECOND / 1000 - 1);
    }
  }

  @Test
  void aScrapeThatIsAlmostInTimeHasTheTimeOfItsTick() {
    Ticks ticks = begun();
    goTo(ticks.next());
    long first = ticks.time();
    assertThat(first).isEqualTo(clock.millis());
    ticks.advance();
    goTo(ticks.next() + 2_000_000);
    assertThat(ticks.time()).isEqualTo(first + 10_000);
    ticks.advance();
    goTo(ticks.next() + 3_000_000);
    assertThat(ticks.time()).isEqualTo(first + 20_003);
    ticks.advance();
    goTo(ticks.next());
    assertThat(ticks.time()).isEqualTo(first + 30_000);
  }

  @Test
  void aFirstScrapeThatIsLateDoesNotMoveTheTimeOfTheOthers() {
    Ticks ticks = begun();
    goTo(ticks.next() + 25_000_000);
    long first = ticks.time();
    assertThat(first).isEqualTo(clock.millis());
    for (int i = 1; i < 10; i++) {
      ticks.advance();
      goTo(ticks.next() + i % 3 * 1_000_000);
      assertThat(ticks.time()).isEqualTo(first - 25 + i * 10_000);
    }
  }

  @Test
  void aClockThatWasSetMovesTheTimeOfTheTicks() {
    Ticks ticks = begun();
    goTo(ticks.next());
    ticks.time();
    ticks.advance();
    goTo(ticks.next());
    clock.jumpTo(START - 3_600_000 + 3);
    assertThat(ticks.time()).isEqualTo(START - 3_600_000 + 3);
    ticks.advance();
    goTo(ticks.next() + 1_000_000);
    assertThat(ticks.time()).isEqualTo(START - 3_590_000 + 3);
  }

  @Test
  void goOnWhereOthersHaveEndedUnlessTheIntervalIsAnother() {
    Ticks before = begun();
    goTo(before.next());
    long first = before.time();
    before.advance();
    Ticks same = ticks(targets(1, 10).getFirst());
    goTo(before.next() + SECOND);
    same.begin(before);
    assertThat(same.next()).isEqualTo(before.next());
    same.advance();
    goTo(same.next() + 1_000_000);
    assertThat(same.time()).isEqualTo(first + 20_000);
    Ticks other = ticks(targets(1, 20).getFirst());
    other.begin(before);
    assertThat(other.next() - clock.nanos()).isBetween(0L, 20 * SECOND + Ticks.GRAIN);
    Ticks unused = ticks(targets(1, 10).getFirst());
    same.begin(unused);
    assertThat(same.next() - clock.nanos()).isBetween(0L, 10 * SECOND + Ticks.GRAIN);
  }
}
