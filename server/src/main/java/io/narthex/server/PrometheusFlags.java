package io.narthex.server;

import io.narthex.base.flag.Flag;
import io.narthex.base.flag.Flags;
import io.narthex.model.duration.ByteSizes;
import io.narthex.model.duration.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The command line of Prometheus: every flag it has, visible and hidden, with its default. */
final class PrometheusFlags {

  private static final Logger LOG = LoggerFactory.getLogger(PrometheusFlags.class);

  /** Feature names that change something here already. */
  private static final Set<String> FEATURES =
      Set.of(
          "promql-experimental-functions",
          "promql-delayed-name-removal",
          "promql-per-step-stats",
          "promql-extended-range-selectors",
          "promql-binop-fill-modifiers",
          "extra-scrape-metrics");

  /** Names that upstream knows and that change nothing there either. */
  private static final Set<String> FEATURES_BY_DEFAULT =
      Set.of("promql-duration-expr", "native-histograms", "ooo-native-histograms", "old-ui");

  /** Names that upstream knows and whose work is still to come here. */
  private static final Set<String> FEATURES_LATER =
      Set.of(
          "concurrent-rule-eval",
          "created-timestamp-zero-ingestion",
          "delayed-compaction",
          "exemplar-storage",
          "fast-startup",
          "histograms-st-encoding",
          "memory-snapshot-on-shutdown",
          "metadata-wal-records",
          "otlp-deltatocumulative",
          "otlp-native-delta-ingestion",
          "search-api",
          "st-storage",
          "st-synthesis",
          "type-and-unit-labels",
          "use-start-timestamps",
          "use-uncached-io",
          "xor2-encoding",
          "auto-reload-config");

  private final Flags flags = new Flags("prometheus", "The Prometheus monitoring server");
  private final List<Flag<?>> later = new ArrayList<>();

  final Flag<String> configFile =
      flags.text("config.file", "prometheus.yml", "Prometheus configuration file path.");
  final Flag<List<String>> listenAddresses =
      flags.texts(
          "web.listen-address",
          List.of("0.0.0.0:9090"),
          "Address to listen on for UI, API, and telemetry. Can be repeated.");
  final Flag<Duration> readTimeout =
      duration(
          "web.read-timeout",
          "5m",
          "Maximum duration before timing out read of the request, and closing idle connections.");
  final Flag<Long> maxConnections =
      number(
          "web.max-connections",
          "512",
          "Maximum number of simultaneous connections across all listeners.");
  final Flag<String> externalUrl =
      flags.text(
          "web.external-url",
          "",
          "The URL under which Prometheus is externally reachable (for example, if Prometheus is"
              + " served via a reverse proxy). Used for generating relative and absolute links back"
              + " to Prometheus itself. If the URL has a path portion, it will be used to prefix"
              + " all HTTP endpoints served by Prometheus. If omitted, relevant URL components will"
              + " be derived automatically.");
  final Flag<String> routePrefix =
      flags.text(
          "web.route-prefix",
          "",
          "Prefix for the internal routes of web endpoints. Defaults to path of"
              + " --web.external-url.");
  final Flag<Boolean> lifecycle =
      flags.bool("web.enable-lifecycle", false, "Enable shutdown and reload via HTTP request.");
  final Flag<Boolean> adminApi =
      flags.bool("web.enable-admin-api", false, "Enable API endpoints for admin control actions.");
  final Flag<String> pageTitle =
      flags.text(
          "web.page-title",
          "Prometheus Time Series Collection and Processing Server",
          "Document title of Prometheus instance.");
  final Flag<String> corsOrigin =
      flags.text(
          "web.cors.origin",
          ".*",
          "Regex for CORS origin. It is fully anchored. Example:"
              + " 'https?://(domain1|domain2)\\.com'");
  final Flag<String> storagePath =
      flags.text("storage.tsdb.path", "data/", "Base path for metrics storage.");
  final Flag<Duration> retentionTime =
      duration(
          "storage.tsdb.retention.time",
          "0s",
          "How long to retain samples in storage. If neither this flag nor the configuration says"
              + " otherwise, 15d. Units Supported: y, w, d, h, m, s, ms.");
  final Flag<Boolean> noLockFile =
      flags.bool("storage.tsdb.no-lockfile", false, "Do not create lockfile in data directory.");
  final Flag<Duration> minBlockDuration =
      duration(
          "storage.tsdb.min-block-duration",
          "2h",
          "Minimum duration of a data block before being persisted. For use in testing.");
  final Flag<Long> walSegmentSize =
      bytes(
          "storage.tsdb.wal-segment-size",
          "0B",
          "Size at which to split the tsdb WAL segment files. Example: 100MB");
  final Flag<Boolean> walCompression =
      flags.bool("storage.tsdb.wal-compression", true, "Compress the tsdb WAL.");
  final Flag<String> walCompressionType =
      flags.choice(
          "storage.tsdb.wal-compression-type",
          "snappy",
          List.of("snappy", "zstd"),
          "Compression algorithm for the tsdb WAL.");
  final Flag<Long> samplesPerChunk =
      number("storage.tsdb.samples-per-chunk", "120", "Target number of samples per chunk.");
  final Flag<Duration> lookback =
      duration(
          "query.lookback-delta",
          "5m",
          "The maximum lookback duration for retrieving metrics during expression evaluations and"
              + " federation.");
  final Flag<Duration> queryTimeout =
      duration("query.timeout", "2m", "Maximum time a query may take before being aborted.");
  final Flag<Long> queryConcurrency =
      number("query.max-concurrency", "20", "Maximum number of queries executed concurrently.");
  final Flag<Long> queryMaxSamples =
      number(
          "query.max-samples",
          "50000000",
          "Maximum number of samples a single query can load into memory. Note that queries will"
              + " fail if they try to load more samples than this into memory, so this also limits"
              + " the number of samples a query can return.");
  final Flag<Boolean> adjustTimestamps =
      flags.bool(
          "scrape.adjust-timestamps",
          true,
          "Adjust scrape timestamps by up to scrape.timestamp-tolerance to align them to the"
              + " intended schedule.");
  final Flag<Duration> timestampTolerance =
      duration("scrape.timestamp-tolerance", "2ms", "Timestamp tolerance.");
  final Flag<Duration> discoveryInterval =
      duration(
          "scrape.discovery-reload-interval",
          "5s",
          "Interval used by scrape manager to throttle target groups updates.");
  final Flag<List<String>> features =
      flags.texts(
          "enable-feature",
          List.of(),
          "Comma separated feature names to enable. See the documentation of Prometheus for their"
              + " meaning.");
  final Flag<String> logLevel =
      flags.choice(
          "log.level",
          "info",
          List.of("debug", "info", "warn", "error"),
          "Only log messages with the given severity or above.");
  final Flag<String> logFormat =
      flags.choice(
          "log.format", "logfmt", List.of("logfmt", "json"), "Output format of log messages.");
  final Flag<Boolean> agent = flags.bool("agent", false, "Run Prometheus in 'Agent mode'.");

