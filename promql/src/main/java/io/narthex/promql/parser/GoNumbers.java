package io.narthex.promql.parser;

import io.narthex.base.text.GoQuote;
import java.util.Locale;

/**
 * Number literals as Go reads them: first as an integer with Go's prefixes (a leading zero means
 * octal), then as a decimal fraction; underscores may stand between digits and behind a prefix.
 */
final class GoNumbers {

  private GoNumbers() {}

  /**
   * The value of a literal.
   *
   * @throws IllegalArgumentException if it has none; the message is Go's
   */
  static double parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    switch (lower) {
      case "inf" -> {
        return Double.POSITIVE_INFINITY;
      }
      case "nan" -> {
        return Double.NaN;
      }
      default -> {}
    }
    if (lower.indexOf('_') >= 0 && !underscoresFit(lower)) {
      throw problem(text, "invalid syntax");
    }
    String digits = lower.replace("_", "");
    if (digits.startsWith("0x")) {
      return integer(text, digits.substring(2), 16);
    }
    if (digits.length() > 1 && digits.charAt(0) == '0' && isOctal(digits)) {
      return integer(text, digits, 8);
    }
    double value;
    try {
      value = Double.parseDouble(digits);
    } catch (NumberFormatException e) {
      IllegalArgumentException problem = problem(text, "invalid syntax");
      problem.initCause(e);
      throw problem;
    }
    if (Double.isInfinite(value)) {
      throw problem(text, "value out of range");
    }
    return value;
  }

  private static double integer(String text, String digits, int base) {
    try {
      return Long.parseLong(digits, base);
    } catch (NumberFormatException e) {
      if (base == 8) {
        // Too long for octal: the decimal reading remains.
        return Double.parseDouble(digits);
      }
      IllegalArgumentException problem = problem(text, "invalid syntax");
      problem.initCause(e);
      throw problem;
    }
  }

  private static boolean isOctal(String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) < '0' || digits.charAt(i) > '7') {
        return false;
      }
    }
    return true;
  }

  private static boolean underscoresFit(String text) {
    boolean hexadecimal = text.startsWith("0x");
    // A prefix counts as a digit.
    boolean digit = hexadecimal;
    for (int i = hexadecimal ? 2 : 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '_') {
        if (!digit || i == text.length() - 1) {
          return false;
        }
        digit = false;
        continue;
      }
      boolean now = (c >= '0' && c <= '9') || (hexadecimal && c >= 'a' && c <= 'f');
      if (!now && i > 0 && text.charAt(i - 1) == '_') {
        return false;
      }
      digit = now;
    }
    return true;
  }

  private static IllegalArgumentException problem(String text, String what) {
    return new IllegalArgumentException(
        "strconv.ParseFloat: parsing " + GoQuote.quote(text) + ": " + what);
  }
}
