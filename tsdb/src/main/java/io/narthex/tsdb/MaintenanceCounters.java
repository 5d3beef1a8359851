package io.narthex.tsdb;

import io.prometheus.metrics.core.metrics.Histogram;
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
  final LongAdder failedSnapshotReplays = new LongAdder();
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
        compactionSeconds, chunkBytes, chunkSamples, chunkRange, tombstoneCleanupSeconds);
  }
}
