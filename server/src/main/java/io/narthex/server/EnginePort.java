package io.narthex.server;

import io.narthex.api.port.QueryEngine;
import io.narthex.api.port.QueryFailure;
import io.narthex.api.port.QueryResult;
import io.narthex.api.port.RunningQueries;
import io.narthex.model.histogram.FloatHistogram;
import io.narthex.model.labels.Labels;
import io.narthex.model.sample.SampleBuffer;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.Engine;
import io.narthex.promql.engine.Probe;
import io.narthex.promql.engine.QueryAnswer;
import io.narthex.promql.engine.QueryOptions;
import io.narthex.promql.engine.QueryOrigin;
import io.narthex.promql.engine.QueryResult.Matrix;
import io.narthex.promql.engine.QueryResult.MatrixSeries;
import io.narthex.promql.engine.QueryResult.Sample;
import io.narthex.promql.engine.QueryResult.Vector;
import io.narthex.promql.engine.core.Cancellation;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryStats;
import io.narthex.promql.engine.explain.NoStorage;
import io.narthex.promql.engine.explain.Plan;
import io.narthex.promql.engine.explain.PlanRecorder;
import io.narthex.promql.parser.ParseException;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import java.time.Duration;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;

/** Gives the HTTP API the engine over the database. */
final class EnginePort implements QueryEngine {

  private static final int MOST_ANNOTATIONS = 10;

  private final Supplier<Engine> engine;
  private final Queryable storage;
  private final Queryable partial;
  private final boolean perStep;
  private final RunningQueries list;

  /**
   * @param engine the engine of the moment: a reload may bring another
   * @param partial the storage for those who do not wait until it is filled
   * @param running the queries of all engines
   * @param perStep whether samples may be counted by step (feature flag promql-per-step-stats)
   */
  EnginePort(
      Supplier<Engine> engine,
      Queryable storage,
      Queryable partial,
      io.narthex.promql.engine.RunningQueries running,
      boolean perStep) {
    this.perStep = perStep;
    this.engine = engine;
    this.storage = storage;
    this.partial = partial;
    this.list = new RunningPort(running);
  }

  @Override
  public Query instant(String expression, long time, Options options) {
    Engine now = engine.get();
    Expr expr = parse(now, expression);
    Queryable from = storage(options);
    return query(options, time, 0, o -> now.instant(from, expression, expr, time, o));
  }

  @Override
  public Query range(String expression, long start, long end, long step, Options options) {
    Engine now = engine.get();
    Expr expr = parseForRange(now, expression);
    Queryable from = storage(options);
    return query(options, start, step, o -> now.range(from, expression, expr, start, end, step, o));
  }

  @Override
  public Explained explainInstant(String expression, long time, Options options, boolean evaluate) {
    Engine now = engine.get();
    Expr expr = parse(now, expression);
    return explained(
        now,
        expression,
        1,
        options,
        evaluate,
        (o, probe) -> now.instant(readable(evaluate), expression, expr, time, o, probe));
  }

  @Override
  public Explained explainRange(
      String expression, long start, long end, long step, Options options, boolean evaluate) {
    Engine now = engine.get();
    Expr expr = parseForRange(now, expression);
    return explained(
        now,
        expression,
        Math.toIntExact((end - start) / step + 1),
        options,
        evaluate,
        (o, probe) -> now.range(readable(evaluate), expression, expr, start, end, step, o, probe));
  }

  private Queryable storage(Options options) {
    return options.partial() ? partial : storage;
  }

  private Queryable readable(boolean evaluate) {
    return evaluate ? storage : NoStorage.INSTANCE;
  }

  private Explained explained(
      Engine engine,
      String expression,
      int steps,
      Options options,
      boolean evaluate,
      BiFunction<QueryOptions, Probe, QueryAnswer> run) {
    Cancellation cancellation = new Cancellation();
    QueryOptions asked = options(options, cancellation);
    return new Explained() {
      @Override
      public Plan run() {
        PlanRecorder recorder = engine.recorder();
        try (QueryAnswer answer = run.apply(asked, Probe.watching(recorder))) {
          return recorder.plan(
              expression,
              evaluate,
              steps,
              answer.stats(),
              answer.memory().taken(),
              answer.result().size());
        } catch (QueryException e) {
          throw failure(e);
        } catch (StorageException e) {
          throw new QueryFailure(QueryFailure.Kind.STORAGE, String.valueOf(e.getMessage()), e);
        }
      }

      @Override
      public void cancel() {
        cancellation.cancel();
      }
    };
  }

  private static Expr parseForRange(Engine now, String expression) {
    Expr expr = parse(now, expression);
    if (expr.type() != ValueType.SCALAR && expr.type() != ValueType.VECTOR) {
      throw new QueryFailure(
          QueryFailure.Kind.BAD_QUERY,
          "invalid expression type \""
              + expr.type().description()
              + "\" for range query, must be Scalar or instant Vector",
          null);
    }
    return expr;
  }

