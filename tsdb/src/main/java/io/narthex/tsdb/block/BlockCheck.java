package io.narthex.tsdb.block;

import io.narthex.base.file.Disk;
import io.narthex.base.file.DiskException;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.chunk.ChunkDecoder;
import io.narthex.tsdb.chunk.ChunkEncoding;
import io.narthex.tsdb.index.ChunkMetas;
import io.narthex.tsdb.index.IndexReader;
import io.narthex.tsdb.index.SeriesWalk;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads every byte of a block that means something, and says what is wrong: {@code meta.json} and
 * whether it tells the truth, all checksums of the index, every chunk with its samples and their
 * order, the tombstones. Holds one series and one chunk at a time, whatever the block's size. Not
 * thread-safe.
 */
final class BlockCheck {

  private static final int MOST_NAMED = 10;

  /** No block has so much time before its first sample or behind its last one. */
  private static final long LONGEST = 40 * 24 * 60 * 60 * 1000L;

  private final Disk disk;
  private final Path block;

  /** What is wrong, a line each; of chunks the first few are named. */
  final List<String> findings = new ArrayList<>();

  /** What {@code meta.json} says, or null if it cannot be read. */
  @Nullable BlockMeta meta;

  /** None if they cannot be read. */
  Tombstones tombstones = Tombstones.NONE;

  boolean tombstonesBroken;

  /** Whether index or chunk files are broken, so that the sound part has to be written anew. */
  boolean contentBroken;

  /** Whether {@code meta.json} is wrong about the block. */
  boolean metaWrong;

  /** Whether some chunks of a series overlap; that cannot be mended here. */
  boolean overlaps;

  /** Whether there is no way to the series. */
  boolean unreadable;

  // Of what is sound.
  long minTime = Long.MAX_VALUE;
  long maxTime = Long.MIN_VALUE;
  long series;
  long chunks;
  long samples;
  long floatSamples;

  long brokenChunks;
  private final Map<ChunkEncoding, ChunkDecoder> decoders = new EnumMap<>(ChunkEncoding.class);
  private final ChunkFiles.Chunk chunk = new ChunkFiles.Chunk();

  BlockCheck(Disk disk, Path block) {
    this.disk = disk;
    this.block = block;
  }

  void run() {
    try {
      meta = Block.readMeta(disk, block);
    } catch (BlockException e) {
      findings.add(String.valueOf(e.getMessage()));
      metaWrong = true;
    }
    try {
      tombstones = Tombstones.read(disk, block);
    } catch (BlockException | DiskException e) {
      findings.add(String.valueOf(e.getMessage()));
      tombstonesBroken = true;
    }
    long listed = checkIndex();
    checkContent();
    if (!unreadable && listed >= 0 && listed != series) {
      findings.add("the index lists " + listed + " series, and " + series + " are sound");
      contentBroken = true;
    }
    if (meta != null && !unreadable && !contentBroken) {
      checkMeta(meta);
    }
  }

  /** Checks the tables of the index; answers how many series they list, -1 if they are broken. */
  private long checkIndex() {
    try (IndexReader index = IndexReader.open(disk, block.resolve(BlockWriter.INDEX))) {
      return index.checkLists();
    } catch (StorageException e) {
      findings.add(String.valueOf(e.getMessage()));
      contentBroken = true;
      return -1;
    }
  }

  private void checkContent() {
    List<String> problems = new ArrayList<>();
    try (ChunkFiles files = ChunkFiles.openAny(disk, block.resolve(BlockWriter.CHUNKS), problems);
        SeriesWalk walk = SeriesWalk.open(disk, block.resolve(BlockWriter.INDEX))) {
      contentBroken |= !problems.isEmpty();
      findings.addAll(problems);
      while (walk.next()) {
        series++;
        checkChunks(files, walk);
      }
      if (walk.gaps() > 0) {
        findings.add(
            "index "
                + block.resolve(BlockWriter.INDEX)
                + ": no sound series where one should be, in "
                + walk.gaps()
                + " places");
        contentBroken = true;
      }
    } catch (StorageException | DiskException e) {
      findings.add(String.valueOf(e.getMessage()));
      unreadable = true;
      return;
    }
    if (brokenChunks > MOST_NAMED) {
      findings.add(brokenChunks - MOST_NAMED + " more chunks are broken");
    }
  }

