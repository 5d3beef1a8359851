package io.narthex.promql.printer;

import io.narthex.model.duration.Durations;
import java.math.BigDecimal;
import java.time.Duration;

/** Numbers as Go prints them. */
final class Numbers {

  private Numbers() {}

  /** The fewest digits that mean this number, without exponent. */
  static String plain(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    return new BigDecimal(Double.toString(value)).stripTrailingZeros().toPlainString();
  }

  /** The same with an exponent where it is below -4 or above 20. */
  static String general(double value) {
    double size = Math.abs(value);
    if (size == 0 || !Double.isFinite(size) || (size >= 1e-4 && size < 1e21)) {
      return plain(value);
    }
    BigDecimal decimal = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    String digits = decimal.unscaledValue().abs().toString();
    int exponent = digits.length() - 1 - decimal.scale();
    StringBuilder out = new StringBuilder(value < 0 ? "-" : "").append(digits.charAt(0));
    if (digits.length() > 1) {
      out.append('.').append(digits, 1, digits.length());
    }
    out.append('e').append(exponent < 0 ? '-' : '+');
    int magnitude = Math.abs(exponent);
    return out.append(magnitude < 10 ? "0" : "").append(magnitude).toString();
  }

  /** Seconds in milliseconds; what is below a nanosecond or a millisecond is cut off. */
  static long millis(double seconds) {
    return (long) (seconds * 1e9) / 1_000_000;
  }

  /** A length of time in its largest units, with its sign. */
  static String duration(long millis) {
    String length = Durations.print(Duration.ofMillis(Math.abs(millis)));
    return millis < 0 ? "-" + length : length;
  }
}
