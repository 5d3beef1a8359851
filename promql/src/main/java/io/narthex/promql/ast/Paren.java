package io.narthex.promql.ast;

/** An expression in parentheses. */
public record Paren(Expr expr, Position position) implements Expr {

  @Override
  public ValueType type() {
    return expr.type();
  }
}
