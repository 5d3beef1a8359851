package io.narthex.promql.ast;

import org.jspecify.annotations.Nullable;

/**
 * Evaluates an expression over a range.
 *
 * @param step null where it was left out: the engine's default then
 */
public record Subquery(
    Expr expr, TimeSpan range, @Nullable TimeSpan step, TimeModifier time, Position position)
    implements Expr {

  @Override
  public ValueType type() {
    return ValueType.MATRIX;
  }
}
