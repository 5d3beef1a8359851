package io.narthex.model.histogram;

import io.narthex.base.bytes.GoFloat;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * What a native histogram must keep to before a storage takes it, in upstream's words ({@code
 * model/histogram}, {@code Validate}): a schema that is known; as many counts as the spans say,
 * none negative; spans that ascend; whole counts that add up to the number of observations, or to
 * less where NaN was observed; with custom bounds these ascending and finite, no zero bucket and no
 * negative side. One rule is ours: a bucket's index fits an int, since no chunk can hold it
 * otherwise.
 */
public final class HistogramRules {

  /** The coarsest and the finest schema of exponential buckets. */
  public static final int MIN_SCHEMA = -4;

  public static final int MAX_SCHEMA = 8;

  /** Finer schemas up to this one are known to be exponential; they can be reduced. */
  public static final int MAX_RESERVED_SCHEMA = 52;

  private HistogramRules() {}

  /** The first rule that a histogram breaks, as one line; null if it keeps them all. */
  public static @Nullable String violation(SpanHistogram histogram) {
    boolean custom = histogram.usesCustomBuckets();
    if (!custom && (histogram.schema() < MIN_SCHEMA || histogram.schema() > MAX_SCHEMA)) {
      return "histogram has an invalid schema, which must be between "
          + MIN_SCHEMA
          + " and "
          + MAX_SCHEMA
          + " for exponential buckets, or "
          + FloatHistogram.CUSTOM_BUCKETS
          + " for custom buckets, got schema "
          + histogram.schema();
    }
    String wrong = custom ? custom(histogram) : exponential(histogram);
    if (wrong == null) {
      wrong = within("positive side: ", buckets(histogram.floats(), histogram.positive()));
    }
    return wrong != null || histogram.floats() ? wrong : total(histogram);
  }

  /** Whether both sides have as many counts as their spans say, in ascending spans. */
  public static boolean isSound(SpanHistogram histogram) {
    return spans(histogram.positive(), false) == null && spans(histogram.negative(), false) == null;
  }

  private static @Nullable String within(String where, @Nullable String wrong) {
    return wrong == null ? null : where + wrong;
  }

  private static @Nullable String custom(SpanHistogram h) {
    String wrong = bounds(h);
    if (wrong == null) {
      wrong = spans(h.positive(), true);
    }
    if (wrong == null) {
      long reach = 0;
      for (int i = 0; i < h.positive().spans(); i++) {
        reach += h.positive().spanOffset(i) + Integer.toUnsignedLong(h.positive().spanLength(i));
      }
      if (h.bounds() + 1 < reach) {
        wrong =
            "only "
                + h.bounds()
                + " custom bounds defined which is insufficient to cover total span length of "
                + reach
                + ": histogram custom bounds are too few";
      }
    }
    if (wrong != null) {
      return "custom buckets: " + wrong;
    }
    boolean zeros = h.floats() ? Double.longBitsToDouble(h.zeroCount()) != 0 : h.zeroCount() != 0;
    if (zeros) {
      return "custom buckets: must have zero count of 0";
    }
    if (h.zeroThreshold() != 0) {
      return "custom buckets: must have zero threshold of 0";
    }
    if (h.negative().spans() > 0) {
      return "custom buckets: must not have negative spans";
    }
    return h.negative().buckets() > 0 ? "custom buckets: must not have negative buckets" : null;
  }

  private static @Nullable String bounds(SpanHistogram h) {
    double before = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < h.bounds(); i++) {
      double bound = h.bound(i);
      if (Double.isNaN(bound)) {
        return "histogram custom bounds must not be NaN";
      }
      // The first may be -Inf.
      if (bound < before || (i > 0 && bound == before)) {
        return "previous bound is "
            + fixed(before)
            + " and current is "
            + fixed(bound)
            + ": histogram custom bounds must be in strictly increasing order";
      }
      before = bound;
    }
    return before == Double.POSITIVE_INFINITY
        ? "last +Inf bound must not be explicitly defined: histogram custom bounds must be finite"
        : null;
  }

  private static @Nullable String exponential(SpanHistogram h) {
    String wrong = within("positive side: ", spans(h.positive(), false));
    if (wrong == null) {
      wrong = within("negative side: ", spans(h.negative(), false));
    }
    if (wrong == null) {
      wrong = within("negative side: ", buckets(h.floats(), h.negative()));
    }
    return wrong == null && h.bounds() > 0
        ? "histogram with exponential schema must not have custom bounds"
        : wrong;
  }

  private static @Nullable String spans(SpanHistogram.Side side, boolean fromZero) {
    long buckets = 0;
    long index = 0;
    for (int i = 0; i < side.spans(); i++) {
      if ((i > 0 || fromZero) && side.spanOffset(i) < 0) {
        return "span number "
            + (i + 1)
            + " with offset "
            + side.spanOffset(i)
            + ": histogram has a span whose offset is negative";
      }
      long length = Integer.toUnsignedLong(side.spanLength(i));
      buckets += length;
      index += side.spanOffset(i) + length;
      if (index != (int) index) {
        return "span number " + (i + 1) + " reaches bucket " + index + ": the index is too great";
      }
    }
    return buckets == side.buckets()
        ? null
        : "spans need "
            + buckets
            + " buckets, have "
            + side.buckets()
            + " buckets: histogram spans specify different number of buckets than provided";
  }

  private static @Nullable String buckets(boolean floats, SpanHistogram.Side side) {
    for (int i = 0; i < side.buckets(); i++) {
      long bucket = side.bucket(i);
      if (floats ? Double.longBitsToDouble(bucket) < 0 : bucket < 0) {
        return "bucket number "
            + (i + 1)
            + " has observation count of "
            + (floats ? GoFloat.text(Double.longBitsToDouble(bucket)) : Long.toString(bucket))
            + ": histogram has a bucket whose observation count is negative";
      }
    }
    return null;
  }

  private static @Nullable String total(SpanHistogram h) {
    long sum = h.zeroCount();
    for (int i = 0; i < h.positive().buckets(); i++) {
      sum += h.positive().bucket(i);
    }
    for (int i = 0; i < h.negative().buckets(); i++) {
      sum += h.negative().bucket(i);
    }
    boolean someNan = Double.isNaN(h.sum());
    if (someNan ? Long.compareUnsigned(sum, h.count()) <= 0 : sum == h.count()) {
      return null;
    }
    return Long.toUnsignedString(sum)
        + " observations found in buckets, but the Count field is "
        + Long.toUnsignedString(h.count())
        + ": histogram's observation count should "
        + (someNan
            ? "be at least the number of observations found in the buckets"
            : "equal the number of observations found in the buckets (in absence of NaN)");
  }

  /** As Go's {@code %f}. */
  private static String fixed(double value) {
    return Double.isInfinite(value)
        ? value > 0 ? "+Inf" : "-Inf"
        : String.format(Locale.ROOT, "%f", value);
  }
}
