package io.narthex.discovery.consul;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

final class WatchersTest {

  private final Set<String> ended = new CopyOnWriteArraySet<>();

  /** Ends some time after it was told to. */
  private Watchers.Task task(String name, CountDownLatch begun) {
    return () -> {
      begun.countDown();
      try {
        new CountDownLatch(1).await();
      } finally {
        for (int i = 0; i < 1_000; i++) {
          Thread.yield();
        }
        ended.add(name);
      }
    };
  }

  @Test
  void whoIsStoppedHasEnded() throws Exception {
    CountDownLatch begun = new CountDownLatch(3);
    try (Watchers watchers = new Watchers()) {
      for (String name : List.of("a", "b", "c")) {
        watchers.start(name, task(name, begun));
      }
      begun.await();
      watchers.stop(List.of("a", "b"));
      assertThat(ended).containsExactlyInAnyOrder("a", "b");
      assertThat(watchers.names()).containsExactly("c");
    }
    assertThat(ended).contains("c");
  }

  @Test
  void anInterruptedOwnerWaitsAllTheSame() throws Exception {
    CountDownLatch begun = new CountDownLatch(1);
    Watchers watchers = new Watchers();
    watchers.start("a", task("a", begun));
    begun.await();
    Thread.currentThread().interrupt();
    watchers.close();
    assertThat(Thread.interrupted()).isTrue();
    assertThat(ended).containsExactly("a");
  }
}
