package io.narthex.model.exposition;

import ch.randelshofer.fastdoubleparser.JavaDoubleParser;
import io.narthex.model.value.StaleMarker;

/**
 * Reads numbers out of bytes as Go's {@code strconv.ParseFloat} does, less the forms that came with
 * Go 1.13 (underscores, hexadecimal), which Prometheus does not take.
 *
 * <p>Nearly all values of real pages have at most 15 digits and a small exponent: then the digits
 * as an integer and the power of ten are both exact doubles, and one multiplication or division
 * rounds once, so the result is the nearest double (Clinger 1990). The rest goes to the
 * Eisel-Lemire parser of fastdoubleparser.
 */
final class Numbers {

  /** Says that the bytes are no number: a NaN with bits that no parse returns. */
  static final double INVALID = Double.longBitsToDouble(0x7ff80000000bad00L);

  /** Says that the number is too large for a double. */
  static final double OUT_OF_RANGE = Double.longBitsToDouble(0x7ff80000000bad01L);

  private static final double NAN = Double.longBitsToDouble(StaleMarker.NORMAL_NAN_BITS);
  static final long MOST_EXACT = 1L << 53;
  static final double[] POWERS = {
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22
  };

  private Numbers() {}

  static boolean isInvalid(double value) {
    return Double.doubleToRawLongBits(value) >> 1 == 0x7ff80000000bad00L >> 1;
  }

  static boolean isOutOfRange(double value) {
    return Double.doubleToRawLongBits(value) == Double.doubleToRawLongBits(OUT_OF_RANGE);
  }

  /** The number in a range of bytes, all of it, or {@link #INVALID} or {@link #OUT_OF_RANGE}. */
  static double parse(byte[] b, int from, int to) {
    int i = from;
    if (i >= to) {
      return INVALID;
    }
    boolean negative = false;
    byte c = b[i];
    if (c == '-' || c == '+') {
      negative = c == '-';
      if (++i == to) {
        return INVALID;
      }
    }
    long digits = 0;
    int start = i;
    int d = 0;
    while (i < to && (d = b[i] - '0') >= 0 && d <= 9) {
      digits = digits * 10 + d;
      i++;
    }
    int count = i - start;
    int exponent = 0;
    if (i < to && b[i] == '.') {
      int point = ++i;
      while (i < to && (d = b[i] - '0') >= 0 && d <= 9) {
        digits = digits * 10 + d;
        i++;
      }
      exponent = point - i;
      count += i - point;
    }
    if (count == 0) {
      return special(b, from, to);
    }
    if (i < to) {
      if ((b[i] | 0x20) != 'e' || ++i == to) {
        return INVALID;
      }
      boolean down = false;
      if (b[i] == '-' || b[i] == '+') {
        down = b[i] == '-';
        if (++i == to) {
          return INVALID;
        }
      }
      int e = 0;
      while (i < to && (d = b[i] - '0') >= 0 && d <= 9) {
        e = Math.min(e * 10 + d, 100_000_000);
        i++;
      }
      if (i < to) {
        return INVALID;
      }
      exponent += down ? -e : e;
    }
    if (count <= 18 && digits <= MOST_EXACT && exponent >= -22 && exponent <= 22) {
      double value = digits;
      value = exponent < 0 ? value / POWERS[-exponent] : value * POWERS[exponent];
      return negative ? -value : value;
    }
    double value = count <= 19 ? DecimalToDouble.nearest(digits, exponent, negative) : INVALID;
    if (!isInvalid(value)) {
      return value;
    }
    value = JavaDoubleParser.parseDouble(b, from, to - from);
    return Double.isInfinite(value) ? OUT_OF_RANGE : value;
  }

  private static double special(byte[] b, int from, int to) {
    boolean sign = b[from] == '+' || b[from] == '-';
    int word = sign ? from + 1 : from;
    if (!sign && is(b, word, to, "nan")) {
      return NAN;
    }
    if (is(b, word, to, "inf") || is(b, word, to, "infinity")) {
      return b[from] == '-' ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
    }
    return INVALID;
  }

  private static boolean is(byte[] b, int from, int to, String lower) {
    if (to - from != lower.length()) {
      return false;
    }
    for (int i = 0; i < lower.length(); i++) {
      if ((b[from + i] | 0x20) != lower.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
