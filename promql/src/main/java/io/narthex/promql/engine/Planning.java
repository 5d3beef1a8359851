package io.narthex.promql.engine;

import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.engine.core.Grid;
import org.jspecify.annotations.Nullable;

/**
 * What a query's text leaves open and its parameters decide: the times that {@code start()}, {@code
 * end()}, {@code step()} and {@code range()} stand for.
 *
 * @param grid the query's steps
 * @param stepMillis the query's step, 0 for an instant query
 * @param lookbackMillis how far back an instant selector looks
 * @param subqueryStepMillis the step of subqueries that name none
 * @param durations computes lengths of time that are written as expressions
 */
record Planning(
    Grid grid, long stepMillis, long lookbackMillis, long subqueryStepMillis, Durations durations) {

  static Planning of(Grid grid, long endMillis, long stepMillis, long lookback, long subquery) {
    return new Planning(
        grid, stepMillis, lookback, subquery, new Durations(stepMillis, endMillis - grid.start()));
  }

  /** The fixed time that a selector or subquery looks at, or null. */
  @Nullable Long at(TimeModifier time) {
    TimeModifier.Preprocessor preprocessor = time.preprocessor();
    if (preprocessor == null) {
      return time.atMillis();
    }
    return switch (preprocessor) {
      case START -> grid.start();
      case END -> end();
    };
  }

  /** The query's end; it may lie behind the last step. */
  long end() {
    return grid.start() + rangeMillis();
  }

  long rangeMillis() {
    return durations.rangeMillis();
  }

  /** An expression without the parentheses around it. */
  static Expr unwrapped(Expr expr) {
    Expr inner = expr;
    while (inner instanceof Paren paren) {
      inner = paren.expr();
    }
    return inner;
  }
}
