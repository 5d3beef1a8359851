package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.testkit.FakeClock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Who gets the next place, and that waiting ends when it should. */
final class QueryQueueTest {

  private final FakeClock clock = new FakeClock(0);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final LinkedBlockingQueue<String> entered = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() {
    threads.shutdownNow();
  }

  private QueryContext context(Cancellation cancellation) {
    return new QueryContext(
        clock,
        Duration.ofSeconds(10).toNanos(),
        0,
        cancellation,
        Workers.NONE,
        MemoryAccount.unlimited(),
        "x");
  }

  private QueryQueue.Place enter(QueryQueue queue, String client) {
    return queue.enter(client, context(new Cancellation()));
  }

  /** A client that comes when all before it wait or run. */
  private CompletableFuture<QueryQueue.Place> arrive(QueryQueue queue, String client) {
    int before = queue.waiting();
    CompletableFuture<QueryQueue.Place> place =
        CompletableFuture.supplyAsync(
            () -> {
              QueryQueue.Place mine = enter(queue, client);
              entered.add(client);
              return mine;
            },
            threads);
    while (queue.waiting() == before && !place.isDone()) {
      Thread.onSpinWait();
    }
    return place;
  }

  private String next() throws InterruptedException {
    return String.valueOf(entered.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void aPlaceGoesToWhoHasTheFewestRunning() throws Exception {
    QueryQueue queue = new QueryQueue(3);
    List<QueryQueue.Place> heavy = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      heavy.add(enter(queue, "heavy"));
    }
    CompletableFuture<QueryQueue.Place> more = arrive(queue, "heavy");
    CompletableFuture<QueryQueue.Place> first = arrive(queue, "light");
    CompletableFuture<QueryQueue.Place> second = arrive(queue, "light");

    heavy.removeLast().close();
    assertThat(next()).isEqualTo("light");
    // Now each has one running, and the heavy one has been without a new place for longer.
    heavy.removeLast().close();
    assertThat(next()).isEqualTo("heavy");
    heavy.removeLast().close();
    assertThat(next()).isEqualTo("light");
    first.get().close();
    second.get().close();
    more.get().close();
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void equalClientsTakeTurnsAndWithinOneItIsFirstComeFirstServed() throws Exception {
    QueryQueue queue = new QueryQueue(1);
    QueryQueue.Place only = enter(queue, "z");
    CompletableFuture<QueryQueue.Place> a1 = arrive(queue, "a");
    CompletableFuture<QueryQueue.Place> a2 = arrive(queue, "a");
    CompletableFuture<QueryQueue.Place> b1 = arrive(queue, "b");

    only.close();
    String one = next();
    (one.equals("a") ? a1 : b1).get().close();
    String two = next();
    (two.equals("a") ? a1 : b1).get().close();
    assertThat(List.of(one, two)).containsExactlyInAnyOrder("a", "b");
    assertThat(next()).isEqualTo("a");
    a2.get().close();
  }

  @Test
  void theLastFreePlaceIsForAClientWithNothingRunning() throws Exception {
    QueryQueue queue = new QueryQueue(4);
    for (int i = 0; i < 3; i++) {
      enter(queue, "heavy");
    }
    CompletableFuture<QueryQueue.Place> fourth = arrive(queue, "heavy");
    assertThat(queue.waiting()).isEqualTo(1);
    // Another comes in at once, and after it the next.
    try (QueryQueue.Place light = enter(queue, "light")) {
      assertThat(light).isNotNull();
    }
    QueryQueue.Place other = enter(queue, "other");
    assertThat(fourth).isNotDone();
    other.close();
    assertThat(fourth).isNotDone();
  }

  @Test
  void fewPlacesAreAllForWhoeverComes() {
    QueryQueue queue = new QueryQueue(3);
    for (int i = 0; i < 3; i++) {
      enter(queue, "only");
    }
    assertThat(queue.waiting()).isZero();
    QueryQueue unlimited = new QueryQueue(0);
    for (int i = 0; i < 1000; i++) {
      enter(unlimited, "only");
    }
  }

  @Test
  void whoIsCalledOffLeavesTheQueueAtOnce() throws Exception {
    QueryQueue queue = new QueryQueue(1);
    QueryQueue.Place only = enter(queue, "a");
    Cancellation cancellation = new Cancellation();
    CompletableFuture<QueryQueue.Place> waiting =
        CompletableFuture.supplyAsync(() -> queue.enter("b", context(cancellation)), threads);
    while (queue.waiting() == 0) {
      Thread.onSpinWait();
    }
    CompletableFuture<QueryQueue.Place> behind = arrive(queue, "b");

    cancellation.cancel();
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(QueryException.class)
        .hasMessageContaining("query was canceled in query queue");
    only.close();
    assertThat(next()).isEqualTo("b");
    behind.get().close();
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void waitingCountsAsTimeOfTheQuery() {
    QueryQueue queue = new QueryQueue(1);
    enter(queue, "a");
    CompletableFuture<QueryQueue.Place> waiting = arrive(queue, "a");
    clock.advance(Duration.ofSeconds(11));
    assertThatThrownBy(() -> waiting.get(20, TimeUnit.SECONDS))
        .hasMessageContaining("query timed out in query queue");
    assertThat(queue.waiting()).isZero();
  }

  @Test
  void aPlaceIsGivenBackOnce() {
    QueryQueue queue = new QueryQueue(1);
    QueryQueue.Place place = enter(queue, "a");
    place.close();
    place.close();
    enter(queue, "a");
    Cancellation cancelled = new Cancellation();
    cancelled.cancel();
    assertThatThrownBy(() -> queue.enter("a", context(cancelled)))
        .hasMessage("query was canceled in query queue");
  }
}
