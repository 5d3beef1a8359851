package io.narthex.promql.engine.binary;

import io.narthex.promql.ast.Binary;
import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.ast.ValueType;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.Mapped;
import io.narthex.promql.engine.core.Operator;
import io.narthex.promql.engine.core.QueryScope;
import io.narthex.promql.engine.core.ScalarOperator;

/** The operators between two expressions. */
public final class BinaryOperators {

  private BinaryOperators() {}

  /**
   * The operator of an expression whose sides are planned.
   *
   * @param leftType the type of the left side, known to the caller: asking a long chain is slow
   */
  public static Operator create(
      QueryScope scope,
      Binary binary,
      ValueType leftType,
      Operator left,
      ValueType rightType,
      Operator right) {
    boolean leftScalar = leftType == ValueType.SCALAR;
    boolean rightScalar = rightType == ValueType.SCALAR;
    if (leftScalar && rightScalar) {
      return scalars(binary, left, right);
    }
    if (leftScalar || rightScalar) {
      return vectorAndScalar(scope, binary, leftScalar, left, right);
    }
    if (binary.operator().kind() == BinaryOperator.Kind.SET) {
      return SetOperators.create(scope, binary, left, right);
    }
    return Join.create(scope, binary, left, right);
  }

  private static Operator scalars(Binary binary, Operator left, Operator right) {
    double[] a = ScalarOperator.values(left);
    double[] b = ScalarOperator.values(right);
    BinaryOperator operator = binary.operator();
    return new ScalarOperator(
        left.grid(),
        step -> {
          if (operator.kind() == BinaryOperator.Kind.COMPARISON) {
            return FloatMath.holds(operator, a[step], b[step]) ? 1 : 0;
          }
          return FloatMath.arithmetic(operator, a[step], b[step]);
        });
  }

  private static Operator vectorAndScalar(
      QueryScope scope, Binary binary, boolean leftScalar, Operator left, Operator right) {
    Operator vector = leftScalar ? right : left;
    Column scalar = new Column(left.grid().count());
    (leftScalar ? left : right).reader().read(0, scalar);
    ValueOperator operator = new ValueOperator(binary, scope.annotations());
    Mapped.Change change =
        leftScalar
            ? column -> operator.apply(scalar, column, true, column)
            : column -> operator.apply(column, scalar, false, column);
    return ValueOperator.changesMeaning(binary) || binary.bool()
        ? Mapped.droppingName(scope, vector, change)
        : Mapped.keepingName(scope, vector, change);
  }
}
