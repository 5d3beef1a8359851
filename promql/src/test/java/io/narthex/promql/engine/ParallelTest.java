package io.narthex.promql.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.narthex.base.time.Clock;
import io.narthex.model.labels.Labels;
import io.narthex.model.labels.Matcher;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.parser.ParserOptions;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.SelectHints;
import io.narthex.storage.SeriesSet;
import io.narthex.storage.StorageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** With helping threads every answer is the same, to the bit, and nobody reads a closed storage. */
class ParallelTest {

  private static final int SERIES = 3000;

  private static final EngineOptions OPTIONS =
      new EngineOptions(
          Duration.ofMinutes(1),
          0,
          0,
          20,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          false,
          false,
          false,
          ParserOptions.ALL);

  private final ExecutorService pool = Executors.newFixedThreadPool(4);

  @AfterEach
  void stop() {
    pool.close();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sum(rate(x_total[30s]))",
        "sum by (mode) (rate(x_total[30s]))",
        "avg by (mode) (x_total)",
        "stddev(x_total)",
        "topk by (mode) (3, rate(x_total[30s]))",
        "limitk(7, x_total)",
        "quantile(0.9, x_total)",
        "count_values(\"v\", x_total > bool 5)",
        "rate(x_total[30s])",
        "x_total and on (mode) topk(2, x_total)",
        "sum(x_total / on (n, mode) x_total)"
      })
  void answersDoNotDependOnTheNumberOfThreads(String query) {
    Random random = new Random(7);
    double[] scale = random.doubles(SERIES, 1e-9, 1e9).toArray();
    Source source = new Source(scale);

    List<String> alone = answer(new Engine(OPTIONS, Clock.SYSTEM), source, query);
    Engine helped = new Engine(OPTIONS, Clock.SYSTEM, new Workers(pool, 4));

    assertThat(alone).isNotEmpty();
    for (int i = 0; i < 5; i++) {
      assertThat(answer(helped, source, query)).isEqualTo(alone);
    }
  }

  private static List<String> answer(Engine engine, Source source, String query) {
    QueryResult.Matrix matrix =
        (QueryResult.Matrix)
            engine.range(source, query, 60_000, 160_000, 1000, QueryOptions.plain()).result();
    List<String> rows = new ArrayList<>();
    for (QueryResult.MatrixSeries series : matrix.series()) {
      StringBuilder row = new StringBuilder(series.labels().toString());
      for (int i = 0; i < series.slots(); i++) {
        if (series.present(i)) {
          row.append(' ').append(Double.doubleToRawLongBits(series.value(i)));
        }
      }
      rows.add(row.toString());
    }
    return rows;
  }

  @Test
  void aFailureInAHelperIsTheQuerys() {
    Source broken = new Source(new double[SERIES]);
    broken.failAt = 2500;
    Engine helped = new Engine(OPTIONS, Clock.SYSTEM, new Workers(pool, 4));

    for (int i = 0; i < 20; i++) {
      assertThatThrownBy(() ->
              helped.range(broken, "sum(x_total)", 60_000, 160_000, 1000, QueryOptions.plain()))
          .hasMessage("chunk 7 is broken");
      assertThat(broken.readWhileClosed).hasValue(0);
    }
  }

  /** Counters with values of their own; notes reads after its end. */
  private static final class Source implements Queryable {
    private final double[] scale;
    private final AtomicInteger readWhileClosed = new AtomicInteger();
    private int failAt = -1;

    Source(double[] scale) {
      this.scale = scale;
    }

    @Override
    public Querier querier(long minTime, long maxTime) {
      return new View();
    }

    private final class View implements Querier, SeriesSet {
      private volatile boolean closed;

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
      public void close() {
        closed = true;
      }

      @Override
      public int size() {
        return SERIES;
      }

      @Override
      public Labels labels(int series) {
        return Labels.of(
            "__name__", "x_total", "n", String.valueOf(series), "mode", "m" + series % 5);
      }

      @Override
      public Reader reader() {
        return (series, minTime, maxTime, into) -> {
          if (closed) {
            readWhileClosed.incrementAndGet();
          }
          if (series == failAt) {
            throw new StorageException("chunk 7 is broken");
          }
          into.clear();
          long first = Math.ceilDiv(minTime - series % 1000, 1000) * 1000 + series % 1000;
          for (long t = first; t <= maxTime; t += 1000) {
            into.add(t, scale[series] * (double) (t / 1000 % 17) / 3);
          }
        };
      }
    }
  }
}
