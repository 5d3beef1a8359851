package io.narthex.server;

import io.narthex.base.flag.Flag;
import io.narthex.base.flag.Flags;
import io.narthex.base.log.Logging;
import io.narthex.model.duration.ByteSizes;
import io.narthex.model.duration.Durations;
import io.narthex.remote.write.MessageType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The flags of the role, in the order of the help. Those whose work is still to come are accepted
 * all the same, and {@link #tellWhatIsStillToCome} names the ones that were changed.
 */
final class PrometheusFlags {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusFlags.class);
  private static final Duration DEFAULT_RETENTION = Duration.ofDays(15);
  private static final Duration LONGEST_BLOCK = Duration.ofDays(31);
  private static final long MEBIBYTE = 1 << 20;
  private static final List<String> WRITE_MESSAGES =
      List.of(MessageType.V1.text(), MessageType.V2.text());

  private final Flags table = new Flags("prometheus", "The Prometheus monitoring server");
  private final List<Flag<?>> later = new ArrayList<>();

  final Flag<String> configFile =
      table.text("config.file", "prometheus.yml", "Prometheus configuration file path.");
  final Flag<Boolean> configAutoReload =
      table.bool(
          "config.auto-reload",
          false,
          "Enable automatic configuration file reloading. When enabled, Prometheus will"
              + " automatically reload its configuration file when it changes.");
  final Flag<Duration> configAutoReloadInterval =
      duration(
          "config.auto-reload-interval",
          "30s",
          "Specifies the interval for checking and automatically reloading the Prometheus"
              + " configuration file upon detecting changes.");
  final Flag<Boolean> configExpandValues =
      table.bool(
          "config.expand-values",
          false,
          "Fill ${env:NAME} and ${file:PATH} into any value of the configuration file; what is not"
              + " there is an error. An addition of Narthex.");
  final Flag<List<String>> listenAddresses =
      table.texts(
          "web.listen-address",
          List.of("0.0.0.0:9090"),
          "Address to listen on for API and telemetry. Can be repeated.");
  final Flag<Boolean> autoMaxProcs =
      table.bool(
          "auto-gomaxprocs",
          true,
          "Automatically set GOMAXPROCS to match Linux container CPU quota. The JVM does so by"
              + " itself.");
  final Flag<Boolean> autoMemLimit =
      table.bool(
          "auto-gomemlimit",
          true,
          "Automatically set GOMEMLIMIT to match Linux container or system memory limit. The"
              + " launcher sizes the heap that way.");
  final Flag<Double> autoMemLimitRatio =
      table.value(
          "auto-gomemlimit.ratio",
          "0.9",
          PrometheusFlags::number,
          "The ratio of reserved GOMEMLIMIT memory to the detected maximum container or system"
              + " memory.");
  final Flag<Duration> autoMemLimitRefresh =
      duration(
          "auto-gomemlimit.refresh-interval",
          "0s",
          "How often to look for a changed memory limit; 0 looks once.");
  final Flag<String> webConfigFile =
      table.text(
          "web.config.file",
          "",
          "[EXPERIMENTAL] Path to configuration file that can enable TLS or authentication.");
  final Flag<Duration> readTimeout =
      duration(
          "web.read-timeout",
          "5m",
          "Maximum duration before timing out read of the request, and closing idle connections.");
  final Flag<Long> maxConnections =
      table.value(
          "web.max-connections",
          "512",
          PrometheusFlags::integer,
          "Maximum number of simultaneous connections across all listeners.");
  final Flag<Long> maxSubscribers =
      later(
          table.value(
              "web.max-notifications-subscribers",
              "16",
              PrometheusFlags::integer,
              "Limits the maximum number of subscribers that can concurrently receive live"
                  + " notifications. If the limit is reached, new subscription requests will be"
                  + " denied until existing connections close."));
  final Flag<String> externalUrl =
      table
          .value(
              "web.external-url",
              "",
              text -> text,
              "The URL under which Prometheus is externally reachable (for example, if Prometheus"
                  + " is served via a reverse proxy). Used for generating relative and absolute"
                  + " links back to Prometheus itself. If the URL has a path portion, it will be"
                  + " used to prefix all HTTP endpoints served by Prometheus. If omitted, relevant"
                  + " URL components will be derived automatically.")
          .placeholder("<URL>");
  final Flag<String> routePrefix =
      table
          .value(
              "web.route-prefix",
              "",
              text -> text,
              "Prefix for the internal routes of web endpoints. Defaults to path of"
                  + " --web.external-url.")
          .placeholder("<path>");
  final Flag<String> userAssets =
      later(
          table
              .value(
                  "web.user-assets",
                  "",
                  text -> text,
                  "Path to static asset directory, available at /user.")
              .placeholder("<path>"));
  final Flag<Boolean> lifecycle =
      table.bool("web.enable-lifecycle", false, "Enable shutdown and reload via HTTP request.");
  final Flag<Boolean> adminApi =
      table.bool("web.enable-admin-api", false, "Enable API endpoints for admin control actions.");
  final Flag<Boolean> remoteWriteReceiver =
      table.bool(
          "web.enable-remote-write-receiver",
          false,
          "Enable API endpoint accepting remote write requests.");
  final Flag<List<String>> remoteWriteMessages =
      table.texts(
          "web.remote-write-receiver.accepted-protobuf-messages",
          WRITE_MESSAGES,
          "List of the remote write protobuf messages to accept when receiving the remote"
              + " writes. Supported values: prometheus.WriteRequest,"
              + " io.prometheus.write.v2.Request");
  final Flag<Boolean> otlpReceiver =
      later(
          table.bool(
              "web.enable-otlp-receiver",
              false,
              "Enable API endpoint accepting OTLP write requests."));
  final Flag<String> consoleTemplates =
      later(
          table.text(
              "web.console.templates",
              "consoles",
              "Path to the console template directory, available at /consoles."));
  final Flag<String> consoleLibraries =
      later(
          table.text(
              "web.console.libraries",
              "console_libraries",
              "Path to the console library directory."));
  final Flag<String> pageTitle =
      table.text(
          "web.page-title",
          "Prometheus Time Series Collection and Processing Server",
          "Document title of Prometheus instance.");
  final Flag<String> corsOrigin =
      table.text(
          "web.cors.origin",
          ".*",
          "Regex for CORS origin. It is fully anchored. Example:"
              + " 'https?://(domain1|domain2)\\.com'");

  final Flag<String> storagePath =
      table.text(
          "storage.tsdb.path",
          "data/",
          "Base path for metrics storage. Use with server mode only.");
  final Flag<Duration> retentionTime =
      duration(
          "storage.tsdb.retention.time",
          "",
          "How long to retain samples in storage. If neither this flag nor"
              + " \"storage.tsdb.retention.size\" is set, the retention time defaults to 15d. Units"
              + " Supported: y, w, d, h, m, s, ms. Use with server mode only.");
  final Flag<Long> retentionSize =
      size(
          "storage.tsdb.retention.size",
          "",
          "Maximum number of bytes that can be stored for blocks. A unit is required,"
              + " supported units: B, KB, MB, GB, TB, PB, EB. Ex: \"512MB\". Based on"
              + " powers-of-2, so 1KB is 1024B. Use with server mode only.");
  final Flag<Boolean> noLockFile =
      table.bool(
          "storage.tsdb.no-lockfile",
          false,
          "Do not create lockfile in data directory. Use with server mode only.");
  final Flag<Long> headChunksQueue =
      later(
          table.value(
              "storage.tsdb.head-chunks-write-queue-size",
              "0",
              PrometheusFlags::integer,
              "Size of the queue through which head chunks are written to the disk to be m-mapped,"
                  + " 0 disables the queue completely. Experimental. Use with server mode only."));
  final Flag<String> delayCompactFile =
      table.text(
          "storage.tsdb.delay-compact-file.path",
          "",
          "Path to a file with the uploaded blocks; blocks that it does not list are not"
              + " compacted. Use with server mode only.");

  final Flag<Duration> minBlockDuration =
      duration(
              "storage.tsdb.min-block-duration",
              "2h",
              "Minimum duration of a data block before being persisted. For use in testing.")
          .hidden();
  final Flag<Duration> maxBlockDuration =
      duration(
              "storage.tsdb.max-block-duration",
              "",
              "Maximum duration compacted blocks may span. For use in testing. (Defaults to 10% of"
                  + " the retention period.)")
          .hidden();
  final Flag<Long> maxChunkSegment =
      size(
              "storage.tsdb.max-block-chunk-segment-size",
              "",
              "The maximum size for a single chunk segment in a block. Example: 512MB")
          .hidden();
  final Flag<Long> walSegmentSize =
      size(
              "storage.tsdb.wal-segment-size",
              "",
              "Size at which to split the tsdb WAL segment files. Example: 100MB")
          .hidden();
  final Flag<Boolean> overlappingCompaction =
      table
          .bool(
              "storage.tsdb.allow-overlapping-compaction",
              true,
              "Allow compaction of overlapping blocks. If set to false, TSDB stops vertical"
                  + " compaction and leaves overlapping blocks there.")
          .hidden();
  final Flag<Boolean> walCompression =
      table.bool("storage.tsdb.wal-compression", true, "Compress the tsdb WAL.").hidden();
  final Flag<String> walCompressionType =
      table
          .choice(
              "storage.tsdb.wal-compression-type",
              "snappy",
              List.of("snappy", "zstd"),
              "Compression algorithm for the tsdb WAL.")
          .hidden();
  final Flag<Long> samplesPerChunk =
      table
          .value(
              "storage.tsdb.samples-per-chunk",
              "120",
              PrometheusFlags::integer,
              "Target number of samples per chunk.")
          .hidden();
  final Flag<Long> delayedCompactionPercent =
      table
          .value(
              "storage.tsdb.delayed-compaction.max-percent",
              "10",
              PrometheusFlags::integer,
              "Sets the upper limit for the random compaction delay, specified as a percentage"
                  + " of the head chunk range.")
          .hidden();
  final Flag<Duration> blockReloadInterval =
      later(
          duration(
                  "storage.tsdb.block-reload-interval",
                  "1m",
                  "How often to look for new or removed blocks.")
              .hidden());

  final Flag<String> agentPath =
      table.text(
          "storage.agent.path",
          "data-agent/",
          "Base path for metrics storage. Use with agent mode only.");
  final Flag<Boolean> agentWalCompression =
      table.bool(
          "storage.agent.wal-compression",
          true,
          "Compress the agent WAL. Use with agent mode only.");
  final Flag<Duration> agentMinTime =
      duration(
          "storage.agent.retention.min-time",
          "",
          "Minimum age samples may be before being considered for deletion when the WAL is"
              + " truncated. Use with agent mode only.");
  final Flag<Duration> agentMaxTime =
      duration(
          "storage.agent.retention.max-time",
          "",
          "Maximum age samples may be before being forcibly deleted when the WAL is truncated. Use"
              + " with agent mode only.");
  final Flag<Boolean> agentNoLockfile =
      table.bool(
          "storage.agent.no-lockfile",
          false,
          "Do not create lockfile in data directory. Use with agent mode only.");
  final Flag<Boolean> agentCheckpoint =
      table.bool(
          "storage.agent.checkpoint-from-in-memory-series",
          false,
          "Make checkpoints from the series in memory. Use with agent mode only.");
  final Flag<Long> agentCheckpointBatch =
      table.value(
          "storage.agent.checkpoint-batch-size",
          "1000",
          PrometheusFlags::integer,
          "How many series are written to a checkpoint at once. Use with agent mode only.");
  final Flag<Long> agentWalSegmentSize =
      size(
              "storage.agent.wal-segment-size",
              "",
              "Size at which to split WAL segment files. Example: 100MB")
          .hidden();
  final Flag<String> agentWalCompressionType =
      table
          .choice(
              "storage.agent.wal-compression-type",
              "snappy",
              List.of("snappy", "zstd"),
              "Compression algorithm for the agent WAL.")
          .hidden();
  final Flag<Duration> agentTruncateFrequency =
      duration(
              "storage.agent.wal-truncate-frequency",
              "",
              "The frequency at which to truncate the WAL and remove old data.")
          .hidden();

  final Flag<Duration> remoteFlushDeadline =
      later(
          duration(
                  "storage.remote.flush-deadline",
                  "1m",
                  "How long to wait flushing sample on shutdown or config reload.")
              .placeholder("<duration>"));
  final Flag<Long> remoteReadSampleLimit =
      later(
          table.value(
              "storage.remote.read-sample-limit",
              "5e7",
              text -> (long) number(text),
              "Maximum overall number of samples to return via the remote read interface, in a"
                  + " single query. 0 means no limit. This limit is ignored for streamed response"
                  + " types. Use with server mode only."));
  final Flag<Long> remoteReadConcurrent =
      later(
          table.value(
              "storage.remote.read-concurrent-limit",
              "10",
              PrometheusFlags::integer,
              "Maximum number of concurrent remote read calls. 0 means no limit. Use with server"
                  + " mode only."));
  final Flag<Long> remoteReadFrame =
      later(
          table.value(
              "storage.remote.read-max-bytes-in-frame",
              "1048576",
              PrometheusFlags::integer,
              "Maximum number of bytes in a single frame for streaming remote read response types"
                  + " before marshalling. Note that client might have limit on frame size as well."
                  + " 1MB as recommended by protobuf by default. Use with server mode only."));
  final Flag<Long> searchMaxLimit =
      table.value(
          "web.search.max-limit",
          "10000",
          PrometheusFlags::integer,
          "Maximum number of results of the search API, 0 disables it. Use with server mode only.");
  final Flag<Duration> outageTolerance =
      later(
          duration(
              "rules.alert.for-outage-tolerance",
              "1h",
              "Max time to tolerate prometheus outage for restoring \"for\" state of alert. Use"
                  + " with server mode only."));
  final Flag<Duration> gracePeriod =
      later(
          duration(
              "rules.alert.for-grace-period",
              "10m",
              "Minimum duration between alert and restored \"for\" state. This is maintained only"
                  + " for alerts with configured \"for\" time greater than grace period. Use with"
                  + " server mode only."));
  final Flag<Duration> resendDelay =
      later(
          duration(
              "rules.alert.resend-delay",
              "1m",
              "Minimum amount of time to wait before resending an alert to Alertmanager. Use with"
                  + " server mode only."));
  final Flag<Long> concurrentEvals =
      later(
          table.value(
              "rules.max-concurrent-evals",
              "4",
              Long::valueOf,
              "Global concurrency limit for independent rules that can run concurrently. When set,"
                  + " \"query.max-concurrency\" may need to be adjusted accordingly. Use with"
                  + " server mode only."));
  final Flag<Boolean> staleOnShutdown =
      table.bool(
          "scrape.stale-on-shutdown",
          false,
          "End all scraped series with stale markers when the server stops in order, so that"
              + " nothing is shown of them until they are scraped again. Prometheus does not, and"
              + " neither does Narthex without this flag. [NARTHEX]");
  final Flag<Long> maxHeadSeries =
      table.value(
          "storage.tsdb.max-head-series",
          "0",
          PrometheusFlags::count,
          "The most series the head may have; new ones beyond are dropped, counted by"
              + " narthex_tsdb_head_series_refused_total and named in the log. 0 for any number."
              + " Prometheus has no such limit. [NARTHEX]");
  final Flag<Long> headImageSamples =
      table.value(
          "storage.tsdb.head-image-samples",
          "2000000",
          PrometheusFlags::count,
          "Write an image of the head's open chunks, from which the next start goes on, when it"
              + " would have to read so many samples of the log otherwise, and 32 of each series."
              + " 0 for none: the next start reads the whole log, as Prometheus does. [NARTHEX]");
  final Flag<Boolean> adjustTimestamps =
      table
          .bool(
              "scrape.adjust-timestamps",
              true,
              "Adjust scrape timestamps by up to `scrape.timestamp-tolerance` to align them to the"
                  + " intended schedule.")
          .hidden();
  final Flag<Duration> timestampTolerance =
      duration(
              "scrape.timestamp-tolerance",
              "2ms",
              "Timestamp tolerance. See `scrape.adjust-timestamps` for details.")
          .hidden();
  final Flag<Duration> discoveryInterval =
      duration(
              "scrape.discovery-reload-interval",
              "5s",
              "Interval used by scrape manager to throttle target groups updates.")
          .hidden();
  final Flag<Long> notificationCapacity =
      later(
          table.value(
              "alertmanager.notification-queue-capacity",
              "10000",
              PrometheusFlags::integer,
              "The capacity of the queue for pending Alertmanager notifications. Use with server"
                  + " mode only."));
  final Flag<Long> notificationBatch =
      later(
          table.value(
              "alertmanager.notification-batch-size",
              "256",
              PrometheusFlags::integer,
              "The maximum number of notifications per batch to send to the Alertmanager. Use with"
                  + " server mode only."));
  final Flag<Boolean> notificationDrain =
      later(
          table.bool(
              "alertmanager.drain-notification-queue-on-shutdown",
              true,
              "Send any outstanding Alertmanager notifications when shutting down. If false, any"
                  + " outstanding Alertmanager notifications will be dropped when shutting down."
                  + " Use with server mode only."));
  final Flag<Duration> lookback =
      duration(
          "query.lookback-delta",
          "5m",
          "The maximum lookback duration for retrieving metrics during expression evaluations and"
              + " federation. Use with server mode only.");
  final Flag<Duration> queryTimeout =
      duration(
          "query.timeout",
          "2m",
          "Maximum time a query may take before being aborted. Use with server mode only.");
  final Flag<Long> queryConcurrency =
      table.value(
          "query.max-concurrency",
          "20",
          PrometheusFlags::integer,
          "Maximum number of queries executed concurrently. Use with server mode only.");
  final Flag<Long> queryMaxSamples =
      table.value(
          "query.max-samples",
          "50000000",
          text -> (long) number(text),
          "Maximum number of samples a single query can load into memory. Note that queries will"
              + " fail if they try to load more samples than this into memory, so this also limits"
              + " the number of samples a query can return. Use with server mode only.");
  final Flag<Long> queryMaxMemory =
      size(
          "query.max-memory",
          "",
          "Maximum memory a single query may hold, as far as it grows with the data, as 512MB or"
              + " 2GB. Absent or 0: as much as is left of query.max-memory-total. An addition of"
              + " Narthex. Use with server mode only.");
  final Flag<Long> queryMaxMemoryTotal =
      size(
          "query.max-memory-total",
          ByteSizes.print(Runtime.getRuntime().maxMemory() / 5 * 4 / MEBIBYTE * MEBIBYTE),
          "Maximum memory all running queries may hold together, with the room that the collector"
              + " needs for it; a query that would go beyond it ends with an error. 0 for no limit."
              + " By default four fifths of the heap, which is sized by the machine; where it is"
              + " given, the heap is no larger than it needs to be. An addition of Narthex. Use with"
              + " server mode only.");
  private final Flag<List<String>> featureNames =
      table
          .texts(
              "enable-feature",
              List.of(),
              "Comma separated feature names to enable. See"
                  + " https://prometheus.io/docs/prometheus/latest/feature_flags/ for more details.")
          .placeholder("...");
  final Flag<Boolean> agent = table.bool("agent", false, "Run Prometheus in 'Agent mode'.");
  final Flag<Logging.Threshold> logLevel =
      table
          .value(
              "log.level",
              "info",
              PrometheusFlags::level,
              "Only log messages with the given severity or above. One of: [debug, info, warn,"
                  + " error]")
          .printed(level -> level.name().toLowerCase(Locale.ROOT));
  final Flag<Logging.Format> logFormat =
      table
          .value(
              "log.format",
              "logfmt",
              PrometheusFlags::format,
              "Output format of log messages. One of: [logfmt, json]")
          .printed(format -> format.name().toLowerCase(Locale.ROOT));

  final Flag<Boolean> writeDocumentation =
      table
          .bool("write-documentation", false, "Generate command line documentation. Internal use.")
          .hidden();

  private <T> Flag<T> later(Flag<T> flag) {
    later.add(flag);
    return flag;
  }

  /** The table itself. */
  Flags table() {
    return table;
  }

  /** The features that are asked for. */
  FeatureFlags features() {
    return new FeatureFlags(featureNames.value());
  }

  /** Says in the log, once each, what was changed and has no effect yet. */
  void tellWhatIsStillToCome() {
    for (Flag<?> flag : later) {
      if (flag.isChanged()) {
        LOG.atWarn()
            .addKeyValue("flag", "--" + flag.name())
            .log("This flag is accepted, but has no effect yet");
      }
    }
    if (remoteWriteReceiver.value() && writeMessages().contains(MessageType.V2)) {
      LOG.atWarn()
          .addKeyValue("message", MessageType.V2.text())
          .log("Remote write 2.0 is not received yet: senders are told to use 1.0");
    }
    features().tell();
  }

  /** The messages that may be written remotely; the names have been checked. */
  List<MessageType> writeMessages() {
    return remoteWriteMessages.value().stream().map(MessageType::of).toList();
  }

  /** Fills in the flags that follow from others, as the status page shows them. */
  void derive() {
    if (retentionTime.value().isZero() && retentionSize.value() == 0) {
      retentionTime.assume(DEFAULT_RETENTION);
      LOG.atInfo()
          .addKeyValue("duration", Durations.print(DEFAULT_RETENTION))
          .log("No time or size retention was set so using the default time retention");
    }
    if (maxBlockDuration.value().isZero()) {
      // Duration.dividedBy makes the JDK fill the tables of BigDecimal, 16 ms of a start.
      Duration tenth = Duration.ofMillis(retentionTime.value().toMillis() / 10);
      boolean limited = tenth.isPositive() && tenth.compareTo(LONGEST_BLOCK) < 0;
      maxBlockDuration.assume(limited ? tenth : LONGEST_BLOCK);
    }
    routePrefix.assume("/" + stripped(prefix()));
    if (maxBlockDuration.value().compareTo(minBlockDuration.value()) < 0) {
      maxBlockDuration.assume(minBlockDuration.value());
    }
  }

  private String prefix() {
    return routePrefix.value().isEmpty()
        ? ExternalAddress.of(externalUrl.value(), 0).path()
        : routePrefix.value();
  }

  private static String stripped(String path) {
    return path.replaceAll("^/+|/+$", "");
  }

  private Flag<Duration> duration(String name, String absent, String help) {
    return table
        .value(name, absent, text -> text.isEmpty() ? Duration.ZERO : Durations.parse(text), help)
        .printed(Durations::print);
  }

  private Flag<Long> size(String name, String absent, String help) {
    return table
        .value(name, absent, text -> text.isEmpty() ? 0L : ByteSizes.parse(text), help)
        .printed(ByteSizes::print);
  }

  private static long integer(String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "strconv.ParseInt: parsing \"" + text + "\": invalid syntax", e);
    }
  }

  /** A number that something can be counted up to; 0 for no limit. */
  private static long count(String text) {
    long number = integer(text);
    if (number < 0 || number > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is not a number from 0 to " + Integer.MAX_VALUE);
    }
    return number;
  }

  private static double number(String text) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "strconv.ParseFloat: parsing \"" + text + "\": invalid syntax", e);
    }
  }

  private static Logging.Threshold level(String text) {
    return switch (text) {
      case "debug" -> Logging.Threshold.DEBUG;
      case "info" -> Logging.Threshold.INFO;
      case "warn" -> Logging.Threshold.WARN;
      case "error" -> Logging.Threshold.ERROR;
      default -> throw new IllegalArgumentException("unrecognized log level " + text);
    };
  }

  private static Logging.Format format(String text) {
    return switch (text) {
      case "logfmt" -> Logging.Format.LOGFMT;
      case "json" -> Logging.Format.JSON;
      default -> throw new IllegalArgumentException("unrecognized log format " + text);
    };
  }

  /** The flags of the other mode that were given, as on the command line. */
  List<String> givenOfOtherMode() {
    List<String> given = new ArrayList<>();
    for (Flag<?> flag : table.all()) {
      boolean ofAgent = flag.name().startsWith("storage.agent.");
      boolean ofServer = flag.help().contains("Use with server mode only");
      if (flag.isGiven() && (agent.value() ? ofServer : ofAgent)) {
        given.add("\"--" + flag.name() + "\"");
      }
    }
    return given;
  }
}
