package io.narthex.tsdb;

import io.narthex.base.time.Clock;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.head.EndedSeries;
import io.narthex.tsdb.head.Head;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Moves series that have ended out of the head before their time: when they are many beside all,
 * and the head is not about to become a block anyway. They go to blocks of their own, one for each
 * range of time, which say so by a hint, since they do not hold all there was of that time.
 *
 * <p>As with any block of the head, the samples leave the head only when no querier is left that
 * was opened before the blocks were listed; until then nothing new is begun.
 *
 * <p>The log keeps their samples until it is shortened, and a restart brings them back from there.
 * Then they are in a block and in the head, as in Prometheus, and queries merge the two. One thread
 * at a time.
 */
final class StaleCompaction {

  private static final Logger LOG = LoggerFactory.getLogger(StaleCompaction.class);

  /** A head that is due so soon is left alone. */
  private static final long SOON_MILLIS = 10 * 60 * 1000L;

  private record Written(EndedSeries series, long mark) {}

  private final Clock clock;
  private final Path path;
  private final long range;
  private final Head head;
  private final HeadBlocks blocks;
  private final MaintenanceCounters counters;
  private final Consumer<Optional<BlockMeta>> refresh;
  private volatile double threshold;
  private @Nullable Written written;

  /**
   * @param path the database's directory
   * @param range of the head's blocks, ms
   * @param refresh takes a new block in
   */
  StaleCompaction(
      Clock clock,
      Path path,
      long range,
      Head head,
      HeadBlocks blocks,
      MaintenanceCounters counters,
      Consumer<Optional<BlockMeta>> refresh) {
    this.clock = clock;
    this.path = path;
    this.range = range;
    this.head = head;
    this.blocks = blocks;
    this.counters = counters;
    this.refresh = refresh;
  }

  /** Sets which part of all series has to have ended, 0 for never. */
  void threshold(double ratio) {
    threshold = ratio;
  }

  /**
   * Does what is due.
   *
   * @return the references of the series that are gone, while the log still has their samples
   */
  List<Long> run() {
    if (written == null && !begin()) {
      return List.of();
    }
    Written now = written;
    if (now == null || !head.noReaderBefore(now.mark)) {
      return List.of(); // the next round tries again
    }
    written = null;
    long[] gone = now.series.drop();
    LOG.info("{} series that had ended are out of the head", gone.length);
    return Arrays.stream(gone).boxed().toList();
  }

  private boolean begin() {
    if (threshold <= 0 || head.minTime() > head.maxTime() || isHeadDueSoon()) {
      return false;
    }
    EndedSeries series = head.endedSeries();
    if (series.size() == 0 || series.size() < threshold * series.all()) {
      return false;
    }
    if (!head.awaitBatches()) {
      LOG.warn("a batch has been open for long; ended series are moved when it is over");
      return false;
    }
    counters.staleSeriesCompactions.increment();
    long start = clock.nanos();
    boolean done = false;
    try {
      write(series);
      done = true;
    } finally {
      if (!done) {
        counters.failedStaleSeriesCompactions.increment();
      }
      counters.staleSeriesCompactionSeconds.observe((clock.nanos() - start) / 1e9);
    }
    written = new Written(series, head.mark());
    return true;
  }

  private boolean isHeadDueSoon() {
    long span = range / 2 * 3;
    return head.maxTime() - head.minTime() > span - Math.min(SOON_MILLIS, span / 2);
  }

  private void write(EndedSeries series) {
    LOG.info("{} of {} series have ended and are moved to blocks", series.size(), series.all());
    for (long from = Math.floorDiv(head.minTime(), range) * range;
        from <= series.maxTime();
        from += range) {
      long first = from;
      long last = from + range - 1;
      refresh.accept(
          blocks.write(
              path,
              first,
              first + range,
              List.of(BlockMeta.STALE),
              sink -> series.export(first, last, sink)));
    }
  }
}