  PrometheusFlags() {
    hidden(minBlockDuration, walSegmentSize, walCompression, walCompressionType, samplesPerChunk);
    hidden(adjustTimestamps, timestampTolerance, discoveryInterval);
    declareLater();
  }

  private static void hidden(Flag<?>... all) {
    for (Flag<?> flag : all) {
      flag.hidden();
    }
  }

  /** The flags whose work is still to come: they are read, and told of when they are set. */
  private void declareLater() {
    later(flags.bool("config.auto-reload", false, "Reload the configuration when it changes."));
    later(duration("config.auto-reload-interval", "30s", "How often to look for changes."));
    flags.bool("auto-gomaxprocs", true, "Accepted; the JVM sees to its processors itself.");
    flags.bool("auto-gomemlimit", true, "Accepted; the launcher sees to the memory.");
    ratio("auto-gomemlimit.ratio", "0.9", "Accepted; the launcher sees to the memory.");
    duration("auto-gomemlimit.refresh-interval", "0s", "Accepted, without effect on a JVM.");
    later(flags.text("web.config.file", "", "File with TLS and authentication settings."));
    later(
        number(
            "web.max-notifications-subscribers",
            "16",
            "Limits the maximum number of subscribers that can concurrently receive live"
                + " notifications."));
    later(flags.text("web.user-assets", "", "Path to static asset directory, available at /user."));
    later(
        flags.bool(
            "web.enable-remote-write-receiver",
            false,
            "Enable API endpoint accepting remote write requests."));
    later(
        flags.texts(
            "web.remote-write-receiver.accepted-protobuf-messages",
            List.of("prometheus.WriteRequest", "io.prometheus.write.v2.Request"),
            "List of the remote write protobuf messages to accept when receiving the remote"
                + " writes."));
    later(
        flags.bool(
            "web.enable-otlp-receiver",
            false,
            "Enable API endpoint accepting OTLP write requests."));
    flags.text("web.console.templates", "consoles", "Path to the console template directory.");
    flags.text(
        "web.console.libraries", "console_libraries", "Path to the console library directory.");
    later(
        bytes(
            "storage.tsdb.retention.size",
            "0B",
            "Maximum number of bytes that can be stored for blocks."));
    later(
        number(
            "storage.tsdb.head-chunks-write-queue-size",
            "0",
            "Size of the queue through which head chunks are written to the disk."));
    later(
        flags.text(
            "storage.tsdb.delay-compact-file.path",
            "",
            "Path to a JSON file with uploaded TSDB blocks."));
    later(
        number(
            "storage.remote.read-sample-limit",
            "50000000",
            "Maximum overall number of samples to return via the remote read interface."));
    later(
        number(
            "storage.remote.read-concurrent-limit",
            "10",
            "Maximum number of concurrent remote read calls."));
    later(
        number(
            "storage.remote.read-max-bytes-in-frame",
            "1048576",
            "Maximum number of bytes in a single frame for streaming remote read."));
    later(duration("storage.remote.flush-deadline", "1m", "How long to wait flushing samples."));
    later(number("web.search.max-limit", "10000", "Maximum results of the search API."));
    later(
        duration(
            "rules.alert.for-outage-tolerance",
            "1h",
            "Max time to tolerate prometheus outage for restoring \"for\" state of alert."));
    later(
        duration(
            "rules.alert.for-grace-period",
            "10m",
            "Minimum duration between alert and restored \"for\" state."));
    later(
        duration(
            "rules.alert.resend-delay",
            "1m",
            "Minimum amount of time to wait before resending an alert to Alertmanager."));
    later(
        number(
            "rules.max-concurrent-evals",
            "4",
            "Global concurrency limit for independent rules that can run concurrently."));
    later(
        number(
            "alertmanager.notification-queue-capacity",
            "10000",
            "The capacity of the queue for pending Alertmanager notifications."));
    later(
        number(
            "alertmanager.notification-batch-size",
            "256",
            "The maximum number of notifications per batch to send to the Alertmanager."));
    later(
        flags.bool(
            "alertmanager.drain-notification-queue-on-shutdown",
            true,
            "Send any outstanding Alertmanager notifications when shutting down."));
    declareHiddenLater();
    declareAgent();
  }

