package io.narthex.tsdb;

import io.narthex.tsdb.outoforder.OutOfOrderCounters;
import io.narthex.tsdb.wal.Wal;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.ToDoubleFunction;

/**
 * The metrics of late samples. Those of their log have no value while there is no log, as in
 * Prometheus.
 */
final class OutOfOrderMetrics {

  private static final String P = "prometheus_tsdb_";
  private static final String LOG = P + "out_of_order_wbl_";

  private final PrometheusRegistry registry;
  private final OutOfOrderCounters counters;
  private final WriteBehindLog log;

  OutOfOrderMetrics(PrometheusRegistry registry, OutOfOrderCounters counters, WriteBehindLog log) {
    this.registry = registry;
    this.counters = counters;
    this.log = log;
  }

  void register() {
    registry.register(counters.lateSeconds);
    byType(
        "head_out_of_order_samples_appended_total",
        "Total number of appended out of order samples.",
        counters.floatsAppended,
        counters.histogramsAppended);
    byType(
        "too_old_samples_total",
        "Total number of out of order samples ingestion failed attempts with out of support"
            + " enabled, but sample outside of time window.",
        counters.floatsTooOld,
        counters.histogramsTooOld);
    CounterWithCallback.builder()
        .name(P + "wbl_replay_unknown_refs_total")
        .help("Total number of unknown series references encountered during WBL replay.")
        .labelNames("type")
        .callback(c -> {
          call(c, counters.unknownSeries, "series");
          call(c, counters.unknownSamples, "samples");
          call(c, counters.unknownHistograms, "histograms");
          call(c, counters.unknownMarkers, "mmap_markers");
        })
        .register(registry);
    ofLog();
  }

  private static void call(CounterWithCallback.Callback c, LongAdder value, String type) {
    if (value.sum() > 0) {
      c.call((double) value.sum(), type);
    }
  }

  private void byType(String name, String help, LongAdder floats, LongAdder histograms) {
    CounterWithCallback.builder()
        .name(P + name)
        .help(help)
        .labelNames("type")
        .callback(c -> {
          c.call((double) floats.sum(), "float");
          c.call((double) histograms.sum(), "histogram");
        })
        .register(registry);
  }

  private void ofLog() {
    gauge(
        "segment_current",
        "Write log segment index that TSDB is currently writing to.",
        Wal::segment);
    gauge("storage_size_bytes", "Size of the write log directory.", wal -> wal.files().size());
    counter("page_flushes_total", "Total number of page flushes.", Wal::pageFlushes);
    counter("completed_pages_total", "Total number of completed pages.", Wal::completedPages);
    counter(
        "record_part_writes_total",
        "Total number of record parts written before flushing.",
        Wal::parts);
    counter(
        "record_parts_bytes_written_total",
        "Total number of record part bytes written before flushing, including CRC and compression"
            + " headers.",
        Wal::partBytes);
    counter(
        "truncations_total", "Total number of write log truncations attempted.", Wal::truncations);
    counter(
        "truncations_failed_total",
        "Total number of write log truncations that failed.",
        Wal::failedTruncations);
    counter(
        "writes_failed_total", "Total number of write log writes that failed.", Wal::failedWrites);
    CounterWithCallback.builder()
        .name(LOG + "record_bytes_saved_total")
        .help("Total number of bytes saved by the optional record compression.")
        .labelNames("compression")
        .callback(c -> {
          Wal wal = log.wal();
          if (wal != null) {
            c.call((double) wal.savedBytes(), wal.compressionName());
          }
        })
        .register(registry);
    SummaryWithCallback.builder()
        .name(LOG + "fsync_duration_seconds")
        .help("Duration of write log fsync.")
        .callback(c -> {
          Wal wal = log.wal();
          if (wal != null) {
            c.call(wal.fsyncs(), wal.fsyncNanos() / 1e9, Quantiles.EMPTY);
          }
        })
        .register(registry);
  }

  private void gauge(String name, String help, ToDoubleFunction<Wal> value) {
    GaugeWithCallback.builder()
        .name(LOG + name)
        .help(help)
        .callback(c -> {
          Wal wal = log.wal();
          if (wal != null) {
            c.call(value.applyAsDouble(wal));
          }
        })
        .register(registry);
  }

  private void counter(String name, String help, ToDoubleFunction<Wal> value) {
    CounterWithCallback.builder()
        .name(LOG + name)
        .help(help)
        .callback(c -> {
          Wal wal = log.wal();
          if (wal != null) {
            c.call(value.applyAsDouble(wal));
          }
        })
        .register(registry);
  }
}
