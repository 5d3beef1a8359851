package io.narthex.tsdb;

import io.prometheus.metrics.core.metrics.Histogram;
import io.prometheus.metrics.core.metrics.Summary;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/** What maintenance counts. */
final class MaintenanceCounters {
  final LongAdder failures = new LongAdder();
  final LongAdder triggered = new LongAdder();
  final LongAdder compactions = new LongAdder();
  final LongAdder failedCompactions = new LongAdder();
  final Histogram compactionSeconds =
      histogram("compaction_duration_seconds", "Duration of compaction runs", 1, 2, 14);
  final Histogram chunkBytes =
      histogram(
          "compaction_chunk_size_bytes",
          "Final size of chunks on their first compaction",
          32,
          1.5,
          12);
  final Histogram chunkSamples =
      histogram(
          "compaction_chunk_samples",
          "Final number of samples on their first compaction",
          4,
          1.5,
          12);
  final Histogram chunkRange =
      histogram(
          "compaction_chunk_range_seconds",
          "Final time range of chunks on their first compaction",
          100,
          4,
          10);
  final Histogram tombstoneCleanupSeconds =
      named("tombstone_cleanup_seconds", "The time taken to recompact blocks to remove tombstones.")
          .classicUpperBounds(Double.POSITIVE_INFINITY)
          .build();

  final LongAdder staleSeriesCompactions = new LongAdder();
  final LongAdder failedStaleSeriesCompactions = new LongAdder();
  final Histogram staleSeriesCompactionSeconds =
      histogram(
          "stale_series_compaction_duration_seconds",
          "Duration of stale series compaction runs.",
          1,
          2,
          14);
  final LongAdder selectedSeriesCompactions = new LongAdder();
  final LongAdder failedSelectedSeriesCompactions = new LongAdder();
  final Histogram selectedSeriesCompactionSeconds =
      histogram(
          "selected_series_compaction_duration_seconds",
          "Duration of compactions triggered for an explicit caller-provided list of series"
              + " references.",
          1,
          2,
          14);

  /** Rounds that left compaction out because it was turned off; there is no way to do so. */
  final LongAdder skipped = new LongAdder();

  /** Head truncations: dropping chunks and collecting series. */
  final Durations headCollections = new Durations();

  /** Log truncations, checkpoint included. */
  final Durations walTruncations = new Durations();

  final Summary walFsyncs =
      Summary.builder()
          .name("prometheus_tsdb_wal_fsync_duration_seconds")
          .help("Duration of write log fsync.")
          .quantile(0.5, 0.05)
          .quantile(0.9, 0.01)
          .quantile(0.99, 0.001)
          .build();

  /** How often, and how long in all. */
  static final class Durations {
    final LongAdder count = new LongAdder();
    final LongAdder nanos = new LongAdder();

    void add(long took) {
      count.increment();
      nanos.add(took);
    }
  }

  /** Whether a block is being written. */
  volatile boolean populating;

  final LongAdder reloads = new LongAdder();
  final LongAdder failedReloads = new LongAdder();
  final LongAdder checkpoints = new LongAdder();
  final LongAdder failedCheckpoints = new LongAdder();
  final LongAdder checkpointDeletions = new LongAdder();
  final LongAdder failedCheckpointDeletions = new LongAdder();
  final LongAdder verticalCompactions = new LongAdder();
  final LongAdder timeRetentions = new LongAdder();
  final LongAdder sizeRetentions = new LongAdder();
  final LongAdder walCorruptions = new LongAdder();
  final LongAdder headChunkCorruptions = new LongAdder();
  final LongAdder replayNanos = new LongAdder();

  private static Histogram histogram(
      String name, String help, double first, double factor, int count) {
    return named(name, help).classicExponentialUpperBounds(first, factor, count).build();
  }

  private static Histogram.Builder named(String name, String help) {
    return Histogram.builder().name("prometheus_tsdb_" + name).help(help).classicOnly();
  }

  /** Those that say how things are spread, rather than how many there are. */
  List<Histogram> histograms() {
    return List.of(
        compactionSeconds,
        chunkBytes,
        chunkSamples,
        chunkRange,
        tombstoneCleanupSeconds,
        staleSeriesCompactionSeconds,
        selectedSeriesCompactionSeconds);
  }
}
