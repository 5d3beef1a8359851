package io.narthex.net.scrape;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class BodyBuffersTest {

  private final BodyBuffers buffers = new BodyBuffers(64 << 20);

  @Test
  void whatACrowdNeededIsGivenUpWhenItHasGone() throws Exception {
    List<Body> crowd = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      crowd.add(buffers.take(100_000));
    }
    crowd.forEach(Body::close);
    assertThat(buffers.idleBytes()).isGreaterThan(40 * 100_000L);

    for (int i = 0; i < 2_000; i++) {
      buffers.take(100_000).close();
    }

    assertThat(buffers.idleBytes()).isBetween(100_000L, 250_000L);
    assertThat(buffers.usedBytes()).isZero();
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
