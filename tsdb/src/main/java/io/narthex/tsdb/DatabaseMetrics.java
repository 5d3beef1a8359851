package io.narthex.tsdb;

import io.narthex.tsdb.exemplar.ExemplarStorage;
import io.narthex.tsdb.head.HeadCounters;
import io.narthex.tsdb.wal.Wal;
import io.prometheus.metrics.core.metrics.CounterWithCallback;
import io.prometheus.metrics.core.metrics.GaugeWithCallback;
import io.prometheus.metrics.core.metrics.SummaryWithCallback;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.Quantiles;
import java.util.Locale;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/**
 * The figures of a database under the names and help texts that Prometheus gives them. Each is read
 * when it is asked for; nothing is counted here.
 */
final class DatabaseMetrics {

  private static final String P = "prometheus_tsdb_";

  private final Database database;
  private final HeadCounters head;
  private final MaintenanceCounters maintenance;

  DatabaseMetrics(Database database) {
    this.database = database;
    this.head = database.head().counters();
    this.maintenance = database.counters();
  }

  void register(PrometheusRegistry registry) {
    new Registrar(registry).all();
  }

  private final class Registrar {
    private final PrometheusRegistry registry;

    Registrar(PrometheusRegistry registry) {
      this.registry = registry;
    }

    private void gauge(String name, String help, DoubleSupplier value) {
      GaugeWithCallback.builder()
          .name(P + name)
          .help(help)
          .callback(c -> c.call(value.getAsDouble()))
          .register(registry);
    }

    private void counter(String name, String help, LongSupplier value) {
      CounterWithCallback.builder()
          .name(P + name)
          .help(help)
          .callback(c -> c.call((double) value.getAsLong()))
          .register(registry);
    }

    private void counter(String name, String help, LongAdder value) {
      counter(name, help, value::sum);
    }

