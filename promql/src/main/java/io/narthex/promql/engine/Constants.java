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
import io.narthex.promql.ast.Unary;
import io.narthex.promql.ast.VectorSelector;
import java.util.Set;

/** Tells which parts of a query depend neither on data nor on the step. */
final class Constants {

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
}
