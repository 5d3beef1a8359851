package io.narthex.promql.engine.range;

import io.narthex.model.labels.Labels;
import io.narthex.promql.ast.Position;
import io.narthex.promql.engine.core.Annotations;
import io.narthex.promql.engine.core.LabelProjection;
import io.narthex.promql.engine.core.Metadata;
import io.narthex.promql.engine.core.Remarks;
import java.util.List;

/**
 * Remarks on the series that is being computed. Its labels are only asked for when there is
 * something to say. Not thread-safe.
 */
final class SeriesRemarks {

  private final Annotations annotations;
  private static final LabelProjection METADATA =
      LabelProjection.keeping(List.of(Labels.METRIC_NAME, Metadata.TYPE, Metadata.UNIT));

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

  /** The labels that say what the metric is. */
  Labels metadata() {
    return source.labels(series, METADATA);
  }

  String metric() {
    return metadata().metricName();
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
