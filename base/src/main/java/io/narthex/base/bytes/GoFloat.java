package io.narthex.base.bytes;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/**
 * Floats as text, the way Go's {@code strconv} and {@code fmt} print them, which is how expositions
 * and Prometheus' messages have them.
 */
public final class GoFloat {

  /** Where Go goes over to an exponent when it prints the fewest digits. */
  private static final int LEAST_EXPONENT = 6;

  private GoFloat() {}

  /**
   * As {@code %v} and {@code %g}: the fewest digits that read back as the same value, with an
   * exponent below 1e-04 and from 1e+06 on.
   */
  public static String text(double value) {
    return append(new StringBuilder(24), value).toString();
  }

  /** Appends what {@link #text} says. */
  public static StringBuilder append(StringBuilder out, double value) {
    if (isSpecial(out, value)) {
      return out;
    }
    ShortestDecimal decimal = new ShortestDecimal();
    decimal.of(Math.abs(value));
    String digits = Long.toString(decimal.digits());
    int exponent = digits.length() - 1 + decimal.exponent();
    return exponent < -4 || exponent >= LEAST_EXPONENT
        ? exponential(out, digits, exponent)
        : plain(out, digits, exponent);
  }

  /** As {@code %f} with precision −1: the fewest digits, never an exponent. */
  public static String fixed(double value) {
    StringBuilder out = new StringBuilder(24);
    if (isSpecial(out, value)) {
      return out.toString();
    }
    ShortestDecimal decimal = new ShortestDecimal();
    decimal.of(Math.abs(value));
    String digits = Long.toString(decimal.digits());
    return plain(out, digits, digits.length() - 1 + decimal.exponent()).toString();
  }

  /** As {@code %.ng}: that many digits, without zeros at the end. */
  public static String general(double value, int precision) {
    StringBuilder out = new StringBuilder(24);
    if (isSpecial(out, value)) {
      return out.toString();
    }
    BigDecimal rounded =
        new BigDecimal(Math.abs(value))
            .round(new MathContext(precision, RoundingMode.HALF_EVEN))
            .stripTrailingZeros();
    String digits = rounded.unscaledValue().toString();
    int exponent = rounded.precision() - rounded.scale() - 1;
    return (exponent < -4 || exponent >= precision
            ? exponential(out, digits, exponent)
            : plain(out, digits, exponent))
        .toString();
  }

  /** As {@code %f}: six digits behind the point. */
  public static String sixDigits(double value) {
    StringBuilder out = new StringBuilder(24);
    if (!Double.isFinite(value)) {
      isSpecial(out, value);
      return out.toString();
    }
    out.append(Double.doubleToRawLongBits(value) < 0 ? "-" : "");
    return out.append(
            new BigDecimal(Math.abs(value)).setScale(6, RoundingMode.HALF_EVEN).toPlainString())
        .toString();
  }

  /** Appends a value that has no digits, or of others the sign. */
  private static boolean isSpecial(StringBuilder out, double value) {
    if (Double.isNaN(value)) {
      out.append("NaN");
    } else if (Double.isInfinite(value)) {
      out.append(value > 0 ? "+Inf" : "-Inf");
    } else if (value == 0) {
      out.append(1 / value < 0 ? "-0" : "0");
    } else {
      out.append(value < 0 ? "-" : "");
      return false;
    }
    return true;
  }

  private static StringBuilder exponential(StringBuilder out, CharSequence digits, int exponent) {
    out.append(digits.charAt(0));
    if (digits.length() > 1) {
      out.append('.').append(digits, 1, digits.length());
    }
    out.append('e').append(exponent < 0 ? '-' : '+');
    int absolute = Math.abs(exponent);
    if (absolute < 10) {
      out.append('0');
    }
    return out.append(absolute);
  }

  private static StringBuilder plain(StringBuilder out, CharSequence digits, int exponent) {
    if (exponent < 0) {
      out.append("0.").repeat('0', -exponent - 1);
      return out.append(digits);
    }
    int whole = exponent + 1;
    if (digits.length() <= whole) {
      return out.append(digits).repeat('0', whole - digits.length());
    }
    return out.append(digits, 0, whole).append('.').append(digits, whole, digits.length());
  }
}
