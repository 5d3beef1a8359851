package io.narthex.model.histogram;

import io.narthex.base.bytes.GoFloat;

/** Writes histograms as Go prints them; {@code count_values} makes label values of such texts. */
final class HistogramText {

  private HistogramText() {}

  static String of(FloatHistogram histogram) {
    StringBuilder out = new StringBuilder("{count:");
    out.append(GoFloat.text(histogram.count()))
        .append(", sum:")
        .append(GoFloat.text(histogram.sum()));
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
      out.append(", ")
          .append(open)
          .append(GoFloat.text(lower))
          .append(',')
          .append(GoFloat.text(upper));
      out.append(close).append(':').append(GoFloat.text(count));
    }
  }
}
