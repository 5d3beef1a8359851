package io.narthex.tsdb.block;

import java.util.List;
import java.util.Map;

/**
 * What {@code meta.json} says of a block.
 *
 * @param minTime the first millisecond since the epoch that the block is about
 * @param maxTime the first millisecond that it is not about any more
 * @param others the keys that are not ours (as {@code thanos}), with their values as JSON; they are
 *     kept
 */
public record BlockMeta(
    Ulid ulid,
    long minTime,
    long maxTime,
    Stats stats,
    Compaction compaction,
    Map<String, String> others) {

  /** The hint of a block whose samples came out of order. */
  public static final String OUT_OF_ORDER = "from-out-of-order";

  /** The hint of a block of series that had ended, while the head kept the others. */
  public static final String STALE = "from-stale-series";

  /** The hint of a block of series that somebody chose, while the head kept the others. */
  public static final String SELECTED = "from-selected-series";

  /** The version of the format. */
  public static final int VERSION = 1;

  public BlockMeta {
    others = Map.copyOf(others);
  }

  /**
   * How much is in it.
   *
   * @param samples all samples; the next two are what they are made of, 0 in older files
   */
  public record Stats(
      long samples,
      long floatSamples,
      long histogramSamples,
      long series,
      long chunks,
      long tombstones) {

    public static final Stats NONE = new Stats(0, 0, 0, 0, 0, 0);
  }

  /** A block that this one was made of. */
  public record Parent(Ulid ulid, long minTime, long maxTime) {}

  /**
   * Where the block comes from.
   *
   * @param level how often its samples were compacted; 1 comes from the head
   * @param sources the blocks of level 1 whose samples it holds
   * @param deletable whether it is empty and may go
   * @param parents the blocks it was made of
   * @param failed whether compacting it failed, so that it is not tried again
   * @param hints words about its samples, as {@code from-out-of-order}
   */
  public record Compaction(
      int level,
      List<Ulid> sources,
      boolean deletable,
      List<Parent> parents,
      boolean failed,
      List<String> hints) {

    public Compaction {
      sources = List.copyOf(sources);
      parents = List.copyOf(parents);
      hints = List.copyOf(hints);
    }

    /** That of a block made of the head. */
    public static Compaction ofHead(Ulid ulid) {
      return new Compaction(1, List.of(ulid), false, List.of(), false, List.of());
    }
  }

  /** The same block with other figures. */
  public BlockMeta with(Stats figures) {
    return new BlockMeta(ulid, minTime, maxTime, figures, compaction, others);
  }

  /** The same block with another origin. */
  public BlockMeta with(Compaction origin) {
    return new BlockMeta(ulid, minTime, maxTime, stats, origin, others);
  }

  /** Whether the block is about some millisecond of a range, both ends inclusive. */
  public boolean overlaps(long from, long to) {
    return minTime <= to && from < maxTime;
  }

  /** Whether it holds samples that came out of order alone. */
  public boolean isOfLateSamples() {
    return compaction.hints().contains(OUT_OF_ORDER);
  }

  /**
   * Whether it holds all there was of its time, late samples left aside. If it has those that came
   * out of order or of chosen series alone, it says nothing of what the log still has.
   */
  public boolean holdsAllOfItsTime() {
    List<String> hints = compaction.hints();
    return !isOfLateSamples() && !hints.contains(STALE) && !hints.contains(SELECTED);
  }

  /** The text of {@code meta.json}. */
  public String toJson() {
    return MetaJson.write(this);
  }

  /**
   * Reads the text of {@code meta.json}.
   *
   * @throws IllegalArgumentException if it is not one; the message says why
   */
  public static BlockMeta parse(byte[] json) {
    return MetaJson.read(json);
  }
}
