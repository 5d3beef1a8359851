package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.storage.Queryable;
import io.narthex.storage.StopSignal;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The list of queries from arrival to the closing of the answer, and what observers are told. */
final class RunningQueriesTest {

  private final FakeClock clock = new FakeClock(5_000);
  private final MemoryStorage storage = new MemoryStorage();
  private final RunningQueries running = new RunningQueries(clock);
  private final ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> seen = Collections.synchronizedList(new ArrayList<>());
  private final CountDownLatch inside = new CountDownLatch(1);

  private final QueryObserver observer =
      new QueryObserver() {
        @Override
        public void arrived() {
          seen.add("arrived");
        }

        @Override
        public Runnable started(String query) {
          seen.add("started " + query);
          return () -> seen.add("left");
        }

        @Override
        public void ended(Ended query) {
          Throwable failure = query.failure();
          seen.add("ended: " + (failure == null ? query.stats().samples() : failure.getMessage()));
        }
      };

  private final Engine engine =
      new Engine(
          EngineOptions.DEFAULT,
          new EngineParts(
              clock, Workers.NONE, new MemoryBudget(0), new QueryQueue(1), running, observer));

  @AfterEach
  void stop() {
    running.cancelAll();
    clients.shutdownNow();
  }

  private static QueryOptions from(String client) {
    return new QueryOptions(
        null, null, false, new Cancellation(), new QueryOrigin(client, "GET", "/q"));
  }

  /** A storage that is not opened until the query is called off. */
  private Queryable stuck() {
    return (min, max) -> {
      inside.countDown();
      while (true) {
        StopSignal.check();
        Thread.onSpinWait();
      }
    };
  }

  private CompletableFuture<QueryAnswer> ask(Queryable from, String query, QueryOptions options) {
    return CompletableFuture.supplyAsync(
        () -> engine.instant(from, query, 7_000, options), clients);
  }

  @Test
  void aQueryIsListedUntilItsAnswerIsClosed() {
    storage.add(Labels.of("__name__", "x"), 6_000, 1);
    QueryAnswer answer = engine.instant(storage, "x", 7_000, from("1.2.3.4"));
    clock.advance(Duration.ofSeconds(3));
    RunningQuery.Picture picture = running.list().getFirst();
    assertThat(picture.state()).isEqualTo(RunningQuery.State.WRITING);
    assertThat(picture.question()).isEqualTo(new RunningQuery.Question("x", 7_000, 7_000, 0));
    assertThat(picture.origin().client()).isEqualTo("1.2.3.4");
    assertThat(picture.arrived()).isEqualTo(5_000);
    assertThat(picture.ageNanos()).isEqualTo(3_000_000_000L);
    assertThat(picture.samples()).isEqualTo(1);
    assertThat(picture.peakSamples()).isPositive();
    assertThat(picture.memory()).isPositive().isEqualTo(picture.peakMemory());
    answer.checkReader();
    assertThat(running.cancel(picture.id())).isTrue();
    assertThatThrownBy(answer::checkReader)
        .isInstanceOf(QueryException.class)
        .hasMessage("query was canceled in result writing");
    answer.close();
    assertThat(running.list()).isEmpty();
    assertThat(running.cancel(picture.id())).isFalse();
    assertThat(seen).containsExactly("arrived", "started x", "left", "ended: 1");
  }

  @Test
  void theTimeOfAnAnswerThatIsBeingReadRuns() {
    QueryAnswer answer = engine.instant(storage, "x", 7_000, from("a"));
    clock.advance(Duration.ofMinutes(3));
    assertThatThrownBy(answer::checkReader).hasMessage("query timed out in result writing");
    answer.close();
  }

  @Test
  void waitingAndRunningOnesAreToldApartAndEnded() throws Exception {
    CompletableFuture<QueryAnswer> first = ask(stuck(), "first", from("a"));
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    CompletableFuture<QueryAnswer> second = ask(storage, "second", from("a"));
    while (running.list().size() < 2) {
      Thread.onSpinWait();
    }
    List<RunningQuery.Picture> both = running.list();
    assertThat(both)
        .extracting(RunningQuery.Picture::state)
        .containsExactly(RunningQuery.State.RUNNING, RunningQuery.State.WAITING);
    assertThat(running.cancel(both.getLast().id())).isTrue();
    assertFails(second, "query was canceled in query queue");
    assertThat(running.cancel(both.getFirst().id())).isTrue();
    assertFails(first, "query was canceled in expression evaluation");
    assertThat(running.list()).isEmpty();
    assertThat(seen).filteredOn(s -> s.startsWith("started")).hasSize(1);
    assertThat(seen)
        .contains(
            "left",
            "ended: query was canceled in query queue",
            "ended: query was canceled in expression evaluation");
    engine.instant(storage, "third", 7_000, from("a")).close();
  }

  @Test
  void itsEndIsWaitedFor() throws Exception {
    CompletableFuture<QueryAnswer> stuck = ask(stuck(), "x", from("a"));
    assertThat(inside.await(20, TimeUnit.SECONDS)).isTrue();
    assertThat(running.awaitNone(Duration.ofMillis(1))).isFalse();
    running.cancelAll();
    assertThat(running.awaitNone(Duration.ofSeconds(20))).isTrue();
    assertFails(stuck, "query was canceled in expression evaluation");
  }

  private static void assertFails(CompletableFuture<QueryAnswer> answer, String message) {
    assertThatThrownBy(() -> answer.get(20, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessage(message);
  }
}
