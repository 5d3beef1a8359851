package io.narthex.model.exposition;

/**
 * Writes a float the way OpenMetrics wants it in {@code le} and {@code quantile}: Go's shortest
 * {@code %g}, with {@code .0} behind whole numbers, so that {@code 1}, {@code 1.0} and {@code 1e0}
 * are one label value.
 */
final class OpenMetricsFloat {

  private OpenMetricsFloat() {}

  static String format(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      // Go prints -0 as it is, and its case for zero comes before that.
      return "0.0";
    }
    String java = Double.toString(Math.abs(value));
    int e = java.indexOf('E');
    String mantissa = e < 0 ? java : java.substring(0, e);
    int exponent = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
    int point = mantissa.indexOf('.');
    String digits = mantissa.substring(0, point) + mantissa.substring(point + 1);
    exponent += point - 1;
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    exponent -= zeros;
    int end = digits.length();
    while (end > zeros + 1 && digits.charAt(end - 1) == '0') {
      end--;
    }
    digits = digits.substring(zeros, end);

    StringBuilder out = new StringBuilder(24);
    if (value < 0) {
      out.append('-');
    }
    // Go's rule for %g with the shortest digits: an exponent below 1e-4 and from 1e6 on.
    if (exponent < -4 || exponent >= 6) {
      out.append(digits.charAt(0));
      if (digits.length() > 1) {
        out.append('.').append(digits, 1, digits.length());
      }
      out.append('e').append(exponent < 0 ? '-' : '+');
      int size = Math.abs(exponent);
      if (size < 10) {
        out.append('0');
      }
      return out.append(size).toString();
    }
    if (exponent < 0) {
      out.append("0.").repeat('0', -exponent - 1).append(digits);
    } else if (digits.length() <= exponent + 1) {
      out.append(digits).repeat('0', exponent + 1 - digits.length()).append(".0");
    } else {
      out.append(digits, 0, exponent + 1).append('.').append(digits, exponent + 1, digits.length());
    }
    return out.toString();
  }
}
