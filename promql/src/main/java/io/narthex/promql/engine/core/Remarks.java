package io.narthex.promql.engine.core;

import io.narthex.base.bytes.GoFloat;
import io.narthex.base.text.GoQuote;

/** Words that several remarks share. */
public final class Remarks {

  private Remarks() {}

  /** A name in quotes. */
  public static String quoted(String name) {
    return GoQuote.quote(name);
  }

  /** The end of a remark that names a metric. */
  public static String forMetric(String name) {
    return " for metric name " + GoQuote.quote(name);
  }

  /** The end of a remark that names a metric if there is a name. */
  public static String forMetricIfNamed(String name) {
    return name.isEmpty() ? "" : forMetric(name);
  }

  /** A window or a group holds both kinds of samples. */
  public static String mixedFloatsAndHistograms(String name) {
    return "encountered a mix of histograms and floats" + forMetric(name);
  }

  /** Histograms of both kinds of schemas meet. */
  public static String mixedSchemas(String name) {
    return "vector contains a mix of histograms with exponential and custom buckets schemas"
        + forMetric(name);
  }

  /** A window function passed histograms by. */
  public static String ignoredHistograms(String name) {
    return "ignored histograms in a range containing both floats and histograms" + forMetric(name);
  }

  /** A quantile is out of its range. */
  public static String quantile(double quantile) {
    return "quantile value should be between 0 and 1, got " + GoFloat.text(quantile);
  }

  /** The bounds of custom buckets differ. */
  public static String reconciled(String operation) {
    return "mismatched custom buckets were reconciled during " + operation;
  }

  /** Histograms disagree on a counter reset. */
  public static String resetCollision(String operation) {
    return "conflicting counter resets during histogram " + operation;
  }
}
