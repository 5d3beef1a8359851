package io.narthex.promql.printer;

import java.math.BigDecimal;

/** Numbers as Go prints them. */
final class Numbers {

  private static final String[] UNITS = {"y", "w", "d", "h", "m", "s", "ms"};
  private static final long[] MILLIS = {
    31_536_000_000L, 604_800_000, 86_400_000, 3_600_000, 60_000, 1_000, 1
  };

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

  /**
   * A length of time in its largest units. Years and weeks are used only if nothing remains below
   * them: 90d reads easier than 12w6d.
   */
  static String duration(long millis) {
    if (millis == 0) {
      return "0s";
    }
    StringBuilder out = new StringBuilder(millis < 0 ? "-" : "");
    long rest = Math.abs(millis);
    for (int i = 0; i < UNITS.length; i++) {
      boolean wholeOnly = i < 2;
      if (wholeOnly && rest % MILLIS[i] != 0) {
        continue;
      }
      if (rest >= MILLIS[i]) {
        out.append(rest / MILLIS[i]).append(UNITS[i]);
        rest %= MILLIS[i];
      }
    }
    return out.toString();
  }
}
