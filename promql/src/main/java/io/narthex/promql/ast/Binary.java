package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * Two expressions and an operator between them. Chains of operators make trees that lean to the
 * left and may be thousands of nodes deep, so whoever walks them goes down {@link #left} in a loop,
 * not by recursion; for the same reason the type is kept and not asked for.
 *
 * @param bool whether a comparison returns 0 or 1 instead of filtering
 * @param matching how the series of two vectors meet; null unless both sides are vectors
 * @param type of the value: scalar between scalars, else vector
 */
public record Binary(
    BinaryOperator operator,
    Expr left,
    Expr right,
    boolean bool,
    @Nullable VectorMatching matching,
    Position position,
    ValueType type)
    implements Expr {

  public Binary(
      BinaryOperator operator,
      Expr left,
      Expr right,
      boolean bool,
      @Nullable VectorMatching matching,
      Position position) {
    this(
        operator,
        left,
        right,
        bool,
        matching,
        position,
        left.type() == ValueType.SCALAR && right.type() == ValueType.SCALAR
            ? ValueType.SCALAR
            : ValueType.VECTOR);
  }
}
