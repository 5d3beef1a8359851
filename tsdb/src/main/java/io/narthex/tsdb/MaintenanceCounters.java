package io.narthex.tsdb;

import java.util.concurrent.atomic.LongAdder;

/** What maintenance counts. */
final class MaintenanceCounters {
  final LongAdder failures = new LongAdder();
  final LongAdder triggered = new LongAdder();
  final LongAdder compactions = new LongAdder();
  final LongAdder failedCompactions = new LongAdder();
  final LongAdder compactionNanos = new LongAdder();
  final LongAdder reloads = new LongAdder();
  final LongAdder failedReloads = new LongAdder();
  final LongAdder checkpoints = new LongAdder();
  final LongAdder failedCheckpoints = new LongAdder();
  final LongAdder checkpointDeletions = new LongAdder();
  final LongAdder failedCheckpointDeletions = new LongAdder();
  final LongAdder verticalCompactions = new LongAdder();
  final LongAdder tombstoneCleanups = new LongAdder();
  final LongAdder tombstoneCleanupNanos = new LongAdder();
  final LongAdder timeRetentions = new LongAdder();
  final LongAdder sizeRetentions = new LongAdder();
  final LongAdder walCorruptions = new LongAdder();
  final LongAdder headChunkCorruptions = new LongAdder();
  final LongAdder replayNanos = new LongAdder();
}
