package io.narthex.api;

import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.QueryFailure;
import io.narthex.api.port.QueryResult;
import io.narthex.api.port.RunningQueries;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.engine.core.PlanNote;
import io.narthex.promql.engine.core.QueryStats;
import io.narthex.promql.engine.explain.Plan;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Answers a few words as if they were queries. */
final class FakeEngine implements QueryEngine {

  final CountDownLatch running = new CountDownLatch(1);
  final CountDownLatch cancelled = new CountDownLatch(1);
  final CountDownLatch closed = new CountDownLatch(1);
  volatile Options options = new Options(0, 0, false, false, new Origin("", "", ""));

  volatile List<RunningQueries.Entry> list = List.of();
  volatile long timeoutNanos = 60_000_000_000L;
  final List<Long> cancelledIds = new CopyOnWriteArrayList<>();

  @Override
  public RunningQueries running() {
    return new RunningQueries() {
      @Override
      public List<Entry> list() {
        return list;
      }

      @Override
      public boolean cancel(long id) {
        cancelledIds.add(id);
        return list.stream().anyMatch(entry -> entry.id() == id);
      }
    };
  }

  @Override
  public long timeoutNanos() {
    return timeoutNanos;
  }

  @Override
  public Query instant(String expression, long time, Options options) {
    this.options = options;
    return query(expression, false, time, time, 1);
  }

  @Override
  public Query range(String expression, long start, long end, long step, Options options) {
    this.options = options;
    return query(expression, true, start, end, step);
  }

  @Override
  public Explained explainInstant(String expression, long time, Options options, boolean evaluate) {
    return explained(query(expression, false, time, time, 1), expression, 1, evaluate);
  }

  @Override
  public Explained explainRange(
      String expression, long start, long end, long step, Options options, boolean evaluate) {
    int steps = (int) ((end - start) / step + 1);
    return explained(query(expression, true, start, end, step), expression, steps, evaluate);
  }

  private static Explained explained(Query query, String expression, int steps, boolean evaluate) {
    return new Explained() {
      @Override
      public Plan run() {
        QueryResult result = query.run();
        Plan.Node selector =
            new Plan.Node(
                1,
                Plan.Kind.SELECTOR,
                expression,
                0,
                expression.length(),
                0,
                List.of(new PlanNote(PlanNote.Kind.SHARED, "a < b")),
                2,
                3,
                4,
                1_500_000_000,
                500_000_000,
                7,
                6,
                List.of());
        Plan.Node root =
            new Plan.Node(
                0,
                Plan.Kind.RESULT,
                expression,
                -1,
                -1,
                0,
                List.of(),
                2,
                0,
                0,
                0,
                0,
                0,
                0,
                List.of(selector));
        QueryResult.Stats stats = result.stats();
        return new Plan(
            expression,
            evaluate,
            steps,
            root,
            new QueryStats(
                stats.totalSamples(),
                stats.samplesRead(),
                stats.peakSamples(),
                List.of(),
                List.of(),
                stats.queueNanos(),
                stats.prepareNanos(),
                stats.evaluationNanos(),
                stats.sortNanos()),
            8,
            2);
      }

      @Override
      public void cancel() {
        query.cancel();
      }
    };
  }

  private Query query(String expression, boolean matrix, long start, long end, long step) {
    if (expression.isEmpty()) {
      throw new QueryFailure(
          QueryFailure.Kind.BAD_QUERY,
          "unknown position: parse error: no expression found in input",
          null);
    }
    return new Query() {
      @Override
      public QueryResult run() {
        QueryResult.Data data =
            switch (expression) {
              case "scalar" -> new QueryResult.Scalar(start, 1.5e-7);
              case "string" -> new QueryResult.Text(start, "f<oo>");
              case "hang" -> hang();
              default -> failureOr(expression, matrix, start, end, step);
            };
        List<String> warnings =
            IntStream.range(0, expression.equals("warn") ? 12 : 0)
                .mapToObj(i -> "PromQL warning: " + i + " (1:1)")
                .toList();
        return new QueryResult(
            data,
            warnings,
            warnings.isEmpty() ? List.of() : List.of("PromQL info: i (1:1)"),
            new QueryResult.Stats(1_000_000_000L, 1, 2, 3, 4, 5, 6, null),
            closed::countDown,
            () -> {
              if (expression.equals("endless")) {
                throw new QueryFailure(
                    QueryFailure.Kind.CANCELED, "query was canceled in result writing", null);
              }
            });
      }

      private QueryResult.Data hang() {
        running.countDown();
        try {
          if (!cancelled.await(20, TimeUnit.SECONDS)) {
            throw new AssertionError("nobody cancelled");
          }
        } catch (InterruptedException e) {
          throw new AssertionError(e);
        }
        throw new QueryFailure(QueryFailure.Kind.CANCELED, "query was canceled", null);
      }

      @Override
      public void cancel() {
        cancelled.countDown();
      }
    };
  }

  private static final FloatHistogram HISTOGRAM =
      new FloatHistogram(0).count(10).sum(12.5).zero(0.001, 1).positive(0, 4, 0, 2).negative(1, 3);

  private static QueryResult.Data failureOr(
      String expression, boolean matrix, long start, long end, long step) {
    for (QueryFailure.Kind kind : QueryFailure.Kind.values()) {
      if (expression.equals(kind.name())) {
        throw new QueryFailure(kind, "the reason", null, List.of("seen before"));
      }
    }
    if (expression.equals("broken")) {
      throw new IllegalStateException("expected by the test");
    }
    return new QueryResult.Series() {
      @Override
      public boolean isMatrix() {
        return matrix;
      }

      @Override
      public int size() {
        return expression.equals("endless") ? Integer.MAX_VALUE : 2;
      }

      @Override
      public Labels labels(int series) {
        return Labels.of("__name__", expression, "n", String.valueOf(series));
      }

      @Override
      public void read(int series, SampleBuffer into) {
        into.clear();
        for (long t = start; t <= end; t += step) {
          if (expression.equals("histogram") && t == end) {
            into.add(t, HISTOGRAM);
            continue;
          }
          into.add(t, series == 0 ? t / 1000.0 : Double.NEGATIVE_INFINITY);
        }
      }
    };
  }
}
