package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyBuffersTest {

  /** A clock that stands where the test puts it. */
  private static final class StillClock implements Clock {
    long nanos;

    @Override
    public long millis() {
      return nanos / 1_000_000;
    }

    @Override
    public long nanos() {
      return nanos;
    }

    @Override
    public void sleep(Duration time) {
      nanos += time.toNanos();
    }
  }

  private final StillClock clock = new StillClock();
  private final BodyBuffers buffers = new BodyBuffers(64 << 20, clock);

  @Test
  void whatACrowdNeededIsGivenUpWhenItHasGone() throws Exception {
    List<Body> crowd = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      crowd.add(buffers.take(100_000));
    }
    crowd.forEach(Body::close);
    assertThat(buffers.idleBytes()).isGreaterThan(40 * 100_000L);

    for (int minute = 0; minute < 5; minute++) {
      buffers.take(100_000).close();
      clock.sleep(Duration.ofMinutes(1));
    }

    assertThat(buffers.idleBytes()).isBetween(100_000L, 250_000L);
    assertThat(buffers.usedBytes()).isZero();
  }

  @Test
  void aLargeBufferThatIsNeededOftenStays() throws Exception {
    Body first = buffers.take(5_000_000);
    byte[] large = first.bytes();
    first.close();
    for (int second = 0; second < 100; second++) {
      for (int i = 0; i < 1_000; i++) {
        buffers.take(20_000).close();
      }
      clock.sleep(Duration.ofSeconds(1));
      try (Body again = buffers.take(5_000_000)) {
        assertThat(again.bytes()).isSameAs(large);
      }
    }
  }

  @Test
  void aFullBufferIsChangedForALargerOneWithTheSameBytes() throws Exception {
    try (Body body = buffers.take(0)) {
      byte[] bytes = new byte[3_000_000];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) (i * 31);
      }
      body.append(bytes, 0, bytes.length);
      assertThat(body.length()).isEqualTo(bytes.length);
      assertThat(Arrays.equals(body.bytes(), 0, bytes.length, bytes, 0, bytes.length)).isTrue();
      assertThat(buffers.usedBytes()).isEqualTo(body.bytes().length);
    }
    assertThat(buffers.usedBytes()).isZero();
  }

  @Test
  void whatAllTakeTogetherIsLimited() throws Exception {
    List<Body> bodies = new ArrayList<>();
    assertThatThrownBy(
            () -> {
              while (true) {
                bodies.add(buffers.take(10_000_000));
              }
            })
        .isInstanceOf(ScrapeException.class)
        .hasMessageContaining("set body_size_limit");
    assertThat(buffers.usedBytes()).isBetween(16_000_000L, 32L << 20);
    // Small ones still have the other half.
    bodies.add(buffers.take(20_000));
    bodies.forEach(Body::close);
    assertThat(buffers.usedBytes()).isZero();
    assertThat(buffers.idleBytes()).isBetween(1L, 32L << 20);
  }

  @Test
  void aBodyGetsABufferOfItsSize() throws Exception {
    Body small = buffers.take(20_000);
    Body large = buffers.take(500_000);
    large.close();
    small.close();

    try (Body again = buffers.take(500_000)) {
      assertThat(again.bytes().length).isGreaterThanOrEqualTo(500_000);
    }
    try (Body again = buffers.take(20_000)) {
      assertThat(again.bytes().length).isLessThan(500_000);
    }
  }
}
