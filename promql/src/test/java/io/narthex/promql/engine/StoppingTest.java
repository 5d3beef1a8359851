package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.testkit.FakeClock;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A query that is called off ends soon, whatever it is at. Each query here would work for seconds
 * or minutes; it is called off after some work, and what it does from then on is measured in time
 * of the processor, which a busy machine does not stretch.
 */
final class StoppingTest {

  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** What a query may still do: the promise is a tenth of a second. */
  private static final long MOST_MILLIS = 100;

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofMinutes(10),
          0,
          0,
          20,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          false,
          false,
          false,
          ParserOptions.ALL);

  /** How a query went. */
  private record Outcome(@Nullable Throwable failure, long restMillis, boolean called) {}

  /** Called off at several moments of its life: more than one kind of work is met. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // series | steps | query
        "1000000 | 500   | sum(x)",
        "1000000 | 500   | sum(rate(x[5m]))",
        "2000000 | 1     | sum by (n) (x)",
        "1000000 | 1     | x + on (n) y",
        "1000000 | 1     | x + on (n) fill (0) y",
        "1000000 | 1     | x * on (half) group_left () y{few='1'}",
        "1000000 | 1     | x and y",
        "1000000 | 1     | x or y",
        "2000000 | 1     | sort(x)",
        "500000  | 1     | sort_by_label(x, 'n')",
        "2000000 | 1     | topk(500000, x)",
        "1000000 | 1     | topk by (n) (1, x)",
        "3000    | 3000  | quantile(0.9, x)",
        "1000000 | 1     | count_values('v', x)",
        "1000000 | 1     | label_replace(x, 'a', '$1', 'n', '(.*)')",
        "1000000 | 1     | label_join(x, 'a', '-', 'n', 'half')",
        "1000000 | 1     | histogram_quantile(0.9, label_replace(x, 'le', '$1', 'half', '(.*)'))",
        "1000000 | 1     | -x",
        "1       | 10000 | quantile_over_time(0.5, long[6h])",
        "1       | 10000 | stddev_over_time(long[6h])",
        "1       | 10000 | sum_over_time(long[6h])",
        "20000   | 1     | max_over_time(sum(x)[10h:1s])",
        "200000  | 1     | max_over_time(x[10h:1s])",
        "1       | 500   | sum_over_time(vector(1)[20d:1s])",
        "1000000 | 2     | x",
        "1000000 | 1     | x[5m]",
      })
  void aCancelledQueryEndsWithinATenthOfASecondOfWork(int series, int steps, String query)
      throws Exception {
    for (long after : new long[] {40, 400}) {
      Cancellation cancellation = new Cancellation();
      Outcome outcome =
          run(
              new Engine(OPTIONS, Clock.SYSTEM),
              series,
              steps,
              query,
              cancellation,
              after,
              cancellation::cancel);
      if (!outcome.called) {
        // It was done before so much work.
        assertThat(after).as("the query is too small to show anything").isGreaterThan(40);
        continue;
      }
      if (outcome.failure == null) {
        continue; // it was about to end
      }
      assertThat(outcome.failure).isInstanceOf(QueryException.class);
      assertThat(((QueryException) outcome.failure).kind())
          .as(outcome.failure.getMessage())
          .isEqualTo(QueryException.Kind.CANCELED);
      assertThat(outcome.restMillis).as("after " + after + " ms").isLessThan(MOST_MILLIS);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "1000000 | 500 | sum(x)",
        "1000000 | 1 | sort(x)",
        "1 | 10000 | mad_over_time(long[6h])"
      })
  void aQueryWhoseTimeIsUpEndsLikewise(int series, int steps, String query) throws Exception {
    FakeClock clock = new FakeClock(0);
    Outcome outcome =
        run(
            new Engine(OPTIONS, clock),
            series,
            steps,
            query,
            new Cancellation(),
            100,
            () -> clock.advance(Duration.ofMinutes(11)));
    assertThat(outcome.called).isTrue();
    assertThat(outcome.failure).hasMessage("query timed out in expression evaluation");
    assertThat(outcome.restMillis).isLessThan(MOST_MILLIS);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {"1000000 | 500 | sum(x)", "20000 | 1 | max_over_time(sum(x)[10h:1s])"})
  void helpersStopToo(int series, int steps, String query) throws Exception {
    try (ExecutorService pool = Executors.newFixedThreadPool(2)) {
      Cancellation cancellation = new Cancellation();
      Engine engine = new Engine(OPTIONS, Clock.SYSTEM, new Workers(pool, 2));
      Outcome outcome = run(engine, series, steps, query, cancellation, 50, cancellation::cancel);
      assertThat(outcome.called).isTrue();
      assertThat(outcome.failure).isInstanceOf(QueryException.class);
      assertThat(outcome.restMillis).isLessThan(MOST_MILLIS);
    }
  }

  /** Runs a query and does something to it when it has worked for so long. */
  private static Outcome run(
      Engine engine,
      int series,
      int steps,
      String query,
      Cancellation cancellation,
      long afterMillis,
      Runnable end)
      throws InterruptedException {
    AtomicReference<Throwable> failure = new AtomicReference<>();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch done = new CountDownLatch(1);
    long[] work = new long[2];
    Queryable storage = (min, max) -> new Source(series);
    QueryOptions options = QueryOptions.cancelledBy(cancellation);
    Thread thread =
        Thread.ofPlatform()
            .start(() -> {
              begun.countDown();
              try {
                QueryAnswer answer =
                    steps == 1
                        ? engine.instant(storage, query, 40_000_000_000L, options)
                        : engine.range(
                            storage,
                            query,
                            40_000_000_000L,
                            40_000_000_000L + (steps - 1) * 1000L,
                            1000,
                            options);
                answer.close();
              } catch (RuntimeException | Error e) {
                failure.set(e);
              } finally {
                work[1] = THREADS.getCurrentThreadCpuTime();
                done.countDown();
              }
            });
    begun.await();
    while (done.getCount() > 0
        && THREADS.getThreadCpuTime(thread.threadId()) < afterMillis * 1_000_000) {
      LockSupport.parkNanos(500_000);
    }
    work[0] = THREADS.getThreadCpuTime(thread.threadId());
    boolean called = done.getCount() > 0;
    end.run();
    assertThat(done.await(60, TimeUnit.SECONDS)).as("the query ends").isTrue();
    thread.join();
    return new Outcome(failure.get(), (work[1] - work[0]) / 1_000_000, called);
  }

  /** As many series as wanted, made up when they are asked for. */
  private record Source(int count) implements Querier {

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      String name =
          matchers.stream()
              .filter(m -> m.name().equals(Labels.METRIC_NAME))
              .map(Matcher::value)
              .findFirst()
              .orElse("x");
      boolean few = matchers.stream().anyMatch(m -> m.name().equals("few"));
      return new Made(name, few ? 2 : count);
    }

    @Override
    public List<String> labelValues(String name, List<Matcher> matchers, int limit) {
      return List.of();
    }

    @Override
    public List<String> labelNames(List<Matcher> matchers, int limit) {
      return List.of();
    }

    @Override
    public void close() {}
  }

  private record Made(String name, int size) implements SeriesSet {

    @Override
    public Labels labels(int series) {
      return Labels.of("__name__", name, "half", "" + series % 2, "n", "" + series);
    }

    @Override
    public Reader reader() {
      return (series, minTime, maxTime, into) -> {
        into.clear();
        long step = name.equals("long") ? 1000 : Math.max(15_000, (maxTime - minTime) / 30);
        for (long t = minTime; t <= maxTime; t += step) {
          into.add(t, (series * 7919L + t / step * 31) % 1_000_003);
        }
      };
    }
  }
}