  private static Expr parse(Engine engine, String expression) {
    try {
      return engine.parse(expression);
    } catch (ParseException e) {
      throw new QueryFailure(QueryFailure.Kind.BAD_QUERY, String.valueOf(e.getMessage()), e);
    }
  }

  @Override
  public RunningQueries running() {
    return list;
  }

  @Override
  public long timeoutNanos() {
    return engine.get().options().timeout().toNanos();
  }

  private QueryOptions options(Options options, Cancellation cancellation) {
    Origin origin = options.origin();
    return new QueryOptions(
        options.timeoutNanos() == 0 ? null : Duration.ofNanos(options.timeoutNanos()),
        options.lookbackMillis() == 0 ? null : Duration.ofMillis(options.lookbackMillis()),
        perStep && options.perStepStats(),
        cancellation,
        new QueryOrigin(origin.client(), origin.method(), origin.path()));
  }

  private Query query(
      Options options, long start, long step, Function<QueryOptions, QueryAnswer> run) {
    Cancellation cancellation = new Cancellation();
    QueryOptions asked = options(options, cancellation);
    return new Query() {
      @Override
      public QueryResult run() {
        try {
          return answer(run.apply(asked), start, step);
        } catch (QueryException e) {
          throw failure(e);
        } catch (StorageException e) {
          throw new QueryFailure(QueryFailure.Kind.STORAGE, String.valueOf(e.getMessage()), e);
        }
      }

      @Override
      public void cancel() {
        cancellation.cancel();
      }
    };
  }

  private static QueryFailure failure(QueryException e) {
    QueryFailure.Kind kind =
        switch (e.kind()) {
          case EXECUTION -> QueryFailure.Kind.EXECUTION;
          case TIMEOUT -> QueryFailure.Kind.TIMEOUT;
          case CANCELED -> QueryFailure.Kind.CANCELED;
          case STORAGE -> QueryFailure.Kind.STORAGE;
        };
    return new QueryFailure(kind, String.valueOf(e.getMessage()), e);
  }

  private static QueryResult answer(QueryAnswer answer, long start, long step) {
    return new QueryResult(
        data(answer.result()),
        answer.warnings(MOST_ANNOTATIONS),
        answer.infos(MOST_ANNOTATIONS),
        stats(answer.stats(), start, step),
        answer::close,
        () -> check(answer));
  }

  private static void check(QueryAnswer answer) {
    try {
      answer.checkReader();
    } catch (QueryException e) {
      throw failure(e);
    }
  }

  private static QueryResult.Stats stats(QueryStats stats, long start, long step) {
    return new QueryResult.Stats(
        stats.queueNanos(),
        stats.prepareNanos(),
        stats.evaluationNanos(),
        stats.sortNanos(),
        stats.samples(),
        stats.samplesRead(),
        stats.peakSamples(),
        stats.samplesPerStep().isEmpty()
            ? null
            : new QueryResult.Steps(start, step, stats.samplesPerStep(), stats.readPerStep()));
  }

  private static QueryResult.Data data(io.narthex.promql.engine.QueryResult result) {
    return switch (result) {
      case io.narthex.promql.engine.QueryResult.Scalar s ->
          new QueryResult.Scalar(s.time(), s.value());
      case io.narthex.promql.engine.QueryResult.Text t -> new QueryResult.Text(t.time(), t.value());
      case Vector v -> new VectorData(v);
      case Matrix m -> new MatrixData(m.series());
    };
  }

  private record VectorData(Vector vector) implements QueryResult.Series {

    @Override
    public boolean isMatrix() {
      return false;
    }

    @Override
    public int size() {
      return vector.samples().size();
    }

    @Override
    public Labels labels(int series) {
      return vector.samples().get(series).labels();
    }

    @Override
    public void read(int series, SampleBuffer into) {
      Sample sample = vector.samples().get(series);
      FloatHistogram histogram = sample.histogram();
      into.clear();
      if (histogram == null) {
        into.add(vector.time(), sample.value());
      } else {
        into.add(vector.time(), histogram);
      }
    }
  }

  private record MatrixData(List<MatrixSeries> all) implements QueryResult.Series {

    @Override
    public boolean isMatrix() {
      return true;
    }

    @Override
    public int size() {
      return all.size();
    }

    @Override
    public Labels labels(int series) {
      return all.get(series).labels();
    }

    @Override
    public void read(int series, SampleBuffer into) {
      MatrixSeries row = all.get(series);
      into.clear();
      for (int slot = 0; slot < row.slots(); slot++) {
        if (row.present(slot)) {
          FloatHistogram histogram = row.histogram(slot);
          if (histogram == null) {
            into.add(row.time(slot), row.value(slot));
          } else {
            into.add(row.time(slot), histogram);
          }
        }
      }
    }
  }
}
