package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.SeriesWalk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.roaringbitmap.PeekableIntIterator;

/**
 * Checks blocks and mends what can be mended; what it takes away it keeps aside.
 *
 * <p>A block whose index or chunks are broken is written anew, under a new name, from the series
 * and chunks that are sound; the tables of an index need not be, since series are found without
 * them. A wrong {@code meta.json} is written anew from what the block holds. Broken tombstones are
 * replaced by none: then what was deleted shows again. A block without any sound series is set
 * aside. One whose series have chunks that overlap is left as it is: readers merge them.
 *
 * <p>Not thread-safe. Nobody else may have the database open.
 */
public final class BlockRepair {

  /** What became of a block. */
  public enum State {
    SOUND,
    MENDED,
    SET_ASIDE,
    /** Something is wrong with it that cannot be mended; it is where it was. */
    LEFT
  }

  /**
   * @param findings what is wrong with it, a line each
   * @param actions what was done, a line each; in a dry run, what would be
   */
  public record Outcome(State state, List<String> findings, List<String> actions) {}

  /** Where things are kept that are taken away. */
  public interface Aside {

    /** Moves a file or directory of the database there. */
    void move(Path what);

    /** Copies a file of the database there. */
    void copy(Path file);
  }

  private final Disk disk;
  private final Path database;
  private final Supplier<Ulid> names;
  private final @Nullable Aside aside;

  /**
   * @param names makes names for blocks
   * @param aside null for a dry run, which changes nothing
   */
  public BlockRepair(Disk disk, Path database, Supplier<Ulid> names, @Nullable Aside aside) {
    this.disk = disk;
    this.database = database;
    this.names = names;
    this.aside = aside;
  }

  /**
   * Checks a block and mends it.
   *
   * @throws io.narthex.storage.StorageException if what has to be written cannot be written; the
   *     block is as it was then
   * @throws io.narthex.base.file.DiskException likewise
   */
  public Outcome run(Path block) {
    BlockCheck check = new BlockCheck(disk, block);
    check.run();
    List<String> actions = new ArrayList<>();
    State state = decide(block, check, actions);
    return new Outcome(state, List.copyOf(check.findings), List.copyOf(actions));
  }

  private State decide(Path block, BlockCheck check, List<String> actions) {
    if (check.findings.isEmpty()) {
      return State.SOUND;
    }
    boolean nothingLeft = check.unreadable || check.samples == 0;
    if (nothingLeft || (check.contentBroken && check.overlaps)) {
      if (aside != null) {
        aside.move(block);
      }
      actions.add("set aside as it is");
      return State.SET_ASIDE;
    }
    if (check.contentBroken) {
      rewrite(block, check, actions);
      return State.MENDED;
    }
    if (check.tombstonesBroken) {
      if (aside != null) {
        aside.move(block.resolve(Tombstones.FILE));
        Tombstones.NONE.write(disk, block);
      }
      actions.add("tombstones set aside; what they deleted shows again");
    }
    if (check.metaWrong || check.tombstonesBroken) {
      if (aside != null) {
        Path meta = block.resolve(BlockWriter.META);
        if (disk.exists(meta)) {
          aside.copy(meta);
        }
        Ulid name = Ulid.parse(String.valueOf(block.getFileName()));
        BlockWriter.writeMeta(disk, block, check.truth(name));
        disk.syncDirectory(block);
      }
      actions.add("meta.json written anew from what the block holds");
    }
    return check.overlaps ? State.LEFT : State.MENDED;
  }

  private void rewrite(Path block, BlockCheck check, List<String> actions) {
    String loss =
        check.samples
            + " samples of "
            + check.series
            + " series are sound and kept, "
            + check.brokenChunks
            + " chunks are lost";
    if (aside == null) {
      actions.add("to be written anew: " + loss);
      return;
    }
    Ulid ulid = names.get();
    Map<Long, long[]> deleted = new TreeMap<>();
    BlockMeta meta = check.truth(ulid).with(BlockMeta.Stats.NONE);
    BlockMeta written;
    List<String> known = new ArrayList<>();
    try (BlockWriter writer = new BlockWriter(disk, database, meta);
        ChunkFiles files = ChunkFiles.openAny(disk, block.resolve(BlockWriter.CHUNKS), known);
        SeriesWalk walk = SeriesWalk.open(disk, block.resolve(BlockWriter.INDEX))) {
      copy(check, walk, files, writer, deleted);
      written = writer.finish();
    }
    if (written == null) {
      throw new BlockException("block " + block + " cannot be written anew: no sample was found");
    }
    Path made = database.resolve(ulid.toString());
    if (!deleted.isEmpty()) {
      deleteAgain(made, deleted);
    }
    aside.move(block);
    actions.add("written anew as " + ulid + ", the old one set aside: " + loss);
    if (check.tombstonesBroken) {
      actions.add("its tombstones are lost; what they deleted shows again");
    }
  }

  private static void copy(
      BlockCheck check,
      SeriesWalk walk,
      ChunkFiles files,
      BlockWriter writer,
      Map<Long, long[]> deleted) {
    long number = 0;
    while (walk.next()) {
      ChunkMetas metas = walk.chunks();
      boolean begun = false;
      for (int i = 0; i < metas.size(); i++) {
        if (check.problem(files, metas, i) != null) {
          continue;
        }
        if (!begun) {
          writer.series(walk.labels());
          begun = true;
        }
        ChunkFiles.Chunk chunk = check.lastChunk();
        writer.chunk(
            metas.minTime(i),
            metas.maxTime(i),
            chunk.encoding(),
            ChunkEncoding.of(chunk.encoding()).count(chunk.bytes(), 1),
            chunk.bytes(),
            1,
            chunk.length());
      }
      long[] ranges = check.tombstones.of(walk.series());
      if (begun && ranges != null) {
        deleted.put(number, ranges);
      }
      number += begun ? 1 : 0;
    }
  }

  /** Deletes what was deleted, by the numbers that the series have in the new block. */
  private void deleteAgain(Path made, Map<Long, long[]> deleted) {
    Tombstones.Builder stones = new Tombstones.Builder();
    try (IndexReader index = IndexReader.open(disk, made.resolve(BlockWriter.INDEX))) {
      PeekableIntIterator each = index.allSeries().getIntIterator();
      for (long number = 0; each.hasNext(); number++) {
        int series = each.next();
        long[] ranges = deleted.get(number);
        for (int i = 0; ranges != null && i < ranges.length; i += 2) {
          stones.add(series, ranges[i], ranges[i + 1]);
        }
      }
    }
    try (Block block = Block.open(disk, made)) {
      block.replaceTombstones(stones.build());
    }
  }
}
