package io.narthex.tsdb;

import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCompression;

/**
 * How a database behaves; {@link #DEFAULT} as Prometheus does.
 *
 * @param minBlockMillis the time range of the blocks that are cut from the head, at least 1 s
 * @param retentionMillis blocks that end so long before the newest are deleted, 0 to keep all
 * @param samplesPerChunk how many samples a chunk is meant to hold
 * @param walCompression how records of the log are compressed
 * @param walSegmentBytes the size of a segment, a multiple of 32 KiB
 * @param lockFile whether the directory is locked against other processes
 * @param maxSeries the most series the head takes, 0 for no limit
 * @param blocks what becomes of blocks
 * @param forms how samples are written
 * @param checkMemory whether off-heap memory is checked and poisoned, for tests
 */
public record DatabaseOptions(
    long minBlockMillis,
    long retentionMillis,
    int samplesPerChunk,
    WalCompression walCompression,
    int walSegmentBytes,
    boolean lockFile,
    int maxSeries,
    BlockOptions blocks,
    SampleForms forms,
    boolean checkMemory) {

  private static final long HOUR = 60 * 60 * 1000L;

  /** Two hours, 15 days, 120 samples, snappy. */
  public static final DatabaseOptions DEFAULT =
      new DatabaseOptions(
          2 * HOUR,
          15 * 24 * HOUR,
          120,
          WalCompression.SNAPPY,
          Wal.SEGMENT_BYTES,
          true,
          0,
          BlockOptions.DEFAULT,
          SampleForms.DEFAULT,
          false);

  public DatabaseOptions {
    if (minBlockMillis < 1000) {
      throw new IllegalArgumentException(
          "the range of a block must be at least 1s, is " + minBlockMillis + "ms");
    }
    if (retentionMillis < 0) {
      throw new IllegalArgumentException("negative retention " + retentionMillis + "ms");
    }
  }

  public DatabaseOptions withMinBlockMillis(long millis) {
    return new DatabaseOptions(
        millis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withRetentionMillis(long millis) {
    return new DatabaseOptions(
        minBlockMillis,
        millis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withSamplesPerChunk(int samples) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samples,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withWal(WalCompression compression, int segmentBytes) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        compression,
        segmentBytes,
        lockFile,
        maxSeries,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withLockFile(boolean lock) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lock,
        maxSeries,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withMaxSeries(int series) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        series,
        blocks,
        forms,
        checkMemory);
  }

  public DatabaseOptions withBlocks(BlockOptions options) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        options,
        forms,
        checkMemory);
  }

  public DatabaseOptions withForms(SampleForms ofSamples) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        blocks,
        ofSamples,
        checkMemory);
  }

  public DatabaseOptions withCheckMemory(boolean check) {
    return new DatabaseOptions(
        minBlockMillis,
        retentionMillis,
        samplesPerChunk,
        walCompression,
        walSegmentBytes,
        lockFile,
        maxSeries,
        blocks,
        forms,
        check);
  }
}
