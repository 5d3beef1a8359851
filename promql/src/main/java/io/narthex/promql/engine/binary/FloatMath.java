package io.narthex.promql.engine.binary;

import io.narthex.promql.ast.BinaryOperator;
import io.narthex.promql.engine.core.Column;
import io.narthex.promql.engine.core.QueryException;

/** Operators on floats: one by one, and column by column. */
final class FloatMath {

  private FloatMath() {}

  /** The value of an arithmetic operator. */
  static double arithmetic(BinaryOperator operator, double a, double b) {
    return switch (operator) {
      case ADD -> a + b;
      case SUBTRACT -> a - b;
      case MULTIPLY -> a * b;
      case DIVIDE -> a / b;
      case MODULO -> a % b;
      case POWER -> power(a, b);
      case ATAN2 -> Math.atan2(a, b);
      // The parser lets this by, for scalars as for vectors.
      case TRIM_UPPER, TRIM_LOWER ->
          throw QueryException.execution(
              "operator \"" + operator.symbol() + "\" not allowed for Scalar operations");
      case EQUAL, NOT_EQUAL, LESS, LESS_OR_EQUAL, GREATER, GREATER_OR_EQUAL, AND, OR, UNLESS ->
          throw new IllegalArgumentException("not arithmetic: " + operator);
    };
  }

  /** Go's Pow knows two cases that Java's does not: 1 to any power and any number to 0 are 1. */
  private static double power(double a, double b) {
    if (a == 1 || b == 0) {
      return 1;
    }
    if (a == -1 && Double.isInfinite(b)) {
      return 1;
    }
    return Math.pow(a, b);
  }

  /** Whether a comparison holds. */
  static boolean holds(BinaryOperator operator, double a, double b) {
    return switch (operator) {
      case EQUAL -> a == b;
      case NOT_EQUAL -> a != b;
      case LESS -> a < b;
      case LESS_OR_EQUAL -> a <= b;
      case GREATER -> a > b;
      case GREATER_OR_EQUAL -> a >= b;
      case ADD,
          SUBTRACT,
          MULTIPLY,
          DIVIDE,
          MODULO,
          POWER,
          ATAN2,
          TRIM_UPPER,
          TRIM_LOWER,
          AND,
          OR,
          UNLESS ->
          throw new IllegalArgumentException("not a comparison: " + operator);
    };
  }

  /** Computes whole columns of floats; the result may be either of the operands. */
  static void arithmetic(BinaryOperator operator, double[] a, double[] b, double[] out) {
    switch (operator) {
      case ADD -> {
        for (int i = 0; i < out.length; i++) {
          double value = a[i] + b[i];
          out[i] = both(a[i], b[i]) ? value : Column.ABSENT;
        }
      }
      case SUBTRACT -> {
        for (int i = 0; i < out.length; i++) {
          double value = a[i] - b[i];
          out[i] = both(a[i], b[i]) ? value : Column.ABSENT;
        }
      }
      case MULTIPLY -> {
        for (int i = 0; i < out.length; i++) {
          double value = a[i] * b[i];
          out[i] = both(a[i], b[i]) ? value : Column.ABSENT;
        }
      }
      case DIVIDE -> {
        for (int i = 0; i < out.length; i++) {
          double value = a[i] / b[i];
          out[i] = both(a[i], b[i]) ? value : Column.ABSENT;
        }
      }
      case MODULO, POWER, ATAN2 -> {
        for (int i = 0; i < out.length; i++) {
          out[i] = both(a[i], b[i]) ? arithmetic(operator, a[i], b[i]) : Column.ABSENT;
        }
      }
      case EQUAL,
          NOT_EQUAL,
          LESS,
          LESS_OR_EQUAL,
          GREATER,
          GREATER_OR_EQUAL,
          TRIM_UPPER,
          TRIM_LOWER,
          AND,
          OR,
          UNLESS ->
          throw new IllegalArgumentException("not arithmetic: " + operator);
    }
  }

  /**
   * Compares whole columns of floats.
   *
   * @param bool whether the result is 0 or 1
   * @param kept what is kept where the comparison holds: one of the operands; unused with bool
   */
  static void compare(
      BinaryOperator operator, boolean bool, double[] a, double[] b, double[] kept, double[] out) {
    for (int i = 0; i < out.length; i++) {
      if (!both(a[i], b[i])) {
        out[i] = Column.ABSENT;
        continue;
      }
      boolean holds = holds(operator, a[i], b[i]);
      if (bool) {
        out[i] = holds ? 1 : 0;
      } else {
        out[i] = holds ? kept[i] : Column.ABSENT;
      }
    }
  }

  private static boolean both(double a, double b) {
    return !Column.isAbsent(a) && !Column.isAbsent(b);
  }
}
