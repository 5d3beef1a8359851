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
      case "ln" -> Math::log;
      case "log2" -> FloatFunctions::log2;
      case "log10" -> Math::log10;
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

  /** Exact for powers of two, as Go's is. */
  static double log2(double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      return Math.log(value);
    }
    int exponent = Math.getExponent(value) + 1;
    double scaled = value;
    if (exponent <= Double.MIN_EXPONENT) {
      scaled = value * 0x1p54;
      exponent = Math.getExponent(scaled) + 1 - 54;
      scaled = Math.scalb(value * 0x1p54, -(exponent + 54));
    } else {
      scaled = Math.scalb(value, -exponent);
    }
    // The fraction lies in [0.5, 1); a half is a power of two.
    if (scaled == 0.5) {
      return exponent - 1;
    }
    return Math.log(scaled) * (1 / Math.log(2)) + exponent;
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
      result = Math.log(a) + Math.log(2);
    } else if (a > 2) {
      result = Math.log(2 * a + 1 / (Math.sqrt(a * a + 1) + a));
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
      return Math.log(x) + Math.log(2);
    }
    if (x > 2) {
      return Math.log(2 * x - 1 / (x + Math.sqrt(x * x - 1)));
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
