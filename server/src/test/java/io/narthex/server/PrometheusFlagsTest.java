package io.narthex.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.narthex.model.duration.ByteSizes;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The table of Prometheus 3.14 with its defaults, and what we add to it. */
final class PrometheusFlagsTest {

  private static final String DEFAULTS =
      """
      agent=false
      alertmanager.drain-notification-queue-on-shutdown=true
      alertmanager.notification-batch-size=256
      alertmanager.notification-queue-capacity=10000
      auto-gomaxprocs=true
      auto-gomemlimit=true
      auto-gomemlimit.ratio=0.9
      auto-gomemlimit.refresh-interval=0s
      config.auto-reload=false
      config.auto-reload-interval=30s
      config.file=prometheus.yml
      enable-feature=
      log.format=logfmt
      log.level=info
      query.lookback-delta=5m
      query.max-concurrency=20
      query.max-samples=50000000
      query.timeout=2m
      rules.alert.for-grace-period=10m
      rules.alert.for-outage-tolerance=1h
      rules.alert.resend-delay=1m
      rules.max-concurrent-evals=4
      scrape.adjust-timestamps=true
      scrape.discovery-reload-interval=5s
      scrape.stale-on-shutdown=false
      scrape.timestamp-tolerance=2ms
      storage.agent.checkpoint-batch-size=1000
      storage.agent.checkpoint-from-in-memory-series=false
      storage.agent.no-lockfile=false
      storage.agent.path=data-agent/
      storage.agent.retention.max-time=0s
      storage.agent.retention.min-time=0s
      storage.agent.wal-compression=true
      storage.agent.wal-compression-type=snappy
      storage.agent.wal-segment-size=0B
      storage.agent.wal-truncate-frequency=0s
      storage.remote.flush-deadline=1m
      storage.remote.read-concurrent-limit=10
      storage.remote.read-max-bytes-in-frame=1048576
      storage.remote.read-sample-limit=50000000
      storage.tsdb.allow-overlapping-compaction=true
      storage.tsdb.block-reload-interval=1m
      storage.tsdb.delay-compact-file.path=
      storage.tsdb.delayed-compaction.max-percent=10
      storage.tsdb.head-chunks-write-queue-size=0
      storage.tsdb.head-image-samples=2000000
      storage.tsdb.max-block-chunk-segment-size=0B
      storage.tsdb.max-block-duration=1d12h
      storage.tsdb.max-head-series=0
      storage.tsdb.min-block-duration=2h
      storage.tsdb.no-lockfile=false
      storage.tsdb.path=data/
      storage.tsdb.retention.size=0B
      storage.tsdb.retention.time=15d
      storage.tsdb.samples-per-chunk=120
      storage.tsdb.wal-compression=true
      storage.tsdb.wal-compression-type=snappy
      storage.tsdb.wal-segment-size=0B
      web.config.file=
      web.console.libraries=console_libraries
      web.console.templates=consoles
      web.cors.origin=.*
      web.enable-admin-api=false
      web.enable-lifecycle=false
      web.enable-otlp-receiver=false
      web.enable-remote-write-receiver=false
      web.external-url=
      web.listen-address=0.0.0.0:9090
      web.max-connections=512
      web.max-notifications-subscribers=16
      web.page-title=Prometheus Time Series Collection and Processing Server
      web.read-timeout=5m
      web.remote-write-receiver.accepted-protobuf-messages=prometheus.WriteRequest,io.prometheus.write.v2.Request
      web.route-prefix=/
      web.search.max-limit=10000
      web.user-assets=
      write-documentation=false
      """;

  private final PrometheusFlags flags = new PrometheusFlags();

  private PrometheusFlags parsed(String... arguments) {
    flags.table().parse(List.of(arguments));
    flags.derive();
    return flags;
  }

  @Test
  void everyFlagWithItsDefault() {
    Map<String, String> expected = new TreeMap<>();
    DEFAULTS.lines().forEach(line -> expected.put(line.split("=", 2)[0], line.split("=", 2)[1]));
    Map<String, String> values = new TreeMap<>(parsed().table().values());
    // Four fifths of the heap, which is sized by the machine.
    assertThat(ByteSizes.parse(String.valueOf(values.remove("query.max-memory-total"))))
        .isBetween(
            Runtime.getRuntime().maxMemory() / 5 * 4 - (1 << 20),
            Runtime.getRuntime().maxMemory() / 5 * 4);
    expected.put("query.max-memory", "0B");
    expected.put("config.expand-values", "false");
    assertThat(values).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "--storage.tsdb.retention.time=1h, storage.tsdb.max-block-duration, 2h",
    "--storage.tsdb.retention.time=100d, storage.tsdb.max-block-duration, 10d",
    "--storage.tsdb.retention.time=9y, storage.tsdb.max-block-duration, 31d",
    "--web.external-url=http://h/prom/, web.route-prefix, /prom",
    "--web.external-url=/prom, web.route-prefix, /prom",
    "--web.route-prefix=x/, web.route-prefix, /x",
    "--storage.remote.read-sample-limit=5e3, storage.remote.read-sample-limit, 5000",
    "--storage.tsdb.retention.size=512MB, storage.tsdb.retention.size, 512MiB"
  })
  void valuesThatFollowFromOthers(String argument, String flag, String value) {
    assertThat(parsed(argument).table().values()).containsEntry(flag, value);
  }

  @Test
  void featuresAreListsAndRepeat() {
    FeatureFlags features =
        parsed("--enable-feature=a,promql-experimental-functions", "--enable-feature=b").features();
    assertThat(features.has("a")).isTrue();
    assertThat(features.has("b")).isTrue();
    assertThat(features.has("promql-experimental-functions")).isTrue();
    assertThat(features.has("c")).isFalse();
  }

  @Test
  void theHelpNamesAllThatIsVisible() {
    assertThat(flags.table().help(80))
        .startsWith("usage: prometheus [<flags>]\n\nThe Prometheus monitoring server\n")
        .contains("      --config.file=\"prometheus.yml\"  \n")
        .contains("      --[no-]web.enable-lifecycle  \n")
        .contains("      --web.external-url=<URL>   The URL under which Prometheus is externally\n")
        .contains("      --storage.tsdb.retention.time=STORAGE.TSDB.RETENTION.TIME  \n")
        .doesNotContain("min-block-duration");
  }
}
