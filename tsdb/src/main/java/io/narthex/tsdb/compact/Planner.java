package io.narthex.tsdb.compact;

import io.narthex.tsdb.block.BlockMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides which blocks are made into one next: Prometheus' leveled compaction. A pure function of
 * what the blocks' {@code meta.json} say.
 *
 * <p>In this order:
 *
 * <ol>
 *   <li>Blocks that overlap, from the oldest on, as far as they hang together.
 *   <li>The blocks within one range of time, when it is full or over. Ranges begin with the
 *       shortest block and triple; each begins at a multiple of itself. The newest block is left
 *       alone, which gives the user time to copy it.
 *   <li>A single block of which more than one in twenty series has deleted samples, if it is long,
 *       or all of them.
 * </ol>
 *
 * <p>A block whose compaction failed is passed over, with those that would have been compacted with
 * it. Prometheus does so only for ranges: there two blocks that overlap, one of them broken, stop
 * all other compaction.
 *
 * <p>Blocks of series that were chosen ({@code from-stale-series}, {@code from-selected-series})
 * are never mixed with others: the hint says that the head still has other series of that time, and
 * a block without it would make the next start pass over them. Immutable and thread-safe.
 */
public final class Planner {

  private static final int STEPS = 10;
  private static final int STEP = 3;
  private static final double MANY_TOMBSTONES = 0.05;

  private final long[] ranges;
  private final boolean vertical;

  /**
   * @param ranges the lengths of blocks, ascending, at least one, in milliseconds
   * @param vertical whether blocks that overlap are merged
   */
  public Planner(List<Long> ranges, boolean vertical) {
    if (ranges.isEmpty()) {
      throw new IllegalArgumentException("at least one range must be provided");
    }
    this.ranges = ranges.stream().mapToLong(Long::longValue).toArray();
    this.vertical = vertical;
  }

  /** The lengths of blocks: the shortest, and three times the one before up to the longest. */
  public static List<Long> ranges(long shortest, long longest) {
    List<Long> ranges = new ArrayList<>();
    long range = shortest;
    for (int i = 0; i < STEPS && (i == 0 || range <= longest); i++) {
      ranges.add(range);
      range *= STEP;
    }
    return ranges;
  }

  /**
   * The blocks to be made into one next.
   *
   * @param metas all blocks, in any order
   * @param held whether a block must be left alone for now; from the first such on (in the order in
   *     which the blocks were made) no block is considered, so that none is left behind among
   *     longer ones
   * @return the blocks by their time, or none if there is nothing to do
   */
  public List<BlockMeta> plan(List<BlockMeta> metas, Predicate<BlockMeta> held) {
    List<BlockMeta> considered = new ArrayList<>();
    for (BlockMeta meta : metas.stream().sorted(Comparator.comparing(BlockMeta::ulid)).toList()) {
      if (held.test(meta)) {
        break;
      }
      considered.add(meta);
    }
    // Those of no class come first, so that many chosen series do not keep the rest waiting.
    Map<String, List<BlockMeta>> classes = new LinkedHashMap<>();
    classes.put("", new ArrayList<>());
    for (BlockMeta meta : considered) {
      classes.computeIfAbsent(hintClass(meta), name -> new ArrayList<>()).add(meta);
    }
    for (List<BlockMeta> blocks : classes.values()) {
      List<BlockMeta> plan = planClass(blocks);
      if (!plan.isEmpty()) {
        return plan;
      }
    }
    return List.of();
  }

  /** What of a block's hints survives a compaction, and must not be mixed. */
  static List<String> lastingHints(BlockMeta meta) {
    return new TreeSet<>(meta.compaction().hints())
        .stream()
            .filter(hint -> hint.equals(BlockMeta.STALE) || hint.equals(BlockMeta.SELECTED))
            .toList();
  }

  private static String hintClass(BlockMeta meta) {
    return String.join(" ", lastingHints(meta));
  }

  private List<BlockMeta> planClass(List<BlockMeta> blocks) {
    if (blocks.isEmpty()) {
      return List.of();
    }
    List<BlockMeta> sorted =
        blocks.stream().sorted(Comparator.comparingLong(BlockMeta::minTime)).toList();
    List<BlockMeta> overlapping = vertical ? overlapping(sorted) : List.of();
    if (!overlapping.isEmpty()) {
      return overlapping;
    }
    List<BlockMeta> old = sorted.subList(0, sorted.size() - 1);
    List<BlockMeta> range = fullRange(old);
    return range.isEmpty() ? withManyTombstones(old) : range;
  }

  private static List<BlockMeta> overlapping(List<BlockMeta> sorted) {
    List<BlockMeta> found = new ArrayList<>();
    long end = sorted.getFirst().maxTime();
    for (int i = 1; i < sorted.size(); i++) {
      BlockMeta block = sorted.get(i);
      if (block.minTime() < end) {
        if (found.isEmpty()) {
          found.add(sorted.get(i - 1));
        }
        found.add(block);
      } else if (!found.isEmpty() && !hasFailed(found)) {
        return found;
      } else {
        found.clear();
      }
      end = Math.max(end, block.maxTime());
    }
    return hasFailed(found) ? List.of() : found;
  }

  private static boolean hasFailed(List<BlockMeta> blocks) {
    return blocks.stream().anyMatch(block -> block.compaction().failed());
  }

  private List<BlockMeta> fullRange(List<BlockMeta> sorted) {
    if (sorted.isEmpty()) {
      return List.of();
    }
    long newest = sorted.getLast().minTime();
    for (int i = 1; i < ranges.length; i++) {
      for (List<BlockMeta> group : split(sorted, ranges[i])) {
        long from = group.getFirst().minTime();
        long to = group.getLast().maxTime();
        boolean complete = to - from == ranges[i] || to <= newest;
        if (complete && !hasFailed(group) && group.size() > 1) {
          return group;
        }
      }
    }
    return List.of();
  }

  /** The blocks by the range that they lie in; those that lie in none are left out. */
  static List<List<BlockMeta>> split(List<BlockMeta> sorted, long range) {
    List<List<BlockMeta>> groups = new ArrayList<>();
    int i = 0;
    while (i < sorted.size()) {
      long end = range * Math.floorDiv(sorted.get(i).minTime(), range) + range;
      if (sorted.get(i).maxTime() > end) {
        i++;
        continue;
      }
      List<BlockMeta> group = new ArrayList<>();
      while (i < sorted.size() && sorted.get(i).maxTime() <= end) {
        group.add(sorted.get(i++));
      }
      groups.add(group);
    }
    return groups;
  }

  private List<BlockMeta> withManyTombstones(List<BlockMeta> sorted) {
    for (BlockMeta block : sorted.reversed()) {
      BlockMeta.Stats stats = block.stats();
      if (block.maxTime() - block.minTime() < ranges[ranges.length / 2]) {
        boolean nothingLeft = stats.tombstones() > 0 && stats.tombstones() >= stats.series();
        return nothingLeft && !block.compaction().failed() ? List.of(block) : List.of();
      }
      boolean many = (double) stats.tombstones() / (stats.series() + 1) > MANY_TOMBSTONES;
      if (many && !block.compaction().failed()) {
        return List.of(block);
      }
    }
    return List.of();
  }
}
