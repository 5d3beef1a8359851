package io.narthex.promql.ast;

/**
 * A number.
 *
 * @param duration whether it was written as a duration ({@code 1h30m}); the value is then in
 *     seconds
 */
public record NumberLiteral(double value, boolean duration, Position position) implements Expr {

  @Override
  public ValueType type() {
    return ValueType.SCALAR;
  }
}
