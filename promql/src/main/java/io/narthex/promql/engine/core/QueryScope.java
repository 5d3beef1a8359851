package io.narthex.promql.engine.core;

import io.narthex.storage.Querier;

/**
 * What the parts of one query's plan share.
 *
 * @param context limits, annotations and costs
 * @param counter counts the samples of the part of the query that this scope is of
 * @param querier the view of the storage that the whole query reads
 * @param lookbackMillis how old a sample may be to count for an instant selector
 * @param delayedNames whether metric names are dropped in the end instead of at once
 * @param startTimestamps whether start timestamps of samples count
 * @param typeLabels whether the labels __type__ and __unit__ say what a metric is
 */
public record QueryScope(
    QueryContext context,
    SampleCounter counter,
    Querier querier,
    long lookbackMillis,
    boolean delayedNames,
    boolean startTimestamps,
    boolean typeLabels) {

  /** The same for a part whose samples count in another way. */
  public QueryScope counting(SampleCounter other) {
    return new QueryScope(
        context, other, querier, lookbackMillis, delayedNames, startTimestamps, typeLabels);
  }

  /** Where warnings and infos go. */
  public Annotations annotations() {
    return context.annotations();
  }
}
