package io.narthex.tsdb;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.base.time.Clock;
import io.narthex.storage.Querier;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.block.Block;
import io.narthex.tsdb.block.BlockDirectory;
import io.narthex.tsdb.block.BlockException;
import io.narthex.tsdb.block.BlockMeta;
import io.narthex.tsdb.block.Ulid;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
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

  // Those that are called what their meta.json says come first.
  private static final Comparator<Block> BY_NAME =
      Comparator.comparing((Block b) -> !b.directory().endsWith(b.meta().ulid().toString()))
          .thenComparing(Block::directory);

  private final Disk disk;
  private final BlockDirectory directory;
  private volatile List<Block> blocks = List.of();
  private volatile BlockTimeline timeline = new BlockTimeline(List.of());
  private final BrokenBlocks broken;

  BlockSet(Disk disk, Clock clock, Path path) {
    this.disk = disk;
    this.directory = new BlockDirectory(disk, path);
    this.broken = new BrokenBlocks(disk, clock);
  }

  List<Block> blocks() {
    return blocks;
  }

  /** How many directories of blocks cannot be opened. */
  synchronized int broken() {
    return broken.paths().size();
  }

  /** Removes what a killed process left half made or half deleted. */
  void removeTemporary() {
    BlockDirectory.Removal removal = directory.removeTemporary();
    for (String name : removal.removed()) {
      LOG.info("removed what an interrupted run left behind: {}", name);
    }
    for (String failure : removal.failures()) {
      LOG.error("what an interrupted run left behind cannot be removed: {}", failure);
    }
  }

  /**
   * Opens the blocks that have appeared in the directory and lets go of those that are gone. Those
   * of which another was made, and those that say that they may go, are deleted. What becomes of
   * broken ones {@link BrokenBlocks} decides.
   *
   * @return whether all went well: nothing is broken, and what had to be deleted is
   */
  synchronized boolean reload() {
    Set<Path> known = new HashSet<>();
    blocks.forEach(block -> known.add(block.directory()));
    Set<Path> there = new HashSet<>(directory.list(known));
    List<Block> all = new ArrayList<>();
    List<Block> gone = new ArrayList<>();
    for (Block block : blocks) {
      (there.contains(block.directory()) ? all : gone).add(block);
    }
    broken.retain(there);
    there.removeAll(known);
    // On all cores: at the start there may be tens of thousands.
    for (Opened opened : there.parallelStream().map(this::open).toList()) {
      note(opened, all);
    }
    leaveOutTwins(all);
    for (Block block : all) {
      if (broken.forget(block.directory())) {
        LOG.info("block {} is whole now", block.directory());
      }
    }
    Set<Ulid> replaced = new HashSet<>();
    for (Block block : all) {
      block.meta().compaction().parents().forEach(parent -> replaced.add(parent.ulid()));
    }
    List<Block> next = new ArrayList<>();
    List<Block> dying = new ArrayList<>();
    for (Block block : all) {
      BlockMeta meta = block.meta();
      boolean dies = meta.compaction().deletable() || replaced.contains(meta.ulid());
      (dies ? dying : next).add(block);
    }
    next.sort(ORDER);
    blocks = List.copyOf(next);
    gone.forEach(Block::close);
    boolean deleted = deleteAll(dying);
    // A block that was half deleted when the power went, and is in another as a whole.
    for (Path path : broken.paths()) {
      if (isOneOf(path, replaced) && deleteDirectory(path)) {
        broken.forget(path);
      }
    }
    boolean whole = broken.isEmpty();
    broken.moveAway();
    return deleted && whole;
  }

  /** A block, or why there is none. */
  private record Opened(Path path, @Nullable Block block, @Nullable StorageException failure) {}

  private Opened open(Path path) {
    try {
      return new Opened(path, Block.open(disk, path), null);
    } catch (StorageException e) {
      return new Opened(path, null, e);
    }
  }

  private void note(Opened opened, List<Block> into) {
    StorageException failure = opened.failure;
    if (failure != null) {
      broken.note(opened.path, failure);
    }
    if (opened.block != null) {
      into.add(opened.block);
    }
  }

  /**
   * Of several directories that say that they are the same block one is used: the one that is
   * called so, else the first.
   */
  private void leaveOutTwins(List<Block> all) {
    Map<Ulid, Block> chosen = new HashMap<>();
    for (Block block : all) {
      chosen.merge(block.meta().ulid(), block, (a, b) -> BY_NAME.compare(a, b) <= 0 ? a : b);
    }
    for (Block block : List.copyOf(all)) {
      Block other = chosen.get(block.meta().ulid());
      if (other != null && other != block) {
        all.remove(block);
        block.close();
        broken.note(
            block.directory(),
            new BlockException(
                "block "
                    + block.directory()
                    + ": meta.json says that it is "
                    + block.meta().ulid()
                    + ", as that of "
                    + other.directory()
                    + " does"));
      }
    }
  }

  private static boolean isOneOf(Path path, Set<Ulid> ulids) {
    return ulids.contains(Ulid.parse(String.valueOf(path.getFileName())));
  }

  /** Deletes blocks; what the disk refuses is logged, and found again by the next reload. */
  synchronized boolean delete(Collection<Block> dying) {
    List<Block> next = new ArrayList<>(blocks);
    next.removeAll(Set.copyOf(dying));
    blocks = List.copyOf(next);
    return deleteAll(dying);
  }

  private boolean deleteAll(Collection<Block> dying) {
    boolean all = true;
    for (Block block : dying) {
      block.close();
      all &= deleteDirectory(block.directory());
    }
    return all;
  }

  private boolean deleteDirectory(Path path) {
    try {
      directory.delete(path);
      LOG.info("deleted block {}", path.getFileName());
      return true;
    } catch (DiskException e) {
      LOG.error("a block that is no longer needed cannot be deleted: {}", e.getMessage());
      return false;
    }
  }

  /** Opens queriers of the blocks that overlap a range, by their time. */
  private List<Querier> queriers(long minTime, long maxTime) {
    while (true) {
      List<Block> now = blocks;
      List<Querier> queriers = new ArrayList<>();
      try {
        for (Block block : timeline(now).overlapping(minTime, maxTime)) {
          queriers.add(block.querier(minTime, maxTime));
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

  /**
   * A querier of the blocks that overlap a range, and of younger samples.
   *
   * @param young belongs to the result; closed if that cannot be made
   */
  Querier with(Querier young, long minTime, long maxTime) {
    List<Querier> all;
    try {
      all = queriers(minTime, maxTime);
    } catch (RuntimeException e) {
      young.close();
      throw e;
    }
    if (all.isEmpty()) {
      return young;
    }
    all.add(young);
    return new MergedQuerier(all);
  }

  private BlockTimeline timeline(List<Block> of) {
    BlockTimeline made = timeline;
    if (made.blocks() != of) {
      made = new BlockTimeline(of);
      timeline = made;
    }
    return made;
  }

  /**
   * The end of the newest block that holds all there was of its time, or the least number: samples
   * that came out of order or of chosen series say nothing of what the log still has.
   */
  long maxTime() {
    long max = Long.MIN_VALUE;
    for (Block block : blocks) {
      if (block.meta().holdsAllOfItsTime()) {
        max = Math.max(max, block.meta().maxTime());
      }
    }
    return max;
  }

  /** Whether chosen series have left the head for blocks before all others of their time. */
  boolean haveSeriesOfTheHead() {
    long headFrom = maxTime();
    return blocks.stream()
        .map(Block::meta)
        .anyMatch(meta -> !meta.isOfLateSamples() && meta.maxTime() > headFrom);
  }

  /** The memory that the symbol tables take. */
  long symbolBytes() {
    long sum = 0;
    for (Block block : blocks) {
      sum += block.symbolBytes();
    }
    return sum;
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
