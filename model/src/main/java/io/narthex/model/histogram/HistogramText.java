package io.narthex.model.histogram;

import java.math.BigDecimal;

/** Writes histograms as Go prints them; {@code count_values} makes label values of such texts. */
final class HistogramText {

  private HistogramText() {}

  static String of(FloatHistogram histogram) {
    StringBuilder out = new StringBuilder("{count:");
    out.append(number(histogram.count())).append(", sum:").append(number(histogram.sum()));
    for (int i = histogram.negativeBuckets() - 1; i >= 0; i--) {
      int index = histogram.negativeIndex(i);
      bucket(
          out,
          '[',
          -histogram.bound(index),
          -histogram.bound(index - 1),
          ')',
          histogram.negativeCount(i));
    }
    double zero = histogram.zeroThreshold();
    bucket(out, '[', -zero, zero, ']', histogram.zeroCount());
    for (int i = 0; i < histogram.positiveBuckets(); i++) {
      int index = histogram.positiveIndex(i);
      bucket(
          out,
          histogram.usesCustomBuckets() && index == 0 ? '[' : '(',
          histogram.bound(index - 1),
          histogram.bound(index),
          ']',
          histogram.positiveCount(i));
    }
    return out.append('}').toString();
  }

  private static void bucket(
      StringBuilder out, char open, double lower, double upper, char close, double count) {
    if (count != 0) {
      out.append(", ").append(open).append(number(lower)).append(',').append(number(upper));
      out.append(close).append(':').append(number(count));
    }
  }

  /** Go's {@code %g}. */
  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "+Inf" : "-Inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0" : "0";
    }
    BigDecimal digits = new BigDecimal(Double.toString(value)).stripTrailingZeros();
    int exponent = digits.precision() - digits.scale() - 1;
    if (exponent >= -4 && exponent < 6) {
      return digits.toPlainString();
    }
    String unscaled = digits.unscaledValue().abs().toString();
    StringBuilder out = new StringBuilder(value < 0 ? "-" : "").append(unscaled.charAt(0));
    if (unscaled.length() > 1) {
      out.append('.').append(unscaled, 1, unscaled.length());
    }
    out.append(exponent < 0 ? "e-" : "e+");
    int magnitude = Math.abs(exponent);
    return out.append(magnitude < 10 ? "0" : "").append(magnitude).toString();
  }
}
