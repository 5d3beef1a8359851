package io.narthex.model.exposition;

/**
 * Reads the number that begins at an offset, without knowing where it ends. What is not a plain
 * decimal of at most 19 digits is left to {@link Numbers}, which wants to know the end.
 */
final class NumberReader {

  /** The most digits that surely fit 64 bits. */
  private static final int MOST_DIGITS = 19;

  private int end;

  /** The offset behind the number that was read last, at a blank, a newline or the limit. */
  int end() {
    return end;
  }

  /** The number from an offset to the next blank or newline, or {@link Numbers#INVALID}. */
  double read(byte[] b, int from, int limit) {
    int i = from;
    boolean negative = i < limit && b[i] == '-';
    if (negative) {
      i++;
    }
    long digits = 0;
    int start = i;
    int d = 0;
    while (i < limit && (d = b[i] - '0') >= 0 && d <= 9) {
      digits = digits * 10 + d;
      i++;
    }
    int count = i - start;
    int exponent = 0;
    if (i < limit && b[i] == '.') {
      int point = ++i;
      while (i < limit && (d = b[i] - '0') >= 0 && d <= 9) {
        digits = digits * 10 + d;
        i++;
      }
      exponent = point - i;
      count += i - point;
    }
    if (i + 3 < limit && b[i] == 'e' && count > 0) {
      // As Go writes exponents: a sign and at least two digits. Three are rare.
      int tens = b[i + 2] - '0';
      int ones = b[i + 3] - '0';
      if ((b[i + 1] == '+' || b[i + 1] == '-')
          && tens >= 0
          && tens <= 9
          && ones >= 0
          && ones <= 9) {
        int e = tens * 10 + ones;
        exponent += b[i + 1] == '-' ? -e : e;
        i += 4;
      }
    }
    if (i < limit && b[i] <= ' ' && count > 0 && count <= MOST_DIGITS) {
      end = i;
      if (exponent >= -22 && exponent <= 22 && digits >= 0 && digits <= Numbers.MOST_EXACT) {
        double value = digits;
        value = exponent < 0 ? value / Numbers.POWERS[-exponent] : value * Numbers.POWERS[exponent];
        return negative ? -value : value;
      }
      double value = DecimalToDouble.nearest(digits, exponent, negative);
      if (!Numbers.isInvalid(value)) {
        return value;
      }
    }
    return carefully(b, from, i, limit);
  }

  private double carefully(byte[] b, int from, int readTo, int limit) {
    int i = readTo;
    while (i < limit && b[i] != ' ' && b[i] != '\n' && b[i] != '\t') {
      i++;
    }
    end = i;
    return Numbers.parse(b, from, i);
  }
}
