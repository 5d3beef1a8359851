package io.narthex.server;

import io.narthex.api.port.ServerView;
import io.narthex.base.time.Clock;
import io.narthex.server.config.Configuration;
import io.prometheus.metrics.core.metrics.Gauge;
import io.prometheus.metrics.core.metrics.Info;
import io.prometheus.metrics.model.registry.PrometheusRegistry;
import io.prometheus.metrics.model.snapshots.CounterSnapshot;
import io.prometheus.metrics.model.snapshots.MetricSnapshot;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What the server is and how it fares, for the API and its own metrics. Thread-safe. */
final class ServerStatus implements ServerView {

  /** What the API may tell the server to do. */
  interface Control {

    /** Reads the configuration again. */
    void reload();

    /** Begins to end the program. */
    void quit();
  }

  private static final String RELOAD_FAILED = "Configuration reload has failed.";
  private static final String STARTING =
      "Prometheus is starting and replaying the write-ahead log (WAL).";
  private static final String STOPPING =
      "Prometheus is shutting down and gracefully stopping all operations.";

  private final Clock clock;
  private final PrometheusFlags flags;
  private final Control control;
  private final PrometheusRegistry registry;
  private final Supplier<String> retention;
  private final long started;
  private final Gauge successful;
  private final Gauge successTime;
  private final Gauge ready;
  private volatile State state = State.STARTING;
  private volatile String configuration = "";
  private volatile boolean lastReloadSuccess = true;
  private volatile long lastReload;
  private volatile long lastFailure;

  ServerStatus(
      Clock clock,
      PrometheusFlags flags,
      Control control,
      Supplier<String> retention,
      PrometheusRegistry registry) {
    this.clock = clock;
    this.flags = flags;
    this.control = control;
    this.registry = registry;
    this.retention = retention;
    this.started = clock.millis();
    successful =
        Gauge.builder()
            .name("prometheus_config_last_reload_successful")
            .help("Whether the last configuration reload attempt was successful.")
            .register(registry);
    successTime =
        Gauge.builder()
            .name("prometheus_config_last_reload_success_timestamp_seconds")
            .help("Timestamp of the last successful configuration reload.")
            .register(registry);
    ready =
        Gauge.builder()
            .name("prometheus_ready")
            .help("Whether Prometheus startup was fully completed and the server is ready.")
            .register(registry);
    Build build = build();
    Info.builder()
        .name("prometheus_build_info")
        .help(
            "A metric with a constant '1' value labeled by version, revision, branch, goversion from"
                + " which prometheus was built, and the goos and goarch for the build.")
        .labelNames("branch", "goarch", "goos", "goversion", "revision", "tags", "version")
        .register(registry)
        .addLabelValues(
            build.branch(),
            BuildInfo.architecture(),
            BuildInfo.os(),
            build.goVersion(),
            build.revision(),
            "narthex",
            build.version());
  }

  /** Shows a configuration, of which perhaps not all is in force. */
  void shows(Configuration now) {
    configuration = now.yaml();
  }

  /** Notes that a configuration is in force as a whole. */
  void reloaded() {
    lastReloadSuccess = true;
    lastReload = clock.millis();
    successful.set(1);
    successTime.set(lastReload / 1e3);
  }

  /** Notes that a reload failed. */
  void reloadFailed() {
    lastFailure = clock.millis();
    lastReloadSuccess = false;
    successful.set(0);
  }

  void become(State next) {
    state = next;
    ready.set(next == State.READY ? 1 : 0);
  }

  @Override
  public State state() {
    return state;
  }

  @Override
  public Build build() {
    return BuildInfo.build();
  }

  @Override
  public Runtime runtime() {
    java.lang.Runtime jvm = java.lang.Runtime.getRuntime();
    return new Runtime(
        started,
        Path.of("").toAbsolutePath().toString(),
        ExternalAddress.hostname(),
        lastReloadSuccess,
        lastReload,
        corruptions(),
        ProcessMetrics.threads(),
        jvm.availableProcessors(),
        jvm.maxMemory(),
        retention.get());
  }

  /** How often the log had to be cut, as the database's own metric says. */
  private long corruptions() {
    double all = 0;
    for (MetricSnapshot metric :
        registry.scrape(name -> name.startsWith("prometheus_tsdb_wal_corruptions"))) {
      if (metric instanceof CounterSnapshot counter) {
        all += counter.getDataPoints().stream().mapToDouble(point -> point.getValue()).sum();
      }
    }
    return (long) all;
  }

  @Override
  public String configuration() {
    return configuration;
  }

  @Override
  public Map<String, String> flags() {
    return flags.table().values();
  }

  @Override
  public List<Notification> notifications() {
    return switch (state) {
      case STARTING -> List.of(new Notification(STARTING, started, true));
      case STOPPING -> List.of(new Notification(STOPPING, clock.millis(), true));
      case READY ->
          lastReloadSuccess
              ? List.of()
              : List.of(new Notification(RELOAD_FAILED, lastFailure, true));
    };
  }

  @Override
  public Map<String, Map<String, Boolean>> features() {
    return Features.of(flags);
  }

  @Override
  public void reload() {
    control.reload();
  }

  @Override
  public void quit() {
    control.quit();
  }
}
