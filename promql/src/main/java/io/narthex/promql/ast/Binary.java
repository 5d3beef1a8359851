package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * Two expressions and an operator between them.
 *
 * @param bool whether a comparison returns 0 or 1 instead of filtering
 * @param matching how the series of two vectors meet; null unless both sides are vectors
 */
public record Binary(
    BinaryOperator operator,
    Expr left,
    Expr right,
    boolean bool,
    @Nullable VectorMatching matching,
    Position position)
    implements Expr {

  @Override
  public ValueType type() {
    return left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR
        ? ValueType.SCALAR
        : ValueType.VECTOR;
  }
}
