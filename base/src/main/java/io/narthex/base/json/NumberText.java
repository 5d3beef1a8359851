package io.narthex.base.json;

import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.charset.StandardCharsets;

/**
 * Numbers as bytes. Floats have the fewest digits that read back as the same value, without an
 * exponent from 1e-6 up to 1e21, as Go's {@code encoding/json} and Prometheus' sample values.
 *
 * <p>Most values are whole, or have a few decimals: those are written from a long, without a
 * string. {@code k / 10^d} with k below 2^53 and d up to 22 is rounded once, so it is the float
 * that the text means; and two texts of 15 digits or fewer never mean the same float, so the first
 * d that fits gives the shortest one.
 */
final class NumberText {

  /** The most bytes that a number takes: sign, 17 digits, point, and up to 21 places. */
  static final int MOST = 32;

  private static final long MOST_DIGITS = 1_000_000_000_000_000L;
  private static final double[] TENS = {1, 10, 100, 1_000};

  private NumberText() {}

  /** Writes a whole number and returns the offset behind it. */
  static int putLong(byte[] into, int at, long value) {
    if (value < 0) {
      into[at++] = '-';
      if (value == Long.MIN_VALUE) {
        byte[] digits = "9223372036854775808".getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(digits, 0, into, at, digits.length);
        return at + digits.length;
      }
      value = -value;
    }
    int end = at + digits(value);
    for (int i = end - 1; i >= at; i--) {
      into[i] = (byte) ('0' + value % 10);
      value /= 10;
    }
    return end;
  }

  private static int digits(long value) {
    int digits = 1;
    for (long bound = 10; digits < 19 && value >= bound; bound *= 10) {
      digits++;
    }
    return digits;
  }

  /**
   * Writes a finite float and returns the offset behind it.
   *
   * @param longExponent whether an exponent has two digits at least, as {@code strconv} prints it;
   *     JSON numbers have it without the zero below zero
   */
  static int putDouble(byte[] into, int at, double value, boolean longExponent) {
    if (Double.doubleToRawLongBits(value) < 0) {
      into[at++] = '-';
      value = -value;
    }
    if (value < MOST_DIGITS / 1000) {
      for (int decimals = 0; decimals < TENS.length; decimals++) {
        double scaled = Math.rint(value * TENS[decimals]);
        if (scaled / TENS[decimals] == value) {
          return putDecimal(into, at, (long) scaled, decimals);
        }
      }
    }
    return putShortest(into, at, value, longExponent);
  }

  private static int putDecimal(byte[] into, int at, long scaled, int decimals) {
    int tens = (int) TENS[decimals];
    at = putLong(into, at, scaled / tens);
    if (decimals > 0) {
      into[at++] = '.';
      long rest = scaled % tens;
      for (int i = decimals - 1; i >= 0; i--) {
        into[at + i] = (byte) ('0' + rest % 10);
        rest /= 10;
      }
      at += decimals;
    }
    return at;
  }

  /** Takes the digits of Java's text, which are the fewest too, and puts the point elsewhere. */
  private static int putShortest(byte[] into, int at, double value, boolean longExponent) {
    String text = value < 1e-320 ? shortestSubnormal(value) : Double.toString(value);
    byte[] digits = new byte[text.length()];
    int length = 0;
    int exponent = 0;
    int point = -1;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '.') {
        point = length;
      } else if (c == 'E') {
        exponent = Integer.parseInt(text, i + 1, text.length(), 10);
        break;
      } else {
        digits[length++] = (byte) c;
      }
    }
    int first = 0;
    while (first < length - 1 && digits[first] == '0') {
      first++;
    }
    while (length > first + 1 && digits[length - 1] == '0') {
      length--;
    }
    // The place of the point, counted from the first digit that matters.
    point = point < 0 ? 1 : point;
    int places = point + exponent - first;
    if (value < 1e-6 || value >= 1e21) {
      return putExponential(into, at, digits, first, length, places - 1, longExponent);
    }
    if (places <= 0) {
      into[at++] = '0';
      into[at++] = '.';
      for (int i = places; i < 0; i++) {
        into[at++] = '0';
      }
    }
    for (int i = first; i < length; i++) {
      if (places > 0 && i - first == places) {
        into[at++] = '.';
      }
      into[at++] = digits[i];
    }
    for (int i = length - first; i < places; i++) {
      into[at++] = '0';
    }
    return at;
  }

  /** Java prints two digits at least, even where one is enough: only for the least floats. */
  private static String shortestSubnormal(double value) {
    String text = Double.toString(value);
    String one = new BigDecimal(text).round(new MathContext(1)).toString();
    return Double.parseDouble(one) == value ? one : text;
  }

  private static int putExponential(
      byte[] into,
      int at,
      byte[] digits,
      int first,
      int length,
      int exponent,
      boolean longExponent) {
    into[at++] = digits[first];
    if (length > first + 1) {
      into[at++] = '.';
      for (int i = first + 1; i < length; i++) {
        into[at++] = digits[i];
      }
    }
    into[at++] = 'e';
    into[at++] = (byte) (exponent < 0 ? '-' : '+');
    if (Math.abs(exponent) < 10 && (longExponent || exponent > 0)) {
      into[at++] = '0';
    }
    return putLong(into, at, Math.abs(exponent));
  }
}
