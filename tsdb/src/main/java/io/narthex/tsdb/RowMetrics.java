package io.narthex.tsdb;

import io.narthex.tsdb.head.RowFigures;
import io.prometheus.metrics.model.registry.MultiCollector;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshots;
import java.util.List;
import java.util.function.Supplier;

/** The metrics for which all rows of the head are walked: once for all of them. */
final class RowMetrics implements MultiCollector {

  private static final String STALE = "prometheus_tsdb_head_stale_series";
  private static final String SERIES = "prometheus_tsdb_head_native_histogram_series";
  private static final String BUCKETS = "prometheus_tsdb_head_native_histogram_buckets";

  private final Supplier<RowFigures> figures;

  RowMetrics(Supplier<RowFigures> figures) {
    this.figures = figures;
  }

  /** Who asks for other metrics alone costs no walk. */
  @Override
  public List<String> getPrometheusNames() {
    return List.of(STALE, SERIES, BUCKETS);
  }

  @Override
  public MetricSnapshots collect() {
    RowFigures now = figures.get();
    return MetricSnapshots.of(
        gauge(STALE, "Total number of stale series in the head block.", now.staleSeries()),
        gauge(
            SERIES,
            "Number of series whose most recent in-order sample is a native histogram.",
            now.histogramSeries()),
        gauge(
            BUCKETS,
            "Number of positive and negative bucket entries in the most recent in-order native"
                + " histogram sample of each series, including entries carried by staleness"
                + " markers.",
            now.histogramBuckets()));
  }

  private static GaugeSnapshot gauge(String name, String help, double value) {
    return GaugeSnapshot.builder()
        .name(name)
        .help(help)
        .dataPoint(GaugeSnapshot.GaugeDataPointSnapshot.builder().value(value).build())
        .build();
  }
}
