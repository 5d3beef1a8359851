package io.narthex.tsdb;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of the blocks of a database; {@link #DEFAULT} as in Prometheus.
 *
 * @param maxMillis the longest time that a block made of others spans; 0 for a tenth of the
 *     retention time and at most 31 days
 * @param vertical whether blocks that overlap are merged
 * @param chunkFileBytes the greatest size of a block's chunk file, at least 1 MiB
 * @param retentionBytes the most bytes that blocks, logs and head chunks may have together, 0 for
 *     any number
 * @param retentionPercentage the same as a percentage of the file system's size; where it is not 0
 *     it takes the place of the bytes
 * @param delayPercent how late the head may be made a block, in percent of a block's time: so many
 *     servers that were started together do not do it together; 0 for at once
 * @param uploads the file in which a Thanos shipper notes what it has uploaded; blocks that it
 *     still has to upload are not compacted
 */
public record BlockOptions(
    long maxMillis,
    boolean vertical,
    long chunkFileBytes,
    long retentionBytes,
    double retentionPercentage,
    int delayPercent,
    @Nullable Path uploads) {

  private static final long LONGEST_MILLIS = 31L * 24 * 60 * 60 * 1000;

  /** Everything by the time range and retention of the database; chunk files of 512 MiB. */
  public static final BlockOptions DEFAULT = new BlockOptions(0, true, 512L << 20, 0, 0, 0, null);

  public BlockOptions {
    if (maxMillis < 0) {
      throw new IllegalArgumentException("negative maximum range of a block " + maxMillis + "ms");
    }
    if (chunkFileBytes < 1 << 20) {
      throw new IllegalArgumentException(
          "the size of a chunk file must be at least 1 MiB, is " + chunkFileBytes + " bytes");
    }
    if (delayPercent < 0) {
      throw new IllegalArgumentException("negative delay " + delayPercent + "%");
    }
  }

  /** The longest time of a block, given the shortest and the retention (0 for ever). */
  long longest(long minMillis, long retentionMillis) {
    long tenth = retentionMillis == 0 ? LONGEST_MILLIS : retentionMillis / 10;
    long longest = maxMillis == 0 ? Math.min(LONGEST_MILLIS, tenth) : maxMillis;
    return Math.max(minMillis, longest);
  }

  public BlockOptions withMaxMillis(long millis) {
    return new BlockOptions(
        millis,
        vertical,
        chunkFileBytes,
        retentionBytes,
        retentionPercentage,
        delayPercent,
        uploads);
  }

  public BlockOptions withVertical(boolean merged) {
    return new BlockOptions(
        maxMillis,
        merged,
        chunkFileBytes,
        retentionBytes,
        retentionPercentage,
        delayPercent,
        uploads);
  }

  public BlockOptions withChunkFileBytes(long bytes) {
    return new BlockOptions(
        maxMillis, vertical, bytes, retentionBytes, retentionPercentage, delayPercent, uploads);
  }

  public BlockOptions withRetentionBytes(long bytes) {
    return new BlockOptions(
        maxMillis, vertical, chunkFileBytes, bytes, retentionPercentage, delayPercent, uploads);
  }

  public BlockOptions withRetentionPercentage(double percentage) {
    return new BlockOptions(
        maxMillis, vertical, chunkFileBytes, retentionBytes, percentage, delayPercent, uploads);
  }

  public BlockOptions withDelayPercent(int percent) {
    return new BlockOptions(
        maxMillis, vertical, chunkFileBytes, retentionBytes, retentionPercentage, percent, uploads);
  }

  public BlockOptions withUploads(@Nullable Path file) {
    return new BlockOptions(
        maxMillis,
        vertical,
        chunkFileBytes,
        retentionBytes,
        retentionPercentage,
        delayPercent,
        file);
  }
}