    private void kinds(String name, String help, LongAdder floats, LongAdder histograms) {
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

    private void summary(String name, String help, MaintenanceCounters.Durations durations) {
      SummaryWithCallback.builder()
          .name(P + name)
          .help(help)
          .callback(
              c -> c.call(durations.count.sum(), durations.nanos.sum() / 1e9, Quantiles.EMPTY))
          .register(registry);
    }

    /** As Prometheus does, which makes such a counter when there is something to count. */
    private static void nonZero(long value, String label, CounterWithCallback.Callback into) {
      if (value > 0) {
        into.call((double) value, label);
      }
    }

    void all() {
      head();
      wal();
      blocks();
      exemplars();
    }

    private void exemplars() {
      ExemplarStorage exemplars = database.head().exemplars();
      counter(
          "exemplar_exemplars_appended_total",
          "Total number of appended exemplars.",
          exemplars::appended);
      gauge(
          "exemplar_exemplars_in_storage",
          "Number of exemplars currently in circular storage.",
          exemplars::size);
      gauge(
          "exemplar_series_with_exemplars_in_storage",
          "Number of series with exemplars currently in circular storage.",
          exemplars::series);
      gauge(
          "exemplar_last_exemplars_timestamp_seconds",
          // Upstream's text, which lacks the blanks too.
          "The timestamp of the oldest exemplar stored in circular storage. Useful to check for"
              + " what timerange the current exemplar buffer limit allows. This usually means the"
              + " last timestampfor all exemplars for a typical setup. This is not true though if"
              + " one of the series timestamp is in future compared to rest series.",
          () -> exemplars.oldestTime() / 1e3);
      counter(
          "exemplar_out_of_order_exemplars_total",
          "Total number of out of order exemplar ingestion failed attempts.",
          exemplars::outOfOrder);
      gauge(
          "exemplar_max_exemplars",
          "Total number of exemplars the exemplar storage can store, resizeable.",
          exemplars::capacity);
    }

    private void head() {
      gauge("head_series", "Total number of series in the head block.", database.head()::series);
      counter(
          "head_series_created_total",
          "Total number of series created in the head",
          head.seriesCreated);
      counter(
          "head_series_removed_total",
          "Total number of series removed in the head",
          head.seriesRemoved);
      counter(
          "head_series_not_found_total",
          "Total number of requests for series that were not found.",
          head.seriesNotFound);
      gauge("head_chunks", "Total number of chunks in the head block.", head.chunks::sum);
      counter(
          "head_chunks_created_total",
          "Total number of chunks created in the head",
          head.chunksCreated);
      counter(
          "head_chunks_removed_total",
          "Total number of chunks removed in the head",
          head.chunksRemoved);
      counter(
          "mmap_chunks_total",
          "Total number of chunks that were memory-mapped.",
          head.chunksStored);
      counter(
          "mmap_chunk_corruptions_total",
          "Total number of memory-mapped chunk corruptions.",
          maintenance.headChunkCorruptions);
      gauge(
          "head_chunks_storage_size_bytes",
          "Size of the chunks_head directory.",
          database::headChunkBytes);
      kinds(
          "head_samples_appended_total",
          "Total number of appended samples.",
          head.samplesAppended,
          head.histogramsAppended);
      kinds(
          "out_of_order_samples_total",
          "Total number of out of order samples ingestion failed attempts due to out of order being"
              + " disabled.",
          head.outOfOrderSamples,
          head.outOfOrderHistograms);
      kinds(
          "out_of_bound_samples_total",
          "Total number of out of bound samples ingestion failed attempts with out of order support"
              + " disabled.",
          head.outOfBoundSamples,
          head.outOfBoundHistograms);
      gauge(
          "head_active_appenders",
          "Number of currently active appender transactions",
          head.activeAppenders::sum);
      counter(
          "head_appenders_created_total",
          "Total number of appender transactions created.",
          head.appendersCreated);
      counter(
          "head_truncations_total",
          "Total number of head truncations attempted.",
          head.truncations);
      counter(
          "head_truncations_failed_total",
          "Total number of head truncations that failed.",
          head.failedTruncations);
      gauge(
          "head_min_time",
          "Minimum time bound of the head block. The unit is decided by the library consumer.",
          database.head()::minTime);
      gauge(
          "head_max_time",
          "Maximum timestamp of the head block. The unit is decided by the library consumer.",
          database.head()::maxTime);
      gauge(
          "head_min_time_seconds",
          "Minimum time bound of the head block.",
          () -> Math.floorDiv(database.head().minTime(), 1000L));
      gauge(
          "head_max_time_seconds",
          "Maximum timestamp of the head block.",
          () -> Math.floorDiv(database.head().maxTime(), 1000L));
      gauge(
          "data_replay_duration_seconds",
          "Time taken to replay the data on disk.",
          () -> maintenance.replayNanos.sum() / 1e9);
      CounterWithCallback.builder()
          .name(P + "wal_replay_unknown_refs_total")
          .help("Total number of unknown series references encountered during WAL replay.")
          .labelNames("type")
          .callback(c -> {
            nonZero(head.unknownRefsInLog.sum(), "samples", c);
            nonZero(head.unknownTombstonesInLog.sum(), "tombstones", c);
          })
          .register(registry);
      summary(
          "head_gc_duration_seconds",
          "Runtime of garbage collection in the head block.",
          maintenance.headCollections);
      registry.register(new RowMetrics(database.head()::rowFigures));
      gauge(
          "isolation_high_watermark",
          "The highest TSDB append ID that has been given out.",
          database.head()::lastCommit);
      gauge(
          "isolation_low_watermark",
          "The lowest TSDB append ID that is still referenced.",
          database.head()::commitSeenByAll);
      seriesLimit();
    }

    /** What Prometheus has no limit for, and so no name. */
    private void seriesLimit() {
      GaugeWithCallback.builder()
          .name("narthex_tsdb_head_series_limit")
          .help("The most series that the head takes, 0 for any number.")
          .callback(c -> c.call(database.options().maxSeries()))
          .register(registry);
      CounterWithCallback.builder()
          .name("narthex_tsdb_head_series_refused_total")
          .help("Total number of attempts to make a new series that the limit of series refused.")
          .callback(c -> c.call((double) head.seriesRefused.sum()))
          .register(registry);
    }

    private void wal() {
      Wal wal = database.wal();
      gauge(
          "wal_segment_current",
          "Write log segment index that TSDB is currently writing to.",
          wal::segment);
      gauge("wal_storage_size_bytes", "Size of the write log directory.", () -> wal.files().size());
      counter("wal_page_flushes_total", "Total number of page flushes.", wal::pageFlushes);
      counter("wal_completed_pages_total", "Total number of completed pages.", wal::completedPages);
      counter(
          "wal_record_part_writes_total",
          "Total number of record parts written before flushing.",
          wal::parts);
      counter(
          "wal_record_parts_bytes_written_total",
          "Total number of record part bytes written before flushing, including CRC and"
              + " compression headers.",
          wal::partBytes);
      counter(
          "wal_truncations_total",
          "Total number of write log truncations attempted.",
          wal::truncations);
      counter(
          "wal_truncations_failed_total",
          "Total number of write log truncations that failed.",
          wal::failedTruncations);
      counter(
          "wal_writes_failed_total",
          "Total number of write log writes that failed.",
          wal::failedWrites);
      counter(
          "snapshot_replay_error_total",
          "Total number snapshot replays that failed.",
          maintenance.failedSnapshotReplays);
      counter(
          "wal_corruptions_total", "Total number of WAL corruptions.", maintenance.walCorruptions);
      registry.register(maintenance.walFsyncs);
      wal.onFsync(nanos -> maintenance.walFsyncs.observe(nanos / 1e9));
      summary(
          "wal_truncate_duration_seconds",
          "Duration of WAL truncation.",
          maintenance.walTruncations);
      String compression = database.options().walCompression().name().toLowerCase(Locale.ROOT);
      CounterWithCallback.builder()
          .name(P + "wal_record_bytes_saved_total")
          .help("Total number of bytes saved by the optional record compression.")
          .labelNames("compression")
          .callback(c -> nonZero(wal.savedBytes(), compression, c))
          .register(registry);
      counter(
          "checkpoint_creations_total",
          "Total number of checkpoint creations attempted.",
          maintenance.checkpoints);
      counter(
          "checkpoint_creations_failed_total",
          "Total number of checkpoint creations that failed.",
          maintenance.failedCheckpoints);
      counter(
          "checkpoint_deletions_total",
          "Total number of checkpoint deletions attempted.",
          maintenance.checkpointDeletions);
      counter(
          "checkpoint_deletions_failed_total",
          "Total number of checkpoint deletions that failed.",
          maintenance.failedCheckpointDeletions);
    }

    private void blocks() {
      gauge(
          "blocks_loaded",
          "Number of currently loaded data blocks",
          () -> database.loadedBlocks().size());
      gauge(
          "storage_blocks_bytes",
          "The number of bytes that are currently used for local storage by all blocks.",
          database.blockSet()::bytes);
      counter(
          "compactions_total",
          "Total number of compactions that were executed for the partition.",
          maintenance.compactions);
      counter(
          "compactions_failed_total",
          "Total number of compactions that failed for the partition.",
          maintenance.failedCompactions);
      counter(
          "compactions_triggered_total",
          "Total number of triggered compactions for the partition.",
          maintenance.triggered);
      CounterWithCallback.builder()
          .name("narthex_tsdb_maintenance_failures_total")
          .help("Steps of maintenance that failed, and are tried again in the next round.")
          .callback(c -> c.call((double) maintenance.failures.sum()))
          .register(registry);
      counter(
          "reloads_total",
          "Number of times the database reloaded block data from disk.",
          maintenance.reloads);
      counter(
          "reloads_failures_total",
          "Number of times the database failed to reloadBlocks block data from disk.",
          maintenance.failedReloads);
      counter(
          "time_retentions_total",
          "The number of times that blocks were deleted because the maximum time limit was"
              + " exceeded.",
          maintenance.timeRetentions);
      counter(
          "size_retentions_total",
          "The number of times that blocks were deleted because the maximum number of bytes was"
              + " exceeded.",
          maintenance.sizeRetentions);
      counter(
          "vertical_compactions_total",
          "Total number of compactions done on overlapping blocks.",
          maintenance.verticalCompactions);
      counter(
          "compactions_skipped_total",
          "Total number of skipped compactions due to disabled auto compaction.",
          maintenance.skipped);
      counter(
          "stale_series_compactions_triggered_total",
          "Total number of triggered stale series compactions.",
          maintenance.staleSeriesCompactions);
      counter(
          "stale_series_compactions_failed_total",
          "Total number of stale series compactions that failed.",
          maintenance.failedStaleSeriesCompactions);
      counter(
          "selected_series_compactions_triggered_total",
          "Total number of compactions triggered for an explicit caller-provided list of series"
              + " references.",
          maintenance.selectedSeriesCompactions);
      counter(
          "selected_series_compactions_failed_total",
          "Total number of compactions triggered for an explicit caller-provided list of series"
              + " references that failed.",
          maintenance.failedSelectedSeriesCompactions);
      maintenance.histograms().forEach(registry::register);
      gauge(
          "compaction_populating_block",
          "Set to 1 when a block is currently being written to the disk.",
          () -> maintenance.populating ? 1 : 0);
      gauge(
          "symbol_table_size_bytes",
          "Size of symbol table in memory for loaded blocks",
          database.blockSet()::symbolBytes);
      gauge(
          "retention_limit_seconds",
          "How long to retain samples in storage.",
          () -> database.retention().timeMillis() / 1e3);
      gauge(
          "retention_limit_bytes",
          "Max number of bytes to be retained in the tsdb blocks, configured 0 means disabled",
          () -> database.retention().bytes());
      gauge(
          "retention_limit_percentage",
          "Max percentage of total storage space to be retained in the tsdb blocks, configured 0"
              + " means disabled",
          () -> database.retention().percentage());
      gauge(
          "clean_start",
          "-1: lockfile is disabled. 0: a lockfile from a previous execution was replaced. 1:"
              + " lockfile creation was clean",
          database::cleanStart);
      gauge(
          "lowest_timestamp",
          "Lowest timestamp value stored in the database. The unit is decided by the library"
              + " consumer.",
          this::lowest);
      gauge(
          "lowest_timestamp_seconds",
          "Lowest timestamp value stored in the database.",
          () -> Math.floor(lowest() / 1e3));
    }

    private double lowest() {
      return database.loadedBlocks().isEmpty()
          ? database.head().minTime()
          : database.loadedBlocks().getFirst().meta().minTime();
    }
  }
}
