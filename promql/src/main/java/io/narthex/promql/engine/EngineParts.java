package io.narthex.promql.engine;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.Workers;
import java.util.concurrent.ExecutorService;
import org.jspecify.annotations.Nullable;

/**
 * What an engine works with, and shares with others: those before and after a reload have different
 * options but the same places, memory and list of queries.
 *
 * @param workers the threads that help queries; answers do not depend on their number
 * @param budget the memory of all queries together
 * @param queue the places that queries run in
 * @param running the queries that there are
 * @param observer is told of every query
 * @param evaluators the platform threads that queries are evaluated on, at least as many as there
 *     are places; null for the threads that ask
 */
public record EngineParts(
    Clock clock,
    Workers workers,
    MemoryBudget budget,
    QueryQueue queue,
    RunningQueries running,
    QueryObserver observer,
    @Nullable ExecutorService evaluators) {

  /** Places of its own, for one engine on the threads that ask it. */
  static EngineParts alone(
      EngineOptions options, Clock clock, Workers workers, MemoryBudget budget) {
    return new EngineParts(
        clock,
        workers,
        budget,
        new QueryQueue(options.maxConcurrency()),
        RunningQueries.unlisted(clock),
        QueryObserver.NONE,
        null);
  }
}
