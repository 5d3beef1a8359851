package io.narthex.base.yaml;

import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Numbers as go-yaml reads them: underscores are skipped, Go's prefixes give the base. */
final class GoNumber {

  private static final BigInteger MIN = BigInteger.valueOf(Long.MIN_VALUE);
  private static final BigInteger MAX_UNSIGNED = BigInteger.ONE.shiftLeft(64);

  private GoNumber() {}

  /** The integer, or null if the text is none that fits 64 bits, signed or unsigned. */
  static @Nullable BigInteger integer(String text) {
    String digits = text.replace("_", "");
    boolean negative = digits.startsWith("-");
    if (negative || digits.startsWith("+")) {
      digits = digits.substring(1);
    }
    int base = 10;
    if (digits.length() > 1 && digits.charAt(0) == '0') {
      switch (digits.charAt(1)) {
        case 'x', 'X' -> base = 16;
        case 'o', 'O' -> base = 8;
        case 'b', 'B' -> base = 2;
        default -> base = -8;
      }
      digits = digits.substring(base == -8 ? 1 : 2);
      base = Math.abs(base);
    }
    if (digits.isEmpty()) {
      return null;
    }
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) >= 0x80 || Character.digit(digits.charAt(i), base) < 0) {
        return null;
      }
    }
    BigInteger value = new BigInteger(digits, base);
    if (negative) {
      value = value.negate();
    }
    return value.compareTo(MIN) < 0 || value.compareTo(MAX_UNSIGNED) >= 0 ? null : value;
  }

  /** Whether the text has the form of a decimal number. */
  static boolean isFloat(String text) {
    String plain = text.replace("_", "");
    int at = 0;
    if (at < plain.length() && (plain.charAt(at) == '-' || plain.charAt(at) == '+')) {
      at++;
    }
    int whole = digits(plain, at);
    at += whole;
    int fraction = 0;
    if (at < plain.length() && plain.charAt(at) == '.') {
      fraction = digits(plain, at + 1);
      at += 1 + fraction;
    }
    if (whole + fraction == 0) {
      return false;
    }
    if (at < plain.length() && (plain.charAt(at) == 'e' || plain.charAt(at) == 'E')) {
      at++;
      if (at < plain.length() && (plain.charAt(at) == '-' || plain.charAt(at) == '+')) {
        at++;
      }
      int exponent = digits(plain, at);
      at += exponent;
      if (exponent == 0) {
        return false;
      }
    }
    return at == plain.length();
  }

  private static int digits(String text, int from) {
    int at = from;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at - from;
  }

  /** The number behind a text that {@link #isFloat} accepts or that names NaN or an infinity. */
  static double toDouble(String text) {
    String plain = text.replace("_", "");
    if (plain.endsWith("f") || plain.endsWith("F")) {
      return plain.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    if (plain.endsWith("n") || plain.endsWith("N")) {
      return Double.NaN;
    }
    return Double.parseDouble(plain);
  }
}
