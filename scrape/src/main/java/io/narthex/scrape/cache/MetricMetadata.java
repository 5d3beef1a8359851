package io.narthex.scrape.cache;

import io.narthex.model.exposition.MetricType;

/**
 * What a target says of a metric family.
 *
 * @param family the family's name, in OpenMetrics without the suffixes of its series
 * @param help the help text, or empty
 * @param unit the unit, or empty
 */
public record MetricMetadata(String family, MetricType type, String help, String unit) {

  /** The bytes of its text, as Prometheus counts them for its metadata cache. */
  public int size() {
    return type.text().length() + help.length() + unit.length();
  }
}
