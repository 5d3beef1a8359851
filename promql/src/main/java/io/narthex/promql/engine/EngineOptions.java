package io.narthex.promql.engine;

import io.narthex.promql.parser.ParserOptions;
import java.time.Duration;

/**
 * The limits and habits of an engine.
 *
 * @param timeout the longest a query may take, waiting included (query.timeout)
 * @param maxSamples the most samples a query may hold at once, 0 for no limit (query.max-samples)
 * @param maxMemory the most memory a query may hold in bytes, as far as it grows with the data; 0
 *     for as much as is left for all queries (query.max-memory)
 * @param maxConcurrency the most queries that run at once; others wait (query.max-concurrency)
 * @param lookback how old a sample may be to count for an instant selector (query.lookback-delta)
 * @param subqueryStep the step of subqueries that name none: the global evaluation interval
 * @param delayedNames whether metric names are dropped in the end instead of at once (feature flag
 *     promql-delayed-name-removal)
 * @param startTimestamps whether start timestamps of samples count (feature flag
 *     use-start-timestamps)
 * @param typeLabels whether the labels __type__ and __unit__ say what a metric is (feature flag
 *     type-and-unit-labels)
 * @param parser which parts of the language are allowed
 */
public record EngineOptions(
    Duration timeout,
    long maxSamples,
    long maxMemory,
    int maxConcurrency,
    Duration lookback,
    Duration subqueryStep,
    boolean delayedNames,
    boolean startTimestamps,
    boolean typeLabels,
    ParserOptions parser) {

  /** What Prometheus does where no flag is set. */
  public static final EngineOptions DEFAULT =
      new EngineOptions(
          Duration.ofMinutes(2),
          50_000_000,
          0,
          20,
          Duration.ofMinutes(5),
          Duration.ofMinutes(1),
          false,
          false,
          false,
          ParserOptions.DEFAULT);
}