  private void checkChunks(ChunkFiles files, SeriesWalk walk) {
    ChunkMetas metas = walk.chunks();
    long before = Long.MIN_VALUE;
    boolean any = false;
    for (int i = 0; i < metas.size(); i++) {
      String problem = problem(files, metas, i);
      if (problem != null) {
        contentBroken = true;
        if (++brokenChunks <= MOST_NAMED) {
          findings.add(problem + " (series " + walk.labels() + ")");
        }
        continue;
      }
      if (any && metas.minTime(i) <= before && !overlaps) {
        overlaps = true;
        findings.add("chunks of the series " + walk.labels() + " overlap");
      }
      any = true;
      before = Math.max(before, metas.maxTime(i));
      chunks++;
      ChunkEncoding encoding = ChunkEncoding.of(chunk.encoding());
      int count = encoding.count(chunk.bytes(), 1);
      samples += count;
      floatSamples += encoding.histograms() ? 0 : count;
      minTime = Math.min(minTime, metas.minTime(i));
      maxTime = Math.max(maxTime, metas.maxTime(i));
    }
  }

  /** Reads a chunk; what is wrong with it, or null. A sound one is in {@link #lastChunk} then. */
  @Nullable String problem(ChunkFiles files, ChunkMetas metas, int i) {
    String place = "chunk " + Long.toHexString(metas.ref(i)) + " of " + block.getFileName() + ": ";
    try {
      files.read(metas.ref(i), chunk);
      ChunkEncoding encoding = ChunkEncoding.of(chunk.encoding());
      ChunkDecoder decoder = decoders.computeIfAbsent(encoding, ChunkDecoder::of);
      decoder.open(chunk.bytes(), 1, chunk.length());
      long first = 0;
      long last = 0;
      int count = 0;
      while (decoder.next()) {
        long time = decoder.time();
        if (count > 0 && time <= last) {
          return place + "a sample of " + time + " behind one of " + last;
        }
        first = count == 0 ? time : first;
        last = time;
        count++;
      }
      if (count == 0) {
        return place + "no sample is in it";
      }
      return first == metas.minTime(i) && last == metas.maxTime(i)
          ? null
          : place + "its samples are of " + first + " to " + last + ", the index says otherwise";
    } catch (StorageException e) {
      return String.valueOf(e.getMessage());
    }
  }

  /** The chunk that was read last. */
  ChunkFiles.Chunk lastChunk() {
    return chunk;
  }

  private void checkMeta(BlockMeta said) {
    String file = block.resolve(BlockWriter.META) + " says ";
    if (!said.ulid().toString().equals(String.valueOf(block.getFileName()))) {
      findings.add(file + "that the block is " + said.ulid());
      metaWrong = true;
    }
    if (series > 0 && (from(said) != said.minTime() || to(said) != said.maxTime())) {
      findings.add(
          file
              + ("[" + said.minTime() + ", " + said.maxTime() + ")")
              + (" of samples from " + minTime + " to " + maxTime));
      metaWrong = true;
    }
    BlockMeta.Stats stats = said.stats();
    if (stats.samples() != samples || stats.series() != series || stats.chunks() != chunks) {
      findings.add(
          file
              + (stats.samples() + " samples, " + stats.series() + " series, ")
              + (stats.chunks() + " chunks; there are ")
              + (samples + ", " + series + " and " + chunks));
      metaWrong = true;
    }
  }

  /** The first millisecond that a block is about: as it says, unless that cannot be. */
  private long from(BlockMeta said) {
    boolean plausible = said.minTime() <= minTime && minTime - said.minTime() <= LONGEST;
    return plausible ? said.minTime() : minTime;
  }

  /** The first millisecond that a block is not about any more, likewise. */
  private long to(BlockMeta said) {
    boolean plausible = said.maxTime() > maxTime && said.maxTime() - maxTime <= LONGEST;
    return plausible ? said.maxTime() : maxTime + 1;
  }

  /** What {@code meta.json} should say; the times are those it says, as far as they hold. */
  BlockMeta truth(Ulid ulid) {
    BlockMeta said = meta;
    BlockMeta.Stats stats =
        new BlockMeta.Stats(
            samples, floatSamples, samples - floatSamples, series, chunks, tombstones.count());
    if (said == null) {
      return new BlockMeta(
          ulid, minTime, maxTime + 1, stats, BlockMeta.Compaction.ofHead(ulid), Map.of());
    }
    BlockMeta.Compaction old = said.compaction();
    List<Ulid> sources =
        old.sources().stream().map(source -> source.equals(said.ulid()) ? ulid : source).toList();
    return new BlockMeta(
        ulid,
        from(said),
        to(said),
        stats,
        new BlockMeta.Compaction(old.level(), sources, false, List.of(), false, old.hints()),
        said.others());
  }
}
