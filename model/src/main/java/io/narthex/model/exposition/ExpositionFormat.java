package io.narthex.model.exposition;

/** The grammar of a page. */
public enum ExpositionFormat {
  /**
   * The Prometheus text format: versions 0.0.4 and 1.0.0 differ only in what a producer may write
   * (quoted names), so one grammar reads both.
   */
  TEXT,
  /** OpenMetrics text, versions 0.0.1 and 1.0.0. */
  OPENMETRICS,
  /** Messages of {@code io.prometheus.client.MetricFamily}, each behind its length. */
  PROTOBUF
}
