package io.narthex.bench;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.EngineOptions;
import io.narthex.promql.engine.QueryAnswer;
import io.narthex.promql.engine.QueryOptions;
import io.narthex.promql.engine.core.Workers;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Range queries over 7,700 counters scraped every second, 181 steps of one second: nanoseconds per
 * series and step. Reading is a copy of prepared arrays, so this is the engine alone.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 4, time = 1)
@Fork(1)
public class RangeQuery {

  private static final int SERIES = 7_700;
  private static final int STEPS = 181;
  private static final int SAMPLES = STEPS + 60;

  @Param({
    "sum(rate(x_total[30s]))",
    "sum by (instance, mode) (rate(x_total[30s]))",
    "rate(x_total[30s])",
    "max by (mode) (max_over_time(x_total[60s]))",
    "sum by (mode) (last_over_time(x_total[30s]))",
    "topk(10, rate(x_total[30s]))",
    "sum(x_total)",
    "sum(x_total / on (instance, mode, cpu) x_total)"
  })
  public String query = "";

  /** How many threads work on a query. */
  @Param({"1", "2"})
  public int threads;

  private final Counters counters = new Counters();
  private final ExecutorService pool = Executors.newCachedThreadPool();
  private Engine engine = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM);

  @Setup
  public void helpers() {
    engine = new Engine(EngineOptions.DEFAULT, Clock.SYSTEM, new Workers(pool, threads));
  }

  @TearDown
  public void stop() {
    pool.close();
  }

  @Benchmark
  @OperationsPerInvocation(SERIES * STEPS)
  public QueryAnswer range() {
    return engine.range(
        counters, query, 60_000, 60_000 + (STEPS - 1) * 1000L, 1000, QueryOptions.plain());
  }

  /** Prepared arrays; targets differ in their scrapes' milliseconds, as they do in life. */
  private static final class Counters implements Queryable, Querier, SeriesSet {
    private final Labels[] labels = new Labels[SERIES];
    private final long[][] times = new long[SERIES][];
    private final double[][] values = new double[SERIES][];

    Counters() {
      for (int s = 0; s < SERIES; s++) {
        int instance = s / 77;
        labels[s] =
            Labels.of(
                "__name__",
                "x_total",
                "cpu",
                "cpu" + s % 77 / 8,
                "instance",
                "node-" + instance + ":9100",
                "job",
                "node",
                "mode",
                "mode" + s % 8);
        times[s] = new long[SAMPLES];
        values[s] = new double[SAMPLES];
        for (int i = 0; i < SAMPLES; i++) {
          times[s][i] = i * 1000L + instance * 7 % 1000;
          values[s][i] = i * (1.5 + s % 13) + s;
        }
      }
    }

    @Override
    public Querier querier(long minTime, long maxTime) {
      return this;
    }

    @Override
    public SeriesSet select(boolean sorted, SelectHints hints, List<Matcher> matchers) {
      return this;
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

    @Override
    public int size() {
      return SERIES;
    }

    @Override
    public Labels labels(int series) {
      return labels[series];
    }

    @Override
    public Reader reader() {
      return (series, minTime, maxTime, into) -> {
        long[] t = times[series];
        int from = 0;
        while (from < t.length && t[from] < minTime) {
          from++;
        }
        int to = t.length;
        while (to > from && t[to - 1] > maxTime) {
          to--;
        }
        into.clear();
        into.reserve(to - from);
        System.arraycopy(t, from, into.timestamps(), 0, to - from);
        System.arraycopy(values[series], from, into.values(), 0, to - from);
        into.size(to - from);
      };
    }
  }
}
