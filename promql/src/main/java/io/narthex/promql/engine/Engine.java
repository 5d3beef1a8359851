package io.narthex.promql.engine;

import io.narthex.base.time.Clock;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.core.Grid;
import io.narthex.promql.engine.core.MemoryAccount;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.QueryContext;
import io.narthex.promql.engine.core.QueryException;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.QueryStats;
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.engine.explain.PlanRecorder;
import io.narthex.promql.parser.Parser;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.StopSignal;
import io.narthex.storage.StorageException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Answers queries. At most so many run at once; the others wait their turn ({@link QueryQueue}),
 * and their time runs meanwhile. From its arrival until its answer is closed a query stands in the
 * list of {@link RunningQueries}. Thread-safe.
 *
 * <p>A query is evaluated on a platform thread, as reading may fault pages in: one of the engine's
 * own ({@link EngineParts#evaluators}), and then any thread may ask and wait, or the one that asks.
 */
public final class Engine {

  private final EngineOptions options;
  private final EngineParts parts;
  private final Clock clock;

  /** An engine whose queries have no help. */
  public Engine(EngineOptions options, Clock clock) {
    this(options, clock, Workers.NONE);
  }

  /**
   * An engine whose queries share helping threads.
   *
   * @param workers the pool and how many threads of it one query may use; answers do not depend on
   *     it
   */
  public Engine(EngineOptions options, Clock clock, Workers workers) {
    this(options, clock, workers, new MemoryBudget(0));
  }

  /**
   * As above, with a limit for the memory of all queries together.
   *
   * @param budget may be shared with other engines
   */
  public Engine(EngineOptions options, Clock clock, Workers workers, MemoryBudget budget) {
    this(options, EngineParts.alone(options, clock, workers, budget));
  }

  /**
   * An engine among others.
   *
   * @param parts what it shares with them; the number of places is that of its queue
   */
  public Engine(EngineOptions options, EngineParts parts) {
    this.options = options;
    this.parts = parts;
    this.clock = parts.clock();
  }

  /** The limits and habits. */
  public EngineOptions options() {
    return options;
  }

  /** Records the plan of one query, by this engine's clock. */
  public PlanRecorder recorder() {
    return new PlanRecorder(clock);
  }

  /**
   * Parses a query as this engine's options allow.
   *
   * @throws io.narthex.promql.parser.ParseException if it is not correct
   */
  public Expr parse(String query) {
    return Parser.parse(query, options.parser());
  }

  /**
   * The value of a query at one moment.
   *
   * @param time milliseconds since the epoch
   * @throws io.narthex.promql.parser.ParseException if the query is not correct
   * @throws QueryException if it cannot be answered
   */
  public QueryAnswer instant(
      Queryable storage, String query, long time, QueryOptions queryOptions) {
    return instant(storage, query, parse(query), time, queryOptions);
  }

  /** As above, for a query that is parsed already. */
  public QueryAnswer instant(
      Queryable storage, String query, Expr expr, long time, QueryOptions queryOptions) {
    return instant(storage, query, expr, time, queryOptions, Probe.NONE);
  }

  /** As above, planned in another way or watched. */
  public QueryAnswer instant(
      Queryable storage,
      String query,
      Expr expr,
      long time,
      QueryOptions queryOptions,
      Probe probe) {
    Grid grid = Grid.instant(time);
    return run(storage, query, expr, grid, time, 0, queryOptions, probe, Evaluation::instant);
  }

  /**
   * The values of a query at the moments {@code start + k * step} up to and including the end.
   *
   * @param start milliseconds since the epoch
   * @param end not before the start
   * @param step milliseconds; positive
   * @throws io.narthex.promql.parser.ParseException if the query is not correct
   * @throws QueryException if it cannot be answered
   * @throws IllegalArgumentException if its value is neither a scalar nor an instant vector; the
   *     message is Prometheus'
   */
  public QueryAnswer range(
      Queryable storage, String query, long start, long end, long step, QueryOptions queryOptions) {
    return range(storage, query, parse(query), start, end, step, queryOptions);
  }

  /** As above, for a query that is parsed already. */
  public QueryAnswer range(
      Queryable storage,
      String query,
      Expr expr,
      long start,
      long end,
      long step,
      QueryOptions queryOptions) {
    return range(storage, query, expr, start, end, step, queryOptions, Probe.NONE);
  }

  /** As above, planned in another way or watched. */
  public QueryAnswer range(
      Queryable storage,
      String query,
      Expr expr,
      long start,
      long end,
      long step,
      QueryOptions queryOptions,
      Probe probe) {
    if (expr.type() != ValueType.SCALAR && expr.type() != ValueType.VECTOR) {
      throw new IllegalArgumentException(
          "invalid expression type \""
              + expr.type().description()
              + "\" for range query, must be Scalar or instant Vector");
    }
    Grid grid = Grid.of(start, end, step);
    return run(storage, query, expr, grid, end, step, queryOptions, probe, Evaluation::range);
  }

  /** One of the two ways to evaluate. */
  private interface Evaluator {
    QueryResult evaluate(QueryScope scope, Planning planning, Expr expr);
  }

  /** When the stages of one query began, on the clock's stopwatch; 0 for not yet. */
  private static final class Stages {
    private final long arrived;
    private long started;
    private long prepared;

    Stages(long arrived) {
      this.arrived = arrived;
    }

    QueryStats stats(QueryContext context, long now) {
      if (started == 0) {
        return context.stats(now - arrived, 0, 0);
      }
      long ready = prepared == 0 ? now : prepared;
      return context.stats(started - arrived, ready - started, now - ready);
    }
  }

  private QueryAnswer run(
      Queryable storage,
      String query,
      Expr expr,
      Grid grid,
      long end,
      long step,
      QueryOptions queryOptions,
      Probe probe,
      Evaluator evaluator) {
    Duration asked = queryOptions.timeout();
    Duration timeout =
        asked != null && asked.compareTo(options.timeout()) < 0 ? asked : options.timeout();
    MemoryAccount memory = new MemoryAccount(parts.budget(), options.maxMemory());
    QueryContext context =
        new QueryContext(
            clock,
            timeout.toNanos(),
            options.maxSamples(),
            queryOptions.cancellation(),
            parts.workers(),
            memory,
            query);
    context.observe(probe.optimisations(), probe.watch());
    if (queryOptions.samplesPerStep()) {
      context.countPerStep(grid.count());
    }
    Duration lookback = queryOptions.lookback();
    Planning planning =
        Planning.of(
            grid,
            end,
            step,
            (lookback == null || !lookback.isPositive() ? options.lookback() : lookback).toMillis(),
            options.subqueryStep().toMillis());
    RunningQuery running =
        parts
            .running()
            .add(
                new RunningQuery.Question(query, grid.start(), end, step),
                queryOptions.origin(),
                context,
                memory,
                queryOptions.cancellation());
    Stages stages = new Stages(clock.nanos());
    Throwable failure = null;
    boolean answered = false;
    try {
      parts.observer().arrived();
      StopSignal.Work<QueryResult, RuntimeException> work =
          () -> evaluated(storage, expr, planning, context, stages, evaluator);
      QueryResult result =
          admitted(running, stages, () -> StopSignal.yielding(context::check, work));
      QueryAnswer answer =
          new QueryAnswer(
              query,
              result,
              context.annotations().list(),
              stages.stats(context, clock.nanos()),
              memory,
              () -> parts.running().remove(running),
              () -> context.check("result writing"));
      running.become(RunningQuery.State.WRITING);
      answered = true;
      return answer;
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    } finally {
      if (!answered) {
        memory.close();
        parts.running().remove(running);
      }
      parts
          .observer()
          .ended(
              new QueryObserver.Ended(
                  running.question(),
                  running.origin(),
                  stages.stats(context, clock.nanos()),
                  failure));
    }
  }

  /** Waits for a place and does the work in it. */
  private QueryResult admitted(RunningQuery running, Stages stages, Supplier<QueryResult> work) {
    QueryQueue.Place place = parts.queue().enter(running.origin().client(), running.context());
    try {
      stages.started = clock.nanos();
      running.context().check("query execution");
      running.become(RunningQuery.State.RUNNING);
      return observed(running, work);
    } finally {
      place.close();
    }
  }

  private QueryResult observed(RunningQuery running, Supplier<QueryResult> work) {
    Runnable over = parts.observer().started(running.question().text());
    try {
      return work.get();
    } finally {
      over.run();
    }
  }

  private QueryResult evaluated(
      Queryable storage,
      Expr expr,
      Planning planning,
      QueryContext context,
      Stages stages,
      Evaluator evaluator) {
    Grid grid = planning.grid();
    Extent extent = new Extent(planning).add(expr, grid.start(), grid.end());
    try (Querier querier = open(storage, extent)) {
      QueryScope scope =
          new QueryScope(
              context,
              new SampleCounter.Direct(context),
              querier,
              planning.lookbackMillis(),
              options.delayedNames(),
              options.startTimestamps(),
              options.typeLabels());
      stages.prepared = clock.nanos();
      return evaluator.evaluate(scope, planning, expr);
    } catch (StorageException e) {
      throw new QueryException(QueryException.Kind.STORAGE, String.valueOf(e.getMessage()), e);
    }
  }

  private static Querier open(Queryable storage, Extent extent) {
    // Without a selector nothing is read, whatever the range.
    return extent.min() > extent.max()
        ? storage.querier(0, 0)
        : storage.querier(extent.min(), extent.max());
  }
}
