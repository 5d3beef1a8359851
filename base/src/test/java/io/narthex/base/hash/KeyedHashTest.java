package io.narthex.base.hash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class KeyedHashTest {

  private record Both(long high, long low) {}

  private final KeyedHash hash = new KeyedHash();

  private Both of(byte[] b, int from, int to, int context) {
    hash.hash(b, from, to, context);
    return new Both(hash.high(), hash.low());
  }

  @Test
  void everyByteTheLengthAndTheContextCount() {
    Random random = new Random(7);
    for (int length = 0; length < 200; length++) {
      byte[] b = new byte[length + 6];
      random.nextBytes(b);
      Set<Long> highs = new HashSet<>();
      Set<Long> lows = new HashSet<>();
      int cases = 0;
      Both plain = of(b, 3, 3 + length, 0);
      assertThat(of(b, 3, 3 + length, 0)).isEqualTo(plain);
      highs.add(plain.high);
      lows.add(plain.low);
      cases++;
      for (int i = 3; i < 3 + length; i++) {
        for (int bit = 0; bit < 8; bit++) {
          b[i] ^= (byte) (1 << bit);
          Both other = of(b, 3, 3 + length, 0);
          highs.add(other.high);
          lows.add(other.low);
          cases++;
          b[i] ^= (byte) (1 << bit);
        }
      }
      Both context = of(b, 3, 3 + length, 1);
      highs.add(context.high);
      lows.add(context.low);
      Both longer = of(b, 3, 4 + length, 0);
      highs.add(longer.high);
      lows.add(longer.low);
      cases += 2;
      assertThat(highs).hasSize(cases);
      assertThat(lows).hasSize(cases);
    }
  }

  @Test
  void zerosOfDifferentLengthsDiffer() {
    Set<Both> seen = new HashSet<>();
    for (int length = 0; length < 300; length++) {
      seen.add(of(new byte[300], 0, length, 0));
    }
    assertThat(seen).hasSize(300);
  }
}
