package io.narthex.base.bytes;

/**
 * Floats as text, the way Go's {@code strconv.FormatFloat(value, 'g', -1, 64)} prints them: the
 * fewest digits that read back as the same value, with an exponent below 1e-04 and from 1e+06 on.
 * This is how expositions print values.
 */
public final class GoFloat {

  /** Where Go goes over to an exponent when it prints the fewest digits. */
  private static final int LEAST_EXPONENT = 6;

  private GoFloat() {}

  /** Appends a value. */
  public static StringBuilder append(StringBuilder out, double value) {
    if (Double.isNaN(value)) {
      return out.append("NaN");
    }
    if (Double.isInfinite(value)) {
      return out.append(value > 0 ? "+Inf" : "-Inf");
    }
    if (value == 0) {
      return out.append(1 / value < 0 ? "-0" : "0");
    }
    // Java prints the shortest digits too (since 19), in a form of its own: take them apart.
    String java = Double.toString(Math.abs(value));
    int e = java.indexOf('E');
    String mantissa = e < 0 ? java : java.substring(0, e);
    int exponent = e < 0 ? 0 : Integer.parseInt(java.substring(e + 1));
    int point = mantissa.indexOf('.');
    StringBuilder digits = new StringBuilder(mantissa).deleteCharAt(point);
    exponent += point - 1;
    int zeros = 0;
    while (zeros < digits.length() - 1 && digits.charAt(zeros) == '0') {
      zeros++;
    }
    digits.delete(0, zeros);
    exponent -= zeros;
    int length = digits.length();
    while (length > 1 && digits.charAt(length - 1) == '0') {
      length--;
    }
    digits.setLength(length);
    if (value < 0) {
      out.append('-');
    }
    if (exponent < -4 || exponent >= LEAST_EXPONENT) {
      return exponential(out, digits, exponent);
    }
    return plain(out, digits, exponent);
  }

  /** The text of a value. */
  public static String text(double value) {
    return append(new StringBuilder(24), value).toString();
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
