package io.narthex.server;

import io.narthex.server.config.Configuration;
import io.narthex.tsdb.DatabaseOptions;
import io.narthex.tsdb.wal.Wal;
import io.narthex.tsdb.wal.WalCompression;
import java.time.Duration;

/**
 * What flags and configuration say of the database.
 *
 * @param retention how long samples are kept
 */
record DatabaseSettings(DatabaseOptions options, Duration retention) {

  private static final Duration DEFAULT_RETENTION = Duration.ofDays(15);

  static DatabaseSettings of(PrometheusFlags flags, Configuration configuration) {
    Duration retention = configuration.storage().retentionTime();
    if (retention.isZero()) {
      retention = flags.retentionTime.value();
    }
    if (retention.isZero()) {
      retention = DEFAULT_RETENTION;
    }
    int segment = Math.toIntExact(flags.walSegmentSize.value());
    DatabaseOptions options =
        DatabaseOptions.DEFAULT
            .withMinBlockMillis(flags.minBlockDuration.value().toMillis())
            .withRetentionMillis(retention.toMillis())
            .withSamplesPerChunk(Math.toIntExact(flags.samplesPerChunk.value()))
            .withLockFile(!flags.noLockFile.value())
            .withWal(compression(flags), segment == 0 ? Wal.SEGMENT_BYTES : segment);
    return new DatabaseSettings(options, retention);
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
