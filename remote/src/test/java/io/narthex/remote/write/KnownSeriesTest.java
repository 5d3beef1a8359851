package io.narthex.remote.write;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class KnownSeriesTest {

  private static final long TEN_MINUTES = 600_000;

  /** Spreads numbers as a hash does. */
  private static long hash(long n) {
    return (n + 1) * 0x9e3779b97f4a7c15L;
  }

  private static boolean knows(KnownSeries known, long n) {
    int number = known.find(hash(n), n);
    if (number >= 0) {
      assertThat(known.handle(number)).isEqualTo(100 + n);
    }
    return number >= 0;
  }

  private static void add(KnownSeries known, long n) {
    known.add(hash(n), n, 100 + n);
  }

  @Test
  void findsInAnyOrderWhatWasAdded() {
    KnownSeries known = new KnownSeries(1 << 20);
    Map<Long, Long> model = new HashMap<>();
    Random random = new Random(3);
    for (int i = 0; i < 100_000; i++) {
      long n = random.nextInt(20_000);
      boolean there = knows(known, n);
      assertThat(there).isEqualTo(model.containsKey(n));
      if (!there) {
        add(known, n);
        model.put(n, 100 + n);
      }
    }
    assertThat(known.size()).isEqualTo(model.size());
  }

  @Test
  void halvesOfAHashAreNotEnough() {
    KnownSeries known = new KnownSeries(100);
    known.add(7, 8, 1);
    assertThat(known.find(7, 9)).isNegative();
    assertThat(known.find(6, 8)).isNegative();
    assertThat(known.find(7, 8)).isNotNegative();
  }

  @Test
  void aHandleCanBeReplaced() {
    KnownSeries known = new KnownSeries(100);
    int number = known.add(1, 2, 3);
    known.handle(number, 4);
    assertThat(known.handle(known.find(1, 2))).isEqualTo(4);
  }

  @Test
  void whatIsNotMetForLongIsForgottenWhenOthersCome() {
    KnownSeries known = new KnownSeries(1 << 20);
    known.time(0);
    for (int n = 0; n < 4096; n++) {
      add(known, n);
    }
    known.time(TEN_MINUTES);
    for (int n = 0; n < 100; n++) {
      assertThat(knows(known, n)).isTrue();
    }
    known.time(2 * TEN_MINUTES);
    add(known, 5000);
    assertThat(known.size()).isEqualTo(101);
    for (int n = 0; n < 4096; n++) {
      assertThat(knows(known, n)).isEqualTo(n < 100);
    }
    assertThat(knows(known, 5000)).isTrue();
  }

  @Test
  void aFirstRoundOfManySeriesIsRememberedWhole() {
    KnownSeries known = new KnownSeries(1 << 20);
    known.time(0);
    for (int n = 0; n < 300_000; n++) {
      assertThat(knows(known, n)).isFalse();
      add(known, n);
    }
    for (int n = 0; n < 300_000; n++) {
      assertThat(knows(known, n)).isTrue();
    }
  }

  @Test
  void whatDoesNotFitDoesNotPushOutWhatIsInUse() {
    KnownSeries known = new KnownSeries(1000);
    for (int round = 0; round < 5; round++) {
      known.time(round * TEN_MINUTES);
      int hits = 0;
      for (int n = 0; n < 1500; n++) {
        if (knows(known, n)) {
          hits++;
        } else {
          add(known, n);
        }
      }
      assertThat(known.size()).isEqualTo(1000);
      assertThat(hits).isEqualTo(round == 0 ? 0 : 1000);
    }
    // The old ones are gone: there is room for the others.
    for (int round = 5; round < 8; round++) {
      known.time(round * TEN_MINUTES);
      for (int n = 1000; n < 1500; n++) {
        if (!knows(known, n)) {
          add(known, n);
        }
      }
    }
    assertThat(knows(known, 1499)).isTrue();
    assertThat(known.size()).isLessThanOrEqualTo(1000);
  }
}
