package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.storage.Querier;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockDirectory;
import io.narthex.tsdb.block.BlockException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blocks that are open, by their time. Reading the list takes no lock; changing it takes the
 * lock of this.
 */
final class BlockSet implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(BlockSet.class);
  private static final Comparator<Block> ORDER =
      Comparator.comparingLong((Block b) -> b.meta().minTime())
          .thenComparingLong(b -> b.meta().maxTime())
          .thenComparing(b -> b.meta().ulid());

  private final Disk disk;
  private final BlockDirectory directory;
  private volatile List<Block> blocks = List.of();
  private final Set<Path> broken = new HashSet<>();

  BlockSet(Disk disk, Path path) {
    this.disk = disk;
    this.directory = new BlockDirectory(disk, path);
  }

  List<Block> blocks() {
    return blocks;
  }

  /** How many directories of blocks cannot be opened. */
  synchronized int broken() {
    return broken.size();
  }

  /** Removes what a killed process left half made or half deleted. */
  void removeTemporary() {
    for (String name : directory.removeTemporary()) {
      LOG.info("removed what an interrupted run left behind: {}", name);
    }
  }

  /**
   * Opens the blocks that have appeared in the directory and lets go of those that are gone. A
   * broken one is named in the log, once, and left where it is.
   */
  synchronized void reload() {
    List<Path> there = directory.list();
    List<Block> next = new ArrayList<>();
    Set<Path> known = new HashSet<>();
    List<Block> gone = new ArrayList<>();
    for (Block block : blocks) {
      boolean stays = there.contains(block.directory());
      (stays ? next : gone).add(block);
      known.add(block.directory());
    }
    for (Path path : there) {
      if (!known.contains(path) && !broken.contains(path)) {
        try {
          next.add(Block.open(disk, path));
        } catch (StorageException e) {
          broken.add(path);
          LOG.error("a block is set aside, the others go on without it: {}", e.getMessage());
        }
      }
    }
    broken.retainAll(there);
    next.sort(ORDER);
    blocks = List.copyOf(next);
    gone.forEach(Block::close);
  }

  /** Deletes blocks. */
  synchronized void delete(List<Block> dying) {
    List<Block> next = new ArrayList<>(blocks);
    next.removeAll(dying);
    blocks = List.copyOf(next);
    for (Block block : dying) {
      block.close();
      directory.delete(block.directory());
    }
  }

  /** Opens queriers of the blocks that overlap a range, by their time. */
  List<Querier> queriers(long minTime, long maxTime) {
    while (true) {
      List<Block> now = blocks;
      List<Querier> queriers = new ArrayList<>();
      try {
        for (Block block : now) {
          if (block.meta().overlaps(minTime, maxTime)) {
            queriers.add(block.querier(minTime, maxTime));
          }
        }
        return queriers;
      } catch (BlockException e) {
        queriers.forEach(Querier::close);
        if (now.equals(blocks)) {
          throw e;
        }
        // It was deleted a moment ago: the list has changed.
      }
    }
  }

  /** The end of the newest block whose samples came in order, or the least number. */
  long maxTime() {
    long max = Long.MIN_VALUE;
    for (Block block : blocks) {
      if (!block.meta().compaction().hints().contains("from-out-of-order")) {
        max = Math.max(max, block.meta().maxTime());
      }
    }
    return max;
  }

  long bytes() {
    long sum = 0;
    for (Block block : blocks) {
      sum += block.size();
    }
    return sum;
  }

  @Override
  public synchronized void close() {
    blocks.forEach(Block::close);
    blocks = List.of();
  }
}
