package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.model.labels.Labels;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.testkit.FakeClock;
import io.narthex.testkit.MemoryStorage;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** The door: limits, the life of a query, and what an answer carries. */
class EngineTest {

  private final FakeClock clock = new FakeClock(0);
  private final MemoryStorage storage = new MemoryStorage();

  private static EngineOptions options(long maxSamples, int concurrency) {
    return new EngineOptions(
        Duration.ofSeconds(10),
        maxSamples,
        0,
        concurrency,
        Duration.ofMinutes(5),
        Duration.ofMinutes(1),
        false,
        false,
        false,
        ParserOptions.DEFAULT);
  }

  private Engine engine() {
    return new Engine(options(0, 4), clock);
  }

  private void fill(int series, int samples) {
    for (int s = 0; s < series; s++) {
      Labels labels = Labels.of("__name__", "requests_total", "instance", "i" + s);
      for (int i = 0; i < samples; i++) {
        storage.add(labels, i * 1000L, i * (s + 1));
      }
    }
  }

  @Test
  void anInstantQueryYieldsAVector() {
    fill(2, 61);

    QueryAnswer answer =
        engine().instant(storage, "rate(requests_total[30s])", 60_000, QueryOptions.plain());

    QueryResult.Vector vector = (QueryResult.Vector) answer.result();
    assertThat(vector.time()).isEqualTo(60_000);
    assertThat(vector.samples())
        .extracting(s -> s.labels() + " " + s.value())
        .containsExactly("{instance=\"i0\"} 1.0", "{instance=\"i1\"} 2.0");
    assertThat(answer.stats().samples()).isEqualTo(60);
    assertThat(answer.stats().peakSamples()).isGreaterThanOrEqualTo(30);
    assertThat(answer.warnings(10)).isEmpty();
    assertThat(answer.infos(10)).isEmpty();
  }

  @Test
  void aRangeQueryYieldsAMatrixSortedByLabels() {
    storage.add(Labels.of("__name__", "x", "a", "2"), 0, 1);
    storage.add(Labels.of("__name__", "x", "a", "1"), 10_000, 2);

    QueryAnswer answer = engine().range(storage, "x", 0, 20_000, 10_000, QueryOptions.plain());

    QueryResult.Matrix matrix = (QueryResult.Matrix) answer.result();
    assertThat(matrix.series()).extracting(s -> s.labels().get("a")).containsExactly("1", "2");
    QueryResult.MatrixSeries first = matrix.series().getFirst();
    assertThat(first.slots()).isEqualTo(3);
    assertThat(first.present(0)).isFalse();
    assertThat(first.time(1)).isEqualTo(10_000);
    assertThat(first.value(1)).isEqualTo(2);
  }

  @Test
  void namesAreDroppedAtOnceUnlessDelayed() {
    storage.add(Labels.of("__name__", "a", "l", "1"), 0, 1.5);
    storage.add(Labels.of("__name__", "b", "l", "1"), 0, 2.5);

    assertThatThrownBy(
            () -> engine().instant(storage, "ceil({__name__=~\"a|b\"})", 0, QueryOptions.plain()))
        .hasMessage("vector cannot contain metrics with the same labelset");
    assertThatThrownBy(() ->
            engine()
                .instant(
                    storage,
                    "sum by (l) (max_over_time({__name__=~\"a|b\"}[1m]))",
                    0,
                    QueryOptions.plain()))
        .hasMessage("vector cannot contain metrics with the same labelset");
  }

