package io.narthex.promql.engine.core;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Writes floats as Go's {@code strconv} and {@code fmt} do, which is how Prometheus' texts have
 * them.
 */
public final class GoFloat {

  private GoFloat() {}

  /** As {@code %v} and {@code %g}: the shortest text that reads back as the same float. */
  public static String shortest(double value) {
    return io.narthex.base.bytes.GoFloat.text(value);
  }

  /** As {@code %.ng}. */
  public static String general(double value, int precision) {
    String special = special(value);
    if (special != null) {
      return special;
    }
    BigDecimal digits =
        new BigDecimal(Math.abs(value))
            .round(new MathContext(precision, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    int exponent = exponent(digits);
    if (exponent < -4 || exponent >= precision) {
      return scientific(value, digits);
    }
    return plain(value, digits);
  }

  /** As {@code strconv.FormatFloat(value, 'f', -1, 64)}: the shortest text without an exponent. */
  public static String fixed(double value) {
    String special = special(value);
    return special != null ? special : plain(value, digits(value));
  }

  /** As {@code %f}: six digits behind the point. */
  public static String sixDigits(double value) {
    String special = special(value);
    if (special != null) {
      return special;
    }
    String text =
        new BigDecimal(Math.abs(value)).setScale(6, RoundingMode.HALF_EVEN).toPlainString();
    return sign(value) + text;
  }

  private static @org.jspecify.annotations.Nullable String special(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return sign(value) + "0";
    }
    return null;
  }

  private static String sign(double value) {
    return value < 0 || Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(-0.0)
        ? "-"
        : "";
  }

  private static BigDecimal digits(double value) {
    return new BigDecimal(Double.toString(Math.abs(value))).stripTrailingZeros();
  }

  private static int exponent(BigDecimal digits) {
    return digits.precision() - digits.scale() - 1;
  }

  private static String plain(double value, BigDecimal digits) {
    return sign(value) + digits.toPlainString();
  }

  private static String scientific(double value, BigDecimal digits) {
    String text = digits.unscaledValue().toString();
    int exponent = exponent(digits);
    StringBuilder out = new StringBuilder(sign(value)).append(text.charAt(0));
    if (text.length() > 1) {
      out.append('.').append(text, 1, text.length());
    }
    out.append('e').append(exponent < 0 ? '-' : '+');
    int magnitude = Math.abs(exponent);
    return out.append(magnitude < 10 ? "0" : "").append(magnitude).toString();
  }
}
