package io.narthex.promql.engine;

import io.narthex.promql.engine.core.Optimisations;
import io.narthex.promql.engine.core.PlanWatch;
import org.jspecify.annotations.Nullable;

/**
 * How one query is looked into: for explaining it, and for tests.
 *
 * @param optimisations what the planner may do
 * @param watch is told how the query is planned and what its parts cost, or null
 */
public record Probe(Optimisations optimisations, @Nullable PlanWatch watch) {

  /** A query like any other. */
  public static final Probe NONE = new Probe(Optimisations.ALL, null);

  /** A query that is explained. */
  public static Probe watching(PlanWatch watch) {
    return new Probe(Optimisations.ALL, watch);
  }
}
