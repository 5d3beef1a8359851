package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.Remarks;

/**
 * Remarks on the series that is being computed. Its labels are only asked for when there is
 * something to say. Not thread-safe.
 */
final class SeriesRemarks {

  private final Annotations annotations;
  private final RangeSource source;
  private final Position argument;
  private int series;

  /**
   * @param argument the range that the function looks at
   */
  SeriesRemarks(Annotations annotations, RangeSource source, Position argument) {
    this.annotations = annotations;
    this.source = source;
    this.argument = argument;
  }

  void on(int number) {
    series = number;
  }

  Annotations annotations() {
    return annotations;
  }

  Position argument() {
    return argument;
  }

  Labels labels() {
    return source.labels(series);
  }

  String metric() {
    return labels().metricName();
  }

  void mixed() {
    annotations.warn(Remarks.mixedFloatsAndHistograms(metric()), argument);
  }

  void ignoredHistograms() {
    annotations.info(Remarks.ignoredHistograms(metric()), argument);
  }

  void mixedSchemas() {
    annotations.warn(Remarks.mixedSchemas(metric()), argument);
  }

  void reconciled(String operation) {
    annotations.info(Remarks.reconciled(operation), argument);
  }

  void notCounter() {
    annotations.warn(
        "this native histogram metric is not a counter: " + Remarks.quoted(metric()), argument);
  }

  void notGauge() {
    annotations.warn(
        "this native histogram metric is not a gauge: " + Remarks.quoted(metric()), argument);
  }

  void overlappingStart() {
    annotations.warn(
        "sample has start time that overlaps with previous sample timestamp"
            + (metric().isEmpty() ? "" : " for metric " + Remarks.quoted(metric())),
        argument);
  }
}