  @Test
  void aRangeOfTextOrSamplesHasNoValue() {
    assertThatThrownBy(() -> engine().range(storage, "x[5m]", 0, 1, 1, QueryOptions.plain()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(
            "invalid expression type \"range vector\" for range query, must be Scalar or instant"
                + " Vector");
  }

  @Test
  void tooManySamplesAreRefused() {
    fill(10, 10);
    Engine small = new Engine(options(5, 4), clock);

    assertThatThrownBy(() -> small.instant(storage, "requests_total", 9_000, QueryOptions.plain()))
        .isInstanceOfSatisfying(
            QueryException.class,
            e -> assertThat(e.kind()).isEqualTo(QueryException.Kind.EXECUTION))
        .hasMessage("query processing would load too many samples into memory in query execution");
  }

  @Test
  void aCancelledQueryEnds() {
    fill(2, 2);
    Cancellation cancellation = new Cancellation();
    cancellation.cancel();

    assertThatThrownBy(() ->
            engine().instant(storage, "requests_total", 0, QueryOptions.cancelledBy(cancellation)))
        .isInstanceOfSatisfying(
            QueryException.class, e -> assertThat(e.kind()).isEqualTo(QueryException.Kind.CANCELED))
        .hasMessage("query was canceled in query execution");
  }

  @Test
  void aQueryWhoseTimeIsUpEnds() {
    fill(2, 2);
    Queryable slow =
        (min, max) -> {
          clock.advance(Duration.ofSeconds(11));
          return storage.querier(min, max);
        };

    assertThatThrownBy(() -> engine().instant(slow, "requests_total", 0, QueryOptions.plain()))
        .isInstanceOfSatisfying(
            QueryException.class, e -> assertThat(e.kind()).isEqualTo(QueryException.Kind.TIMEOUT))
        .hasMessage("query timed out in expression evaluation");
    QueryOptions shorter = new QueryOptions(Duration.ofSeconds(1), null, false, new Cancellation());
    Queryable notSoSlow =
        (min, max) -> {
          clock.advance(Duration.ofSeconds(2));
          return storage.querier(min, max);
        };
    assertThatThrownBy(() -> engine().instant(notSoSlow, "requests_total", 0, shorter))
        .hasMessage("query timed out in expression evaluation");
  }

  @Test
  void onlySoManyQueriesRunAtOnce() throws Exception {
    fill(1, 1);
    AtomicInteger running = new AtomicInteger();
    AtomicBoolean tooMany = new AtomicBoolean();
    CountDownLatch twoInside = new CountDownLatch(2);
    CountDownLatch go = new CountDownLatch(1);
    Queryable watched =
        (min, max) -> {
          if (running.incrementAndGet() > 2) {
            tooMany.set(true);
          }
          twoInside.countDown();
          try {
            go.await();
          } catch (InterruptedException e) {
            throw new IllegalStateException(e);
          }
          running.decrementAndGet();
          return storage.querier(min, max);
        };
    Engine engine = new Engine(options(0, 2), clock);
    try (ExecutorService threads = Executors.newFixedThreadPool(5)) {
      Future<?>[] queries = new Future<?>[5];
      for (int i = 0; i < queries.length; i++) {
        queries[i] =
            threads.submit(
                () -> engine.instant(watched, "requests_total", 0, QueryOptions.plain()));
      }
      assertThat(twoInside.await(10, TimeUnit.SECONDS)).isTrue();
      go.countDown();
      for (Future<?> query : queries) {
        query.get(10, TimeUnit.SECONDS);
      }
    }
    assertThat(tooMany).isFalse();
  }

  @Test
  void annotationsHaveAPlaceAndALimit() {
    for (int i = 0; i < 15; i++) {
      storage.add(Labels.of("__name__", "m" + i), 0, 1);
      storage.add(Labels.of("__name__", "m" + i), 1000, 1);
    }
    EngineOptions delayed =
        new EngineOptions(
            Duration.ofSeconds(10),
            0,
            0,
            4,
            Duration.ofMinutes(5),
            Duration.ofMinutes(1),
            true,
            false,
            false,
            ParserOptions.DEFAULT);

    QueryAnswer answer =
        new Engine(delayed, clock)
            .instant(
                storage, "count(\n  rate({__name__=~\"m.*\"}[1m]))", 1000, QueryOptions.plain());

    assertThat(answer.infos(10)).hasSize(11);
    assertThat(answer.infos(10).getFirst())
        .isEqualTo(
            "PromQL info: metric might not be a counter, name does not end in"
                + " _total/_sum/_count/_bucket: \"m0\" (2:8)");
    assertThat(answer.infos(10).getLast()).isEqualTo("5 more info annotations omitted");
    assertThat(answer.infos(0)).hasSize(15);
  }

  @Test
  void samplesAreCountedByStepOnRequest() {
    fill(1, 61);
    QueryOptions perStep = new QueryOptions(null, null, true, new Cancellation());

    QueryAnswer answer =
        engine().range(storage, "rate(requests_total[10s])", 0, 20_000, 10_000, perStep);

    assertThat(answer.stats().samplesPerStep()).containsExactly(1L, 10L, 10L);
    assertThat(answer.stats().samples()).isEqualTo(21);
  }

  @Test
  void aQueryMayLookBackFurther() {
    storage.add(Labels.of("__name__", "x"), 0, 1);
    QueryOptions hour = new QueryOptions(null, Duration.ofHours(1), false, new Cancellation());

    QueryResult.Vector none =
        (QueryResult.Vector) engine().instant(storage, "x", 300_000, QueryOptions.plain()).result();
    QueryResult.Vector one =
        (QueryResult.Vector) engine().instant(storage, "x", 300_000, hour).result();

    assertThat(none.samples()).isEmpty();
    assertThat(one.samples()).hasSize(1);
  }

  @Test
  void chainsOfOperatorsMayBeLong() {
    storage.add(Labels.of("__name__", "x"), 0, 1);
    String sum = "x" + " + x".repeat(20_000);
    String either = "x" + " or x".repeat(2_000);
    String scalars = "1" + " + 1".repeat(20_000);

    assertThat(value(engine().instant(storage, sum, 0, QueryOptions.plain()))).isEqualTo(20_001);
    assertThat(value(engine().instant(storage, either, 0, QueryOptions.plain()))).isEqualTo(1);
    assertThat(engine().instant(storage, scalars, 0, QueryOptions.plain()).result())
        .isEqualTo(new QueryResult.Scalar(0, 20_001));
    assertThat(
            ((QueryResult.Matrix)
                    engine()
                        .range(storage, sum + " * x @ 0", 0, 10_000, 5_000, QueryOptions.plain())
                        .result())
                .series())
        .hasSize(1);
  }

  private static double value(QueryAnswer answer) {
    return ((QueryResult.Vector) answer.result()).samples().getFirst().value();
  }

  @Test
  void theQuerierIsClosedWhateverHappens() {
    fill(1, 1);
    AtomicInteger open = new AtomicInteger();
    Queryable counted =
        (min, max) -> {
          open.incrementAndGet();
          Querier inner = storage.querier(min, max);
          return new ClosingQuerier(inner, open);
        };

    engine().instant(counted, "requests_total", 0, QueryOptions.plain());
    assertThatThrownBy(
            () -> engine().instant(counted, "topk(NaN, requests_total)", 0, QueryOptions.plain()))
        .hasMessage("Parameter value is NaN");

    assertThat(open).hasValue(0);
  }
}
