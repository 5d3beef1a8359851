package io.narthex.base.json;

import io.narthex.base.bytes.ShortestDecimal;
import java.nio.charset.StandardCharsets;

/**
 * Numbers as bytes, without strings in between. Floats have the fewest digits that read back as the
 * same value, without an exponent from 1e-6 up to 1e21, as Go's {@code encoding/json} and
 * Prometheus' sample values.
 */
final class NumberText {

  /** The most bytes that a number takes: sign, 17 digits, point, and up to 21 places. */
  static final int MOST = 32;

  /** Below it all whole floats are longs, digit by digit. */
  private static final double WHOLE = 1e15;

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
   * @param decimal to work with
   * @param longExponent whether an exponent has two digits at least, as {@code strconv} prints it;
   *     JSON numbers have it without the zero below zero
   */
  static int putDouble(
      byte[] into, int at, double value, ShortestDecimal decimal, boolean longExponent) {
    if (Double.doubleToRawLongBits(value) < 0) {
      into[at++] = '-';
      value = -value;
    }
    if (value < WHOLE && value == (long) value) {
      return putLong(into, at, (long) value);
    }
    decimal.of(value);
    long digits = decimal.digits();
    int length = digits(digits);
    // The place of the point, counted from the first digit.
    int places = length + decimal.exponent();
    if (value < 1e-6 || value >= 1e21) {
      return putExponential(into, at, digits, length, places - 1, longExponent);
    }
    if (places <= 0) {
      into[at++] = '0';
      into[at++] = '.';
      for (int i = places; i < 0; i++) {
        into[at++] = '0';
      }
      return putLong(into, at, digits);
    }
    if (places < length) {
      return putPoint(into, at, digits, length, places);
    }
    at = putLong(into, at, digits);
    for (int i = length; i < places; i++) {
      into[at++] = '0';
    }
    return at;
  }

  /** Writes digits with a point behind some of them. */
  private static int putPoint(byte[] into, int at, long digits, int length, int places) {
    int end = putLong(into, at, digits);
    System.arraycopy(into, at + places, into, at + places + 1, length - places);
    into[at + places] = '.';
    return end + 1;
  }

  private static int putExponential(
      byte[] into, int at, long digits, int length, int exponent, boolean longExponent) {
    at = length == 1 ? putLong(into, at, digits) : putPoint(into, at, digits, length, 1);
    into[at++] = 'e';
    into[at++] = (byte) (exponent < 0 ? '-' : '+');
    if (Math.abs(exponent) < 10 && (longExponent || exponent > 0)) {
      into[at++] = '0';
    }
    return putLong(into, at, Math.abs(exponent));
  }
}
