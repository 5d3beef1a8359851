package io.narthex.discovery;

import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;

/** What discovery tells about itself, under upstream's names. */
public final class DiscoveryMetrics {

  final Gauge discoveredTargets;
  final Counter receivedUpdates;
  final Counter sentUpdates;
  final Gauge failedConfigs;
  final Gauge lastUpdate;
  private final Counter watcherErrors;
  private final Counter fileReadErrors;
  private final Gauge fileTime;
  private final Summary fileScanDuration;
  private final String name;

  /**
   * Registers the metrics.
   *
   * @param name what the targets are for, as in upstream's label: {@code scrape} or {@code notify}
   */
  public DiscoveryMetrics(PrometheusRegistry registry, String name) {
    this.name = name;
    discoveredTargets =
        Gauge.builder()
            .name("prometheus_sd_discovered_targets")
            .help("Current number of discovered targets.")
            .labelNames("name", "config")
            .register(registry);
    receivedUpdates =
        Counter.builder()
            .name("prometheus_sd_received_updates_total")
            .help("Total number of update events received from the SD providers.")
            .labelNames("name")
            .register(registry);
    sentUpdates =
        Counter.builder()
            .name("prometheus_sd_updates_total")
            .help("Total number of update events sent to the SD consumers.")
            .labelNames("name")
            .register(registry);
    failedConfigs =
        Gauge.builder()
            .name("prometheus_sd_failed_configs")
            .help("Current number of service discovery configurations that failed to load.")
            .labelNames("name")
            .register(registry);
    lastUpdate =
        Gauge.builder()
            .name("prometheus_sd_last_update_timestamp_seconds")
            .help("Timestamp of the last update sent to the SD consumers.")
            .labelNames("name", "config")
            .register(registry);
    watcherErrors =
        Counter.builder()
            .name("prometheus_sd_file_watcher_errors_total")
            .help("The number of File-SD errors caused by filesystem watch failures.")
            .register(registry);
    fileReadErrors =
        Counter.builder()
            .name("prometheus_sd_file_read_errors_total")
            .help("The number of File-SD read errors.")
            .register(registry);
    fileTime =
        Gauge.builder()
            .name("prometheus_sd_file_mtime_seconds")
            .help("Timestamp (mtime) of files read by FileSD. Timestamp is set at read time.")
            .labelNames("filename")
            .register(registry);
    fileScanDuration =
        Summary.builder()
            .name("prometheus_sd_file_scan_duration_seconds")
            .help("The duration of the File-SD scan in seconds.")
            .quantile(0.5, 0.05)
            .quantile(0.9, 0.01)
            .quantile(0.99, 0.001)
            .register(registry);
    failedConfigs.labelValues(name).set(0);
    receivedUpdates.labelValues(name).inc(0);
    sentUpdates.labelValues(name).inc(0);
    watcherErrors.inc(0);
    fileReadErrors.inc(0);
  }

  String name() {
    return name;
  }

  /** A file could not be read or understood. */
  public void fileFailed() {
    fileReadErrors.inc();
  }

  /** A folder could not be watched. */
  public void watchFailed() {
    watcherErrors.inc();
  }

  /** A file was read. */
  public void fileRead(String file, double modifiedSeconds) {
    fileTime.labelValues(file).set(modifiedSeconds);
  }

  /** A file is no longer there. */
  public void fileGone(String file) {
    fileTime.remove(file);
  }

  /** All files of one configuration were looked at. */
  public void filesScanned(double seconds) {
    fileScanDuration.observe(seconds);
  }
}
