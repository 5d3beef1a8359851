package io.narthex.tsdb;

import io.narthex.tsdb.block.Block;
import java.util.ArrayList;
import java.util.List;

/**
 * Finds the blocks of a range of time by two binary searches, however many there are. Immutable.
 *
 * <p>Blocks are sorted by their begin, so those that begin behind the range are the last ones.
 * Blocks may overlap, so their ends are not sorted; the greatest end up to each block is, and all
 * blocks before the first one at which it reaches into the range end before it.
 */
final class BlockTimeline {

  private final List<Block> blocks;
  private final long[] begins;
  private final long[] greatestEnds;

  /**
   * @param blocks sorted by the begin of their time
   */
  BlockTimeline(List<Block> blocks) {
    this.blocks = blocks;
    this.begins = new long[blocks.size()];
    this.greatestEnds = new long[blocks.size()];
    long greatest = Long.MIN_VALUE;
    for (int i = 0; i < begins.length; i++) {
      begins[i] = blocks.get(i).meta().minTime();
      greatest = Math.max(greatest, blocks.get(i).meta().maxTime());
      greatestEnds[i] = greatest;
    }
  }

  List<Block> blocks() {
    return blocks;
  }

  /** The blocks that are about some millisecond of a range, both ends inclusive, by their begin. */
  List<Block> overlapping(long from, long to) {
    List<Block> found = new ArrayList<>();
    int end = firstAbove(begins, to);
    for (int i = firstAbove(greatestEnds, from); i < end; i++) {
      Block block = blocks.get(i);
      if (block.meta().overlaps(from, to)) {
        found.add(block);
      }
    }
    return found;
  }

  /** The first place of a sorted array whose value is above a number, or its length. */
  private static int firstAbove(long[] sorted, long number) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] <= number) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}
