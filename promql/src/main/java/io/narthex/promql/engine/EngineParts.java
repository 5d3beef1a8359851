package io.narthex.promql.engine;

import io.narthex.base.time.Clock;
import io.narthex.promql.engine.core.MemoryBudget;
import io.narthex.promql.engine.core.Workers;

/**
 * What an engine works with, and shares with others: those before and after a reload have different
 * options but the same places, memory and list of queries.
 *
 * @param workers the threads that help queries; answers do not depend on their number
 * @param budget the memory of all queries together
 * @param queue the places that queries run in
 * @param running the queries that there are
 * @param observer is told of every query
 */
public record EngineParts(
    Clock clock,
    Workers workers,
    MemoryBudget budget,
    QueryQueue queue,
    RunningQueries running,
    QueryObserver observer) {

  /** Places of its own, for one engine. */
  static EngineParts alone(
      EngineOptions options, Clock clock, Workers workers, MemoryBudget budget) {
    return new EngineParts(
        clock,
        workers,
        budget,
        new QueryQueue(options.maxConcurrency()),
        RunningQueries.unlisted(clock),
        QueryObserver.NONE);
  }
}
