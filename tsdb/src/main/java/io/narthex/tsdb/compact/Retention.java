package io.narthex.tsdb.compact;

import io.narthex.tsdb.block.BlockMeta;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How much of the past is kept. Whichever limit is reached first counts; a limit of 0 is none. The
 * newest block that holds all of its time stays in any case: its end tells the next start which
 * samples of the log have left the head. Without it they would be the head's again, those too that
 * were deleted.
 *
 * @param timeMillis a block is let go when it ends so long before the newest
 * @param bytes the most bytes of blocks, log and head chunks together; the oldest blocks are let go
 * @param percentage the same as a part of the file system's size, 0 to 100; where it is given, it
 *     takes the place of the bytes
 */
public record Retention(long timeMillis, long bytes, double percentage) {

  public Retention {
    if (timeMillis < 0) {
      throw new IllegalArgumentException("negative retention " + timeMillis + "ms");
    }
    if (bytes < 0) {
      throw new IllegalArgumentException("negative retention " + bytes + " bytes");
    }
    if (!(percentage >= 0 && percentage <= 100)) {
      throw new IllegalArgumentException("retention of " + percentage + " percent");
    }
  }

  /** A block and the bytes of its files. */
  public record Sized(BlockMeta meta, long bytes) {}

  /**
   * Blocks to be let go; one may be in both lists.
   *
   * @param byTime those that are too old
   * @param bySize those that are too much
   */
  public record Expired(List<BlockMeta> byTime, List<BlockMeta> bySize) {}

  /**
   * The blocks to be let go.
   *
   * @param otherBytes the bytes of logs and head chunks
   * @param fileSystemBytes the size of the file system that they are in, 0 if it is not known
   */
  public Expired expired(List<Sized> blocks, long otherBytes, long fileSystemBytes) {
    List<Sized> newestFirst =
        blocks.stream()
            .sorted(Comparator.comparingLong((Sized block) -> block.meta.maxTime()).reversed())
            .toList();
    @Nullable BlockMeta last = null;
    for (Sized block : newestFirst) {
      last = last == null && block.meta.holdsAllOfItsTime() ? block.meta : last;
    }
    return new Expired(
        without(last, tooOld(newestFirst)),
        without(last, tooMuch(newestFirst, otherBytes, limit(fileSystemBytes))));
  }

  private static List<BlockMeta> without(@Nullable BlockMeta last, List<BlockMeta> metas) {
    return metas.stream().filter(meta -> meta != last).toList();
  }

  /** The most bytes that are kept, 0 for any number. */
  public long limit(long fileSystemBytes) {
    return percentage > 0 && fileSystemBytes > 0
        ? (long) (fileSystemBytes / 100.0 * percentage)
        : bytes;
  }

  private List<BlockMeta> tooOld(List<Sized> newestFirst) {
    if (timeMillis == 0 || newestFirst.isEmpty()) {
      return List.of();
    }
    long newest = newestFirst.getFirst().meta.maxTime();
    return newestFirst.stream()
        .skip(1)
        .map(Sized::meta)
        .filter(meta -> newest - meta.maxTime() >= timeMillis)
        .toList();
  }

  private static List<BlockMeta> tooMuch(List<Sized> newestFirst, long otherBytes, long limit) {
    List<BlockMeta> found = new ArrayList<>();
    if (limit <= 0) {
      return found;
    }
    long sum = otherBytes;
    for (Sized block : newestFirst) {
      sum += block.bytes;
      if (sum > limit) {
        found.add(block.meta);
      }
    }
    return found;
  }
}
