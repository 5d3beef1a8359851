package io.narthex.promql.ast;

/**
 * Selects the samples of series over a range.
 *
 * @param selector the series, with offset, {@code @} and extension of the whole
 */
public record MatrixSelector(VectorSelector selector, TimeSpan range, Position position)
    implements Expr {

  @Override
  public ValueType type() {
    return ValueType.MATRIX;
  }
}
