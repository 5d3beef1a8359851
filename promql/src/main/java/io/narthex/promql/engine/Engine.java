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
import io.narthex.promql.engine.core.SampleCounter;
import io.narthex.promql.engine.core.Workers;
import io.narthex.promql.engine.explain.PlanRecorder;
import io.narthex.promql.parser.Parser;
import io.narthex.storage.Querier;
import io.narthex.storage.Queryable;
import io.narthex.storage.StorageException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Answers queries. At most so many run at once; the others wait their turn, and their time runs
 * meanwhile. Thread-safe.
 *
 * <p>A query is evaluated on the thread that asks: a platform thread, as reading may fault pages
 * in.
 */
public final class Engine {

  private static final long WAIT_MILLIS = 20;

  private final EngineOptions options;
  private final Clock clock;
  private final Semaphore places;
  private final Workers workers;
  private final MemoryBudget budget;

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
   * @param budget may be shared with other engines, as those before and after a reload
   */
  public Engine(EngineOptions options, Clock clock, Workers workers, MemoryBudget budget) {
    this.budget = budget;
    this.workers = workers;
    this.options = options;
    this.clock = clock;
    this.places =
        new Semaphore(
            options.maxConcurrency() <= 0 ? Integer.MAX_VALUE : options.maxConcurrency(), true);
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
    MemoryAccount memory = new MemoryAccount(budget, options.maxMemory());
    QueryContext context =
        new QueryContext(
            clock,
            timeout.toNanos(),
            options.maxSamples(),
            queryOptions.cancellation(),
            workers,
            memory,
            query);
    context.observe(probe.optimisations(), probe.watch());
    if (queryOptions.samplesPerStep()) {
      context.countPerStep(grid.count());
    }
    long arrived = clock.nanos();
    await(context);
    boolean answered = false;
    try {
      long started = clock.nanos();
      Duration lookback = queryOptions.lookback();
      Planning planning =
          Planning.of(
              grid,
              end,
              step,
              (lookback == null || !lookback.isPositive() ? options.lookback() : lookback)
                  .toMillis(),
              options.subqueryStep().toMillis());
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
        long prepared = clock.nanos();
        QueryResult result = evaluator.evaluate(scope, planning, expr);
        QueryAnswer answer =
            new QueryAnswer(
                query,
                result,
                context.annotations().list(),
                context.stats(started - arrived, prepared - started, clock.nanos() - prepared),
                memory);
        answered = true;
        return answer;
      } catch (StorageException e) {
        throw new QueryException(QueryException.Kind.STORAGE, String.valueOf(e.getMessage()), e);
      }
    } finally {
      if (!answered) {
        memory.close();
      }
      places.release();
    }
  }

  private static Querier open(Queryable storage, Extent extent) {
    // Without a selector nothing is read, whatever the range.
    return extent.min() > extent.max()
        ? storage.querier(0, 0)
        : storage.querier(extent.min(), extent.max());
  }

  private void await(QueryContext context) {
    try {
      while (!places.tryAcquire(WAIT_MILLIS, TimeUnit.MILLISECONDS)) {
        context.check("query queue");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new QueryException(
          QueryException.Kind.CANCELED, "query was canceled in query queue", e);
    }
  }
}
