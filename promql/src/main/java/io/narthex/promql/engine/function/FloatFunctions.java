package io.narthex.promql.engine.function;

import java.util.function.DoubleUnaryOperator;
import org.jspecify.annotations.Nullable;

/** The functions from a float to a float, by name. */
final class FloatFunctions {

  private FloatFunctions() {}

  static @Nullable DoubleUnaryOperator of(String name) {
    return switch (name) {
      case "abs" -> Math::abs;
      case "ceil" -> Math::ceil;
      case "floor" -> Math::floor;
      case "exp" -> Math::exp;
      case "sqrt" -> Math::sqrt;
      case "ln" -> Logarithm::ln;
      case "log2" -> Logarithm::log2;
      case "log10" -> Logarithm::log10;
      case "sin" -> Math::sin;
      case "cos" -> Math::cos;
      case "tan" -> Math::tan;
      case "asin" -> Math::asin;
      case "acos" -> Math::acos;
      case "atan" -> Math::atan;
      case "sinh" -> Math::sinh;
      case "cosh" -> Math::cosh;
      case "tanh" -> Math::tanh;
      case "asinh" -> FloatFunctions::asinh;
      case "acosh" -> FloatFunctions::acosh;
      case "atanh" -> FloatFunctions::atanh;
      case "rad" -> v -> v * Math.PI / 180;
      case "deg" -> v -> v * 180 / Math.PI;
      case "sgn" -> v -> v < 0 ? -1 : v > 0 ? 1 : v;
      default -> null;
    };
  }

  /** The inverse of log2. */
  static double exp2(double value) {
    return Math.pow(2, value);
  }

  private static double asinh(double x) {
    if (Double.isNaN(x) || Double.isInfinite(x) || x == 0) {
      return x;
    }
    double a = Math.abs(x);
    double result;
    if (a > 0x1p28) {
      result = Logarithm.ln(a) + Logarithm.ln(2);
    } else if (a > 2) {
      result = Logarithm.ln(2 * a + 1 / (Math.sqrt(a * a + 1) + a));
    } else {
      result = Math.log1p(a + a * a / (1 + Math.sqrt(1 + a * a)));
    }
    return Math.copySign(result, x);
  }

  private static double acosh(double x) {
    if (x < 1 || Double.isNaN(x)) {
      return Double.NaN;
    }
    if (x >= 0x1p28) {
      return Logarithm.ln(x) + Logarithm.ln(2);
    }
    if (x > 2) {
      return Logarithm.ln(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
    }
    double t = x - 1;
    return Math.log1p(t + Math.sqrt(2 * t + t * t));
  }

  private static double atanh(double x) {
    if (x < -1 || x > 1 || Double.isNaN(x)) {
      return Double.NaN;
    }
    if (x == 1 || x == -1) {
      return x > 0 ? Double.POSITIVE_INFINITY : Double.NEGATIVE_INFINITY;
    }
    double a = Math.abs(x);
    double t = a + a;
    double result = a < 0.5 ? 0.5 * Math.log1p(t + t * a / (1 - a)) : 0.5 * Math.log1p(t / (1 - a));
    return Math.copySign(result, x);
  }
}
