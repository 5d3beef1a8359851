package io.narthex.discovery;

import io.narthex.discovery.metrics.KubernetesMetrics;
import io.narthex.discovery.metrics.MechanismMetrics;
import io.narthex.discovery.metrics.RefreshMetrics;
import io.prometheus.metrics.core.metrics.Counter;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Summary;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import java.util.HashSet;
import java.util.Set;

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
  private final RefreshMetrics refresh;
  private final MechanismMetrics mechanisms;
  private final KubernetesMetrics kubernetes;
  private final Counter delayedUpdates;
  private final Set<Object> broken = new HashSet<>();

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
    delayedUpdates =
        Counter.builder()
            .name("prometheus_sd_updates_delayed_total")
            .help("Total number of update events that couldn't be sent immediately.")
            .labelNames("name")
            .register(registry);
    refresh = new RefreshMetrics(registry);
    mechanisms = new MechanismMetrics(registry);
    kubernetes = new KubernetesMetrics(registry);
    failedConfigs.labelValues(name).set(0);
    delayedUpdates.labelValues(name).inc(0);
    receivedUpdates.labelValues(name).inc(0);
    sentUpdates.labelValues(name).inc(0);
    watcherErrors.inc(0);
    fileReadErrors.inc(0);
  }

  String name() {
    return name;
  }

  /** Targets could not be handed on; they will be again. */
  void delayed() {
    delayedUpdates.labelValues(name).inc();
  }

  /** A search that cannot be opened, until it is {@link #opened} or {@link #ended}. */
  public synchronized void failed(Object search) {
    broken.add(search);
    failedConfigs.labelValues(name).set(broken.size());
  }

  /** A search was opened, perhaps after failures. */
  public synchronized void opened(Object search) {
    broken.remove(search);
    failedConfigs.labelValues(name).set(broken.size());
  }

  /** A search is over. */
  void ended(Object search) {
    opened(search);
  }

  /** What is counted of mechanisms that ask again and again. */
  public RefreshMetrics refresh() {
    return refresh;
  }

  /** What single mechanisms count. */
  public MechanismMetrics mechanisms() {
    return mechanisms;
  }

  /** What is counted of Kubernetes. */
  public KubernetesMetrics kubernetes() {
    return kubernetes;
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
