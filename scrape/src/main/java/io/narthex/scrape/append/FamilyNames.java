package io.narthex.scrape.append;

import io.narthex.model.exposition.MetricType;

/**
 * Which series a family's comments are about. A page may have series that no comment is about, and
 * comments that stand before another family's series, so the names have to be compared.
 */
final class FamilyNames {

  private FamilyNames() {}

  /**
   * Whether a series is one of a family.
   *
   * @param family the family's name as its comments have it
   * @param series the series' metric name
   */
  static boolean covers(String family, MetricType type, String series) {
    return switch (type) {
      // Families of counters are named with the suffix in one format and without it in the other.
      case COUNTER -> without(family, "_total").equals(without(series, "_total"));
      case HISTOGRAM -> family.equals(without(series, "_bucket", "_sum", "_count"));
      // Protobuf has no names of their own for these.
      case GAUGEHISTOGRAM ->
          family.equals(without(series, "_bucket", "_gsum", "_gcount", "_sum", "_count"));
      case SUMMARY -> family.equals(without(series, "_sum", "_count"));
      case INFO -> family.equals(without(series, "_info"));
      case GAUGE, STATESET, UNKNOWN -> family.equals(series);
    };
  }

  /** A name without the first of the suffixes that it has. */
  static String without(String name, String... suffixes) {
    for (String suffix : suffixes) {
      if (name.endsWith(suffix)) {
        return name.substring(0, name.length() - suffix.length());
      }
    }
    return name;
  }
}
