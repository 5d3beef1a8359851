package io.narthex.server;

import io.narthex.model.duration.ByteSizes;
import io.narthex.model.duration.Durations;
import io.narthex.server.config.Configuration;
import io.narthex.server.config.StorageConfig;
import io.narthex.storage.StorageException;
import io.narthex.tsdb.BlockOptions;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.chunk.SampleForms;
import io.narthex.tsdb.compact.Retention;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCompression;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What flags and configuration say of the database. */
record DatabaseSettings(DatabaseOptions options) {

  private static final Duration DEFAULT_RETENTION = Duration.ofDays(15);

  /** What arrays of this program can hold; some 100 GB. */
  private static final int MOST_EXEMPLARS = 1 << 30;

  /**
   * @throws StorageException if flags and configuration contradict each other
   */
  static DatabaseSettings of(PrometheusFlags flags, Configuration configuration) {
    Retention retention = retention(flags, configuration.storage());
    int segment = Math.toIntExact(flags.walSegmentSize.value());
    String uploads = flags.delayCompactFile.value();
    boolean delayed = flags.features().has("delayed-compaction");
    long chunkFile = flags.maxChunkSegment.value();
    BlockOptions blocks =
        BlockOptions.DEFAULT
            .withMaxMillis(flags.maxBlockDuration.value().toMillis())
            .withVertical(flags.overlappingCompaction.value())
            .withRetentionBytes(retention.bytes())
            .withRetentionPercentage(retention.percentage())
            .withDelayPercent(delayed ? Math.toIntExact(flags.delayedCompactionPercent.value()) : 0)
            .withUploads(uploads.isEmpty() ? null : Path.of(uploads));
    SampleForms forms;
    try {
      forms = forms(flags, configuration.storage());
    } catch (IllegalArgumentException e) {
      throw new StorageException(String.valueOf(e.getMessage()), e);
    }
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(flags.minBlockDuration.value().toMillis())
            .withRetentionMillis(retention.timeMillis())
            .withSamplesPerChunk(Math.toIntExact(flags.samplesPerChunk.value()))
            .withMaxSeries(Math.toIntExact(flags.maxHeadSeries.value()))
            .withLockFile(!flags.noLockFile.value())
            .withForms(forms)
            .withWal(compression(flags), segment == 0 ? Wal.SEGMENT_BYTES : segment)
            .withBlocks(chunkFile == 0 ? blocks : blocks.withChunkFileBytes(chunkFile));
    return new DatabaseSettings(options);
  }

  /**
   * How samples are written.
   *
   * @throws IllegalArgumentException if start timestamps are to be stored in chunks that have no
   *     place for them
   */
  static SampleForms forms(PrometheusFlags flags, StorageConfig storage) {
    boolean starts = flags.features().has("st-storage");
    boolean xor2 =
        storage.floatEncoding().isEmpty()
            ? flags.features().has("xor2-encoding")
            : storage.floatEncoding().equals("xor2");
    if (starts && !xor2) {
      throw new IllegalArgumentException(
          "--enable-feature=st-storage needs chunks that hold start timestamps: set"
              + " 'storage.tsdb.chunk_encoding.floats' to 'xor2'");
    }
    return new SampleForms(starts, xor2, flags.features().has("histograms-st-encoding"));
  }

  /** How many exemplars are kept: what the configuration says, if they are asked for at all. */
  static int exemplars(PrometheusFlags flags, StorageConfig storage) {
    return flags.features().has("exemplar-storage")
        ? Math.toIntExact(Math.clamp(storage.maxExemplars(), 0, MOST_EXEMPLARS))
        : 0;
  }

  /** How much is kept: what the configuration says, else the flags; 15 days if neither does. */
  static Retention retention(PrometheusFlags flags, StorageConfig storage) {
    Duration time = storage.retentionTime();
    if (time.isZero() && flags.retentionTime.isGiven()) {
      time = flags.retentionTime.value();
    }
    long bytes = storage.retentionSize();
    if (bytes == 0) {
      bytes = flags.retentionSize.value();
    }
    if (time.isZero() && bytes == 0 && storage.retentionPercentage() == 0) {
      time = DEFAULT_RETENTION;
    }
    return new Retention(time.toMillis(), bytes, storage.retentionPercentage());
  }

  /** How much is kept, as the status page shows it. */
  static String text(Retention retention) {
    List<String> limits = new ArrayList<>();
    if (retention.timeMillis() > 0) {
      limits.add(Durations.print(Duration.ofMillis(retention.timeMillis())));
    }
    if (retention.percentage() > 0) {
      limits.add(
          BigDecimal.valueOf(retention.percentage()).stripTrailingZeros().toPlainString() + "%");
    } else if (retention.bytes() > 0) {
      limits.add(ByteSizes.print(retention.bytes()));
    }
    return String.join(" or ", limits);
  }

  private static WalCompression compression(PrometheusFlags flags) {
    if (!flags.walCompression.value()) {
      return WalCompression.NONE;
    }
    return switch (flags.walCompressionType.value()) {
      case "zstd" -> WalCompression.ZSTD;
      default -> WalCompression.SNAPPY;
    };
  }
}
