package io.narthex.promql.engine;

import io.narthex.promql.ast.Aggregate;
import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.Call;
import io.narthex.promql.ast.Expr;
import io.narthex.promql.ast.MatrixSelector;
import io.narthex.promql.ast.NumberLiteral;
import io.narthex.promql.ast.Paren;
import io.narthex.promql.ast.StringLiteral;
import io.narthex.promql.ast.Subquery;
import io.narthex.promql.ast.TimeModifier;
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import java.util.Set;

/** Tells which parts of a query do not depend on the step, and which not even on data. */
final class Constants {

  /** Functions whose value depends on the step even where their arguments do not. */
  private static final Set<String> DEPENDS_ON_STEP =
      Set.of(
          "days_in_month",
          "day_of_month",
          "day_of_week",
          "day_of_year",
          "hour",
          "minute",
          "month",
          "year",
          "predict_linear",
          "time",
          "timestamp");

  /** Functions of numbers, or of the query as a whole. */
  private static final Set<String> FUNCTIONS =
      Set.of("pi", "scalar", "vector", "min_of", "max_of", "start", "end", "step", "range");

  private Constants() {}

  /** Whether a scalar, or a vector of one, is known once the query's parameters are. */
  static boolean isConstant(Expr expr) {
    return switch (expr) {
      case NumberLiteral n -> true;
      case Paren p -> isConstant(p.expr());
      case Unary u -> isConstant(u.expr());
      case Binary b -> {
        // Down the left side in a loop: chains of operators may be long.
        Expr left = b;
        while (left instanceof Binary chain) {
          if (!isConstant(chain.right())) {
            yield false;
          }
          left = chain.left();
        }
        yield isConstant(left);
      }
      case Call c ->
          FUNCTIONS.contains(c.function().name())
              && c.arguments().stream().allMatch(Constants::isConstant);
      case VectorSelector s -> false;
      case MatrixSelector m -> false;
      case Subquery s -> false;
      case Aggregate a -> false;
      case StringLiteral s -> false;
    };
  }

  /** Whether an expression has the same value at every step. */
  static boolean isInvariant(Expr expr) {
    return switch (expr) {
      case VectorSelector s -> isFixed(s.time());
      case MatrixSelector m -> isFixed(m.selector().time());
      case Subquery s -> isFixed(s.time());
      case Aggregate a -> {
        Expr parameter = a.parameter();
        yield isInvariant(a.expr()) && (parameter == null || isInvariant(parameter));
      }
      case Binary b -> {
        // Down the left side in a loop: chains of operators may be long.
        Expr left = b;
        boolean invariant = true;
        while (invariant && left instanceof Binary chain) {
          invariant = isInvariant(chain.right());
          left = chain.left();
        }
        yield invariant && isInvariant(left);
      }
      case Call c ->
          !DEPENDS_ON_STEP.contains(c.function().name())
              && (c.function().name().equals("info")
                  // Its second argument is no expression but only matchers.
                  ? isInvariant(c.arguments().getFirst())
                  : c.arguments().stream().allMatch(Constants::isInvariant));
      case Paren p -> isInvariant(p.expr());
      case Unary u -> isInvariant(u.expr());
      case NumberLiteral n -> true;
      case StringLiteral s -> true;
    };
  }

  private static boolean isFixed(TimeModifier time) {
    return time.atMillis() != null || time.preprocessor() != null;
  }
}
