package io.narthex.tsdb;

import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.head.Head;
import io.narthex.tsdb.outoforder.LateCut;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes blocks of the late samples: one for each range of the head's blocks that has any. Then the
 * log's older segments, and the samples in the head, go, when no querier is left that was opened
 * before the blocks were listed. One call at a time.
 *
 * <p>The order is what makes it safe: first the log begins a new segment, then the samples are
 * taken. Whatever is in the older segments is in memory by then, and so in the blocks; what is
 * there twice after a crash is merged.
 */
final class OutOfOrderCompaction {

  private static final Logger LOG = LoggerFactory.getLogger(OutOfOrderCompaction.class);

  private record Pending(LateCut cut, int segment, long mark) {}

  private final Compaction compaction;
  private final HeadBlocks blocks;
  private final Path path;
  private final Head head;
  private final WriteBehindLog log;
  private final long range;
  private @Nullable Pending pending;

  /**
   * @param path the database's directory
   */
  OutOfOrderCompaction(
      Compaction compaction,
      HeadBlocks blocks,
      Path path,
      Head head,
      WriteBehindLog log,
      long range) {
    this.compaction = compaction;
    this.blocks = blocks;
    this.path = path;
    this.head = head;
    this.log = log;
    this.range = range;
  }

  /**
   * Makes blocks of all late samples that there are.
   *
   * @return false if samples could not be dropped from the head yet, because of a reader
   */
  boolean run() {
    if (!drop()) {
      return false;
    }
    if (log.wal() == null && head.outOfOrder().isEmpty()) {
      return true; // no late sample was ever taken
    }
    int segment = log.cut();
    LateCut cut = head.cutOutOfOrder();
    if (!cut.isEmpty()) {
      List<BlockMeta> made = write(path, cut, true);
      compaction.refreshAll(made);
      LOG.info("late samples were compacted into {} blocks", made.size());
    }
    pending = new Pending(cut, segment, head.mark());
    return drop();
  }

  /** Writes all late samples as blocks into a directory, and keeps them in the head as well. */
  void copy(Path into) {
    LateCut cut = head.cutOutOfOrder();
    if (!cut.isEmpty()) {
      write(into, cut, false);
    }
  }

  private List<BlockMeta> write(Path into, LateCut cut, boolean counted) {
    List<BlockMeta> made = new ArrayList<>();
    boolean done = false;
    try {
      for (long from = Math.floorDiv(cut.minTime(), range) * range;
          from <= cut.maxTime();
          from += range) {
        long first = from;
        if (cut.slots(first, first + range - 1).length == 0) {
          continue;
        }
        Supplier<Optional<BlockMeta>> block =
            () ->
                blocks.write(
                    into,
                    first,
                    first + range,
                    List.of(BlockMeta.OUT_OF_ORDER),
                    sink -> head.exportOutOfOrder(cut, first, first + range - 1, sink));
        (counted ? blocks.counted(block) : block.get()).ifPresent(made::add);
      }
      done = true;
      return made;
    } finally {
      if (!done) {
        made.forEach(meta -> blocks.delete(into, meta));
      }
    }
  }

  private boolean drop() {
    Pending due = pending;
    if (due == null) {
      return true;
    }
    if (!compaction.awaitReaders(due.mark)) {
      LOG.info("a query from before the last blocks is still running; late samples are kept");
      return false;
    }
    head.dropOutOfOrder(due.cut);
    log.noteDropped(due.cut.storedBefore());
    log.truncate(due.segment);
    pending = null;
    return true;
  }
}
