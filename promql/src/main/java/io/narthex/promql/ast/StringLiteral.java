package io.narthex.promql.ast;

/** A text, escapes resolved. */
public record StringLiteral(String value, Position position) implements Expr {

  @Override
  public ValueType type() {
    return ValueType.STRING;
  }
}
