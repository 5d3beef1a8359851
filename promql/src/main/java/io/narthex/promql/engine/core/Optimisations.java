package io.narthex.promql.engine.core;

/**
 * What the planner may do that changes the way to an answer and not the answer. Everything is done
 * unless a test compares with and without.
 *
 * @param folds scalars that depend on nothing are computed once, before anything is read
 * @param shares equal parts of a query are evaluated once
 * @param propagates matchers of one side of a join select on its other side too
 * @param projects only the labels that are needed are made
 */
public record Optimisations(boolean folds, boolean shares, boolean propagates, boolean projects) {

  /** What queries are planned with. */
  public static final Optimisations ALL = new Optimisations(true, true, true, true);

  /** Nothing of it. */
  public static final Optimisations NONE = new Optimisations(false, false, false, false);
}
