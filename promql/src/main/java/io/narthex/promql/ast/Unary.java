package io.narthex.promql.ast;

/** A sign before an expression. */
public record Unary(Sign sign, Expr expr, Position position) implements Expr {

  /** The sign. */
  public enum Sign {
    PLUS,
    MINUS
  }

  @Override
  public ValueType type() {
    return expr.type();
  }
}
