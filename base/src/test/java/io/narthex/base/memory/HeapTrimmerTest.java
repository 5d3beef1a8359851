package io.narthex.base.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class HeapTrimmerTest {

  private static final long MEBIBYTE = 1 << 20;

  /** A heap whose size is a function of time, and the clock of that time. */
  private abstract static class World implements HeapTrimmer.Heap, Clock {
    final List<Long> collected = new ArrayList<>();
    long seconds;

    @Override
    public void trim() {
      collected.add(seconds);
    }

    @Override
    public long millis() {
      return seconds * 1000;
    }

    @Override
    public long nanos() {
      return seconds * 1_000_000_000;
    }

    @Override
    public void sleep(Duration time) throws InterruptedException {
      seconds += time.toSeconds();
      if (seconds > 600) {
        throw new InterruptedException("enough");
      }
    }
  }

  private static List<Long> collected(World world) {
    assertThatThrownBy(() -> new HeapTrimmer(world, world).run()).hasMessage("enough");
    return world.collected;
  }

  @Test
  void aBurstIsFollowedByTwoTrims() {
    World world =
        new World() {
          @Override
          public long committed() {
            return (collected.isEmpty() ? 500 : 200) * MEBIBYTE;
          }
        };
    assertThat(collected(world)).containsExactly(30L, 38L);
  }

  @Test
  void aHeapThatStaysIsLeftAlone() {
    World world =
        new World() {
          @Override
          public long committed() {
            return (seconds < 100 ? 60 : seconds < 300 ? 100 : 120) * MEBIBYTE;
          }
        };
    assertThat(collected(world)).hasSize(2).allMatch(second -> second >= 100 && second < 300);
  }

  @Test
  void theHeapOfThisProcessIsTrimmed() {
    JavaHeap heap = new JavaHeap();
    long before = heap.committed();
    heap.trim();
    assertThat(heap.committed()).isPositive().isLessThanOrEqualTo(2 * before);
  }

  @Test
  void aLargeHeapIsCollectedSeldom() {
    World world =
        new World() {
          @Override
          public long committed() {
            // It grows and shrinks all the time.
            return (seconds / 10 % 2 == 0 ? 5_000 : 20_000) * MEBIBYTE;
          }
        };
    assertThat(collected(world)).hasSizeLessThan(4);
  }
}