  private void declareHiddenLater() {
    // With the smallest range equal to the largest, blocks are not compacted further: nothing to
    // do.
    duration("storage.tsdb.max-block-duration", "0s", "Maximum duration compacted blocks may span.")
        .hidden();
    later(
        bytes(
                "storage.tsdb.max-block-chunk-segment-size",
                "0B",
                "The maximum size for a single chunk segment in a block.")
            .hidden());
    later(
        flags
            .bool("storage.tsdb.allow-overlapping-compaction", true, "Compact overlapping blocks.")
            .hidden());
    later(
        number("storage.tsdb.delayed-compaction.max-percent", "10", "Most delay of a compaction.")
            .hidden());
    later(
        duration("storage.tsdb.block-reload-interval", "1m", "Interval of looking for blocks.")
            .hidden());
  }

  private void declareAgent() {
    flags.text("storage.agent.path", "data-agent/", "Base path for metrics storage.");
    flags.bool("storage.agent.wal-compression", true, "Compress the agent WAL.");
    duration("storage.agent.retention.min-time", "5m", "Minimum age samples may be.");
    duration("storage.agent.retention.max-time", "4h", "Maximum age samples may be.");
    flags.bool("storage.agent.no-lockfile", false, "Do not create lockfile.");
    flags.bool("storage.agent.checkpoint-from-in-memory-series", false, "Checkpoint from memory.");
    number("storage.agent.checkpoint-batch-size", "1000", "Series per batch of a checkpoint.");
    bytes("storage.agent.wal-segment-size", "0B", "Size of a segment.").hidden();
    flags
        .choice(
            "storage.agent.wal-compression-type",
            "snappy",
            List.of("snappy", "zstd"),
            "Compression algorithm for the agent WAL.")
        .hidden();
    duration("storage.agent.wal-truncate-frequency", "2h", "Frequency of truncation.").hidden();
    flags.bool("write-documentation", false, "Generate command line documentation.").hidden();
  }

  private void later(Flag<?> flag) {
    later.add(flag);
  }

  private Flag<Duration> duration(String name, String absent, String text) {
    return flags.value(name, absent, PrometheusFlags::durationOf, text).printed(Durations::print);
  }

  private static Duration durationOf(String text) {
    return text.equals("0s") ? Duration.ZERO : Durations.parse(text);
  }

  private Flag<Long> bytes(String name, String absent, String text) {
    return flags
        .value(name, absent, (Function<String, Long>) ByteSizes::parse, text)
        .printed(ByteSizes::print);
  }

  private Flag<Long> number(String name, String absent, String text) {
    return flags.value(name, absent, Long::valueOf, text);
  }

  private void ratio(String name, String absent, String text) {
    flags.value(name, absent, Double::valueOf, text);
  }

  /** The table itself. */
  Flags table() {
    return flags;
  }

  /** Whether a feature is asked for. */
  boolean has(String feature) {
    return asked().contains(feature);
  }

  private Set<String> asked() {
    Set<String> asked = new TreeSet<>();
    for (String each : features.value()) {
      for (String name : each.split(",", -1)) {
        if (!name.isBlank()) {
          asked.add(name.strip());
        }
      }
    }
    return asked;
  }

  /** Says in the log, once each, what is asked for and still to come, or not known at all. */
  void tellWhatIsStillToCome() {
    for (Flag<?> flag : later) {
      if (flag.isChanged()) {
        LOG.atWarn()
            .addKeyValue("flag", "--" + flag.name())
            .log("This flag is accepted, but has no effect yet");
      }
    }
    for (String feature : asked()) {
      if (FEATURES_LATER.contains(feature)) {
        LOG.atWarn()
            .addKeyValue("feature", feature)
            .log("This feature is accepted, but has no effect yet");
      } else if (FEATURES_BY_DEFAULT.contains(feature)) {
        LOG.atInfo()
            .addKeyValue("option", feature)
            .log(
                "This option for --enable-feature is now permanently enabled and therefore a no-op.");
      } else if (!FEATURES.contains(feature)) {
        LOG.atWarn().addKeyValue("option", feature).log("Unknown option for --enable-feature");
      }
    }
  }
}
